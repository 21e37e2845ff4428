package io.nexusd.config;

import java.util.List;
import java.util.Map;

/** What one source says, and what is wrong with it as far as that shows without knowing the types of the keys. */
record Layer(Map<Key<?>, RawValue> values, List<Problem> problems) {
    Layer {
        values = Map.copyOf(values);
        problems = List.copyOf(problems);
    }
}
