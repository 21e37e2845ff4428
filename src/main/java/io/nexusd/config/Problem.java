package io.nexusd.config;

/**
 * One thing wrong with the configuration. All of them are reported together.
 *
 * @param key the key or flag as the user wrote it
 * @param value the offending value, empty when the key itself is the problem
 * @param source where it was written: {@code flag --mesh-port}, {@code environment MESH_PORT}, {@code file /path line 3}
 * @param rule which rule it breaks, and the remedy
 */
public record Problem(String key, String value, String source, String rule) {
    /** Returns the problem on one line. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder(Show.plain(key));
        if (!value.isEmpty()) {
            line.append(": ").append(Show.quoted(value));
        }
        if (!source.isEmpty()) {
            line.append(" (").append(source).append(')');
        }
        return line.append(": ").append(rule).toString();
    }
}
