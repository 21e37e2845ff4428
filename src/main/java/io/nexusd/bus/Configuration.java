package io.nexusd.bus;

import java.util.List;

/** What is configured, by whom, and how the last reload went. Settings themselves travel in {@link Lifecycle}. */
public final class Configuration {
    /** The effective configuration. Answered by config; asked by appapi and admin. */
    public static final Query<EffectiveWanted, Effective> EFFECTIVE = new Query<>("configuration.effective");

    /**
     * Reads the files again now. Answered by config, with success or failure as a value, after CONFIG_CHANGED where a key
     * changed.
     */
    public static final Query<Reload, ReloadResult> RELOAD = new Query<>("configuration.reload");

    /** A reload that was asked for has begun. From config; to systemd. RELOADED follows. */
    public static final Address<Reloading> RELOADING = new Address<>("configuration.reloading");

    /** A reload that was asked for has ended, after CONFIG_CHANGED where a key changed. From config; to systemd. */
    public static final Address<ReloadResult> RELOADED = new Address<>("configuration.reloaded");

    /**
     * A validated value that cannot be put into force now, such as a port that another process has, and again when it is. From
     * meshapi, appapi and admin; to config, which shows it with the last reload.
     */
    public static final Address<NotApplied> NOT_APPLIED = new Address<>("configuration.not-applied");

    private Configuration() {}

    /**
     * Keys whose value is not in force, and why and what is instead.
     *
     * @param problem empty when it is in force again
     * @param isDefault whether nobody asked for the value, so that doing without it is no failure
     */
    public record NotApplied(String keys, String problem, boolean isDefault) {}

    /** Asks for the effective configuration. */
    public record EffectiveWanted() {}

    /**
     * Every key with its value.
     *
     * @param digest SHA-256 over all keys and values, hexadecimal
     * @param file configuration file or directory in use, empty when there is none
     * @param watching whether edits of the files are noticed by themselves
     * @param lastReload the last reload that failed or changed something; the start counts as a successful one
     */
    public record Effective(
            List<Entry> entries, String digest, String file, boolean watching, ReloadResult lastReload) {
        public Effective {
            entries = List.copyOf(entries);
        }
    }

    /** A key, its value as text (hidden when it is a secret) and its source, such as {@code flag --mesh-port}. */
    public record Entry(String key, String value, String source) {}

    /** Asks for a reload. */
    public record Reload() {}

    /** The files are being read again. */
    public record Reloading() {}

    /**
     * How a reload went: all or nothing.
     *
     * @param atMs wall clock, milliseconds since the epoch
     * @param changedKeys keys with a new value, in the order of the documentation
     * @param problems why nothing was applied, or what could not be put into force; empty when successful
     */
    public record ReloadResult(long atMs, boolean successful, List<String> changedKeys, List<String> problems) {
        public ReloadResult {
            changedKeys = List.copyOf(changedKeys);
            problems = List.copyOf(problems);
        }
    }
}
