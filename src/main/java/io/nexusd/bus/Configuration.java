package io.nexusd.bus;

import static io.nexusd.bus.Component.ADMIN;
import static io.nexusd.bus.Component.APPAPI;
import static io.nexusd.bus.Component.CONFIG;
import static io.nexusd.bus.Component.LAUNCH;
import static io.nexusd.bus.Component.MESHAPI;
import static io.nexusd.bus.Component.SYSTEMD;

import java.util.List;

/** The effective configuration and reloads of it. A changed configuration is sent to {@link Lifecycle#CONFIG_CHANGED}. */
public final class Configuration {
    /** Requests the effective configuration and the outcome of the last reload. */
    @Flow(
            from = {ADMIN, APPAPI},
            to = CONFIG)
    public static final Query<Void, Effective> EFFECTIVE = new Query<>("configuration.effective");

    /**
     * Reads the configuration files now. A rejected configuration is a reply, not a failure. The reply comes after CONFIG_CHANGED
     * where a key changed.
     */
    @Flow(from = LAUNCH, to = CONFIG)
    public static final Query<Void, ReloadResult> RELOAD = new Query<>("configuration.reload");

    /** A requested reload has begun. RELOADED follows. */
    @Flow(from = CONFIG, to = SYSTEMD)
    public static final Address<Void> RELOADING = new Address<>("configuration.reloading");

    /** A requested reload has ended. Sent after CONFIG_CHANGED where a key changed. */
    @Flow(from = CONFIG, to = SYSTEMD)
    public static final Address<ReloadResult> RELOADED = new Address<>("configuration.reloaded");

    /**
     * A valid value cannot be put into force now, such as a port that another process uses. Sent again, with an empty problem, when
     * the value is in force. Config shows it with the outcome of the last reload.
     */
    @Flow(
            from = {ADMIN, APPAPI, MESHAPI},
            to = CONFIG)
    public static final Address<NotApplied> NOT_APPLIED = new Address<>("configuration.not-applied");

    private Configuration() {}

    /**
     * Keys whose value is not in force.
     *
     * @param problem the cause and what is in force instead; empty when the value is in force again
     * @param isDefault whether the value is the default, so that running without it is no failure
     */
    public record NotApplied(String keys, String problem, boolean isDefault) {}

    /**
     * Every key with its value.
     *
     * @param digest SHA-256 over all keys and values, hexadecimal
     * @param file configuration file or directory in use, empty when there is none
     * @param watching whether edits of the files are detected
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

    /**
     * The outcome of a reload, which applies all changes or none.
     *
     * @param atMs wall clock, milliseconds since the epoch
     * @param changedKeys keys with a new value, in the order of the documentation
     * @param problems why nothing was applied, or which values could not be put into force; empty when successful
     */
    public record ReloadResult(long atMs, boolean successful, List<String> changedKeys, List<String> problems) {
        public ReloadResult {
            changedKeys = List.copyOf(changedKeys);
            problems = List.copyOf(problems);
        }
    }
}
