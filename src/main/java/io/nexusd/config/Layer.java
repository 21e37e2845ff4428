package io.nexusd.config;

import java.util.List;
import java.util.Map;

/**
 * The values of one source, and what is wrong with it as far as that shows without knowing the types of the keys.
 *
 * @param warnings what is ignored and stops nothing
 */
record Layer(Map<Key<?>, RawValue> values, List<Problem> problems, List<Problem> warnings) {
    Layer {
        values = Map.copyOf(values);
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
    }

    Layer(Map<Key<?>, RawValue> values, List<Problem> problems) {
        this(values, problems, List.of());
    }
}
