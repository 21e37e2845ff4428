package io.nexusd.config;

import java.util.Map;
import java.util.Optional;

/** The value in force of each key. A key whose text was wrong has none. */
record Values(Map<Key<?>, Value<?>> byKey) {
    /**
     * A value in force.
     *
     * @param text the one way this value is written
     * @param source who set it, or {@code default}
     */
    record Value<T>(T value, String text, String source) {}

    Values {
        byKey = Map.copyOf(byKey);
    }

    // The map is filled from Key<T> to Value<T> only.
    @SuppressWarnings("unchecked")
    <T> Optional<Value<T>> find(Key<T> key) {
        return Optional.ofNullable((Value<T>) byKey.get(key));
    }

    <T> T get(Key<T> key) {
        return find(key).orElseThrow().value();
    }
}
