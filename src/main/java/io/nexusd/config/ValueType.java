package io.nexusd.config;

/**
 * What the text of a key may be and what it means.
 *
 * @param <T> the type it has in {@link io.nexusd.model.Settings}
 */
interface ValueType<T> {
    /** Reads the text as it was written; never throws. */
    Parsed<T> parse(String text);

    /** Returns what is allowed, as a noun phrase for error texts and documentation. */
    String rule();

    /** Returns the one way this value is written: equal values have equal texts, which {@link #parse} reads back. */
    default String text(T value) {
        return String.valueOf(value);
    }

    /** Tells whether a YAML list may stand for the comma-separated text. */
    default boolean isList() {
        return false;
    }
}
