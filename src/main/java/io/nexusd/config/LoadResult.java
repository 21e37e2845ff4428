package io.nexusd.config;

/** What the command line and the other sources amount to. */
public sealed interface LoadResult {
    /** The daemon can start. */
    record Loaded(EffectiveConfig config) implements LoadResult {}

    /** The process writes this and ends. */
    record ShowAndExit(int exitCode, String stdout, String stderr) implements LoadResult {}
}
