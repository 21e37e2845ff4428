package io.nexusd.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;

/** For every key of the configuration a value to change it to. They come from the table of keys, so none is forgotten. */
public final class KeyValues {
    private KeyValues() {}

    /** Returns what is in force where nobody sets the key, as it is shown. */
    public static String defaultText(String key) {
        return Keys.BY_PATH.get(key).defaultText();
    }

    /**
     * Returns a valid value for each key, in the order of their documentation, that is neither the default nor the usual one.
     *
     * @param usual values in use, by key; where there is none it is the default
     * @param fitting values for the keys for which not every valid value is good where the daemon runs
     */
    public static Map<String, String> changes(Map<String, String> usual, Map<String, String> fitting) {
        assertThat(Keys.BY_PATH).as("known keys").containsKeys(fitting.keySet().toArray(String[]::new));
        Map<String, String> values = new LinkedHashMap<>();
        for (Key<?> key : Keys.ALL) {
            String value = fitting.containsKey(key.path()) ? fitting.get(key.path()) : Samples.first(key);
            assertThat(key.type().parse(value).value())
                    .as(key.path() + " " + value)
                    .isPresent();
            assertThat(value).as(key.path()).isNotEqualTo(usual.getOrDefault(key.path(), key.defaultText()));
            values.put(key.path(), value);
        }
        return values;
    }
}
