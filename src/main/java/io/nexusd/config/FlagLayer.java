package io.nexusd.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads flags into raw values; which flags there are is {@link Flags}' business. */
final class FlagLayer {
    private FlagLayer() {}

    static Layer read(Map<String, String> flags) {
        Map<Key<?>, RawValue> values = new HashMap<>();
        for (Key<?> key : Keys.ALL) {
            key.flags().stream()
                    .filter(flags::containsKey)
                    .findFirst()
                    .ifPresent(name -> values.put(key, RawValue.of(name, flags.get(name), "flag " + name)));
        }
        return new Layer(values, List.of());
    }
}
