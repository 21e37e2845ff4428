package io.nexusd.config;

import java.util.List;

/** What the command line and the other sources amount to. */
public sealed interface LoadResult {
    /**
     * The daemon can start.
     *
     * @param warnings what is ignored and stops nothing
     */
    record Loaded(EffectiveConfig config, List<Problem> warnings) implements LoadResult {
        public Loaded {
            warnings = List.copyOf(warnings);
        }
    }

    /** The process writes this and ends. */
    record ShowAndExit(int exitCode, String stdout, String stderr) implements LoadResult {}
}
