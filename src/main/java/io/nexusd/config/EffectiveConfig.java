package io.nexusd.config;

import io.nexusd.bus.Configuration.Entry;
import io.nexusd.config.Values.Value;
import io.nexusd.model.Settings;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** A valid configuration: the value of every key and who set it. Immutable. */
public final class EffectiveConfig {
    private final Inputs inputs;
    private final Values values;
    private final Settings settings;
    private final Optional<String> file;
    private final boolean emptyFile;
    private final String digest;

    private EffectiveConfig(Inputs inputs, Values values, Snapshot files) {
        this.inputs = inputs;
        this.values = values;
        file = files.used();
        emptyFile = files.isEmpty();
        settings = SettingsFactory.from(values);
        digest = digest(values);
    }

    static EffectiveConfig of(Inputs inputs, Values values, Snapshot files) {
        return new EffectiveConfig(inputs, values, files);
    }

    /** Returns the values as the tree that the verticles read. */
    public Settings settings() {
        return settings;
    }

    /** Returns the configuration file or directory in use, if any. */
    public Optional<String> file() {
        return file;
    }

    /** Tells whether there are configuration files, and nothing was in any of them. */
    boolean hasEmptyFile() {
        return emptyFile;
    }

    /** Returns the SHA-256 over all keys and values, in hexadecimal; the same for the same values, whoever set them. */
    public String digest() {
        return digest;
    }

    /** Returns every key with its value as text and its source, in the order of the documentation. Secrets are hidden. */
    public List<Entry> entries() {
        return Keys.ALL.stream()
                .map(key -> new Entry(key.path(), shown(key), value(key).source()))
                .toList();
    }

    /** Returns the keys whose value differs in the other one. */
    List<Key<?>> changedKeys(EffectiveConfig other) {
        List<Key<?>> changed = new ArrayList<>();
        for (Key<?> key : Keys.ALL) {
            if (!value(key).text().equals(other.value(key).text())) {
                changed.add(key);
            }
        }
        return changed;
    }

    /** Tells whether no source sets {@code admin.port}, so that the daemon may do without it. */
    public boolean isAdminPortDefault() {
        return value(Keys.ADMIN_PORT).source().equals(Evaluation.DEFAULT);
    }

    Inputs inputs() {
        return inputs;
    }

    /** Returns the value as it may be shown to people. */
    String shown(Key<?> key) {
        return key.shown(value(key).text());
    }

    Value<?> value(Key<?> key) {
        return values.find(key).orElseThrow();
    }

    private static String digest(Values values) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            for (Key<?> key : Keys.ALL) {
                String line = key.path() + "=" + values.find(key).orElseThrow().text() + "\n";
                sha256.update(line.getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
