package io.nexusd.config;

import java.util.Optional;

/**
 * What became of a text that should be a value: the value, or what is wrong with it.
 *
 * @param problem completes the sentence "the value ..."; empty when there is a value
 */
record Parsed<T>(Optional<T> value, String problem) {
    static <T> Parsed<T> of(T value) {
        return new Parsed<>(Optional.of(value), "");
    }

    static <T> Parsed<T> bad(String problem) {
        return new Parsed<>(Optional.empty(), problem);
    }
}
