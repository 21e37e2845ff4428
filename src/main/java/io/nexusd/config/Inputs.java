package io.nexusd.config;

import java.util.Map;

/**
 * The sources of the configuration. Flags and environment are as they were at the start of the process; the files are read
 * anew at each load.
 *
 * @param flags flag name to its text
 */
record Inputs(Map<String, String> flags, Map<String, String> environment, FileSource files) {
    Inputs {
        flags = Map.copyOf(flags);
        environment = Map.copyOf(environment);
    }
}
