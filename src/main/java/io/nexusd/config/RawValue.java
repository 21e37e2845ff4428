package io.nexusd.config;

/**
 * A value as it was written.
 *
 * @param name what it was written under: a path, flag or environment name
 * @param source as the effective configuration shows it, such as {@code file /path}
 * @param place as an error shows it: the source, with the line where there is one
 * @param borrowed written under a general name that other software may use too, so it matters only when it is in force
 */
record RawValue(String name, String text, String source, String place, boolean borrowed) {
    static RawValue of(String name, String text, String source) {
        return new RawValue(name, text, source, source, false);
    }

    Problem problem(String rule) {
        return new Problem(name, text, place, rule);
    }
}
