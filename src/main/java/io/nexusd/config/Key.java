package io.nexusd.config;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * One configuration key: everything that flags, environment, files, checks and documentation need to know about it.
 *
 * @param path as in the file, such as {@code mesh.port}
 * @param defaultText its default as it would be written; empty where {@code defaultNote} says how it is found
 * @param defaultNote how the default comes about when it is not a fixed text, otherwise empty
 * @param flags names of command line flags that set it, the strongest first
 * @param plainNames environment names besides {@link #environmentName()}, the strongest first
 * @param effect what it does, one line
 * @param unit of its number, or empty
 * @param touches rooms that act on it and on its changes, which a test holds to the code
 * @param secret its value is never shown
 * @param <T> the type of its value
 */
record Key<T>(
        String path,
        ValueType<T> type,
        String defaultText,
        String defaultNote,
        List<String> flags,
        List<String> plainNames,
        String effect,
        String unit,
        String touches,
        boolean secret) {

    static <T> Key<T> of(String path, ValueType<T> type, String touches, String effect) {
        return new Key<>(path, type, "", "", List.of(), List.of(), effect, "", touches, false);
    }

    Key<T> defaultsTo(Object value) {
        String text = String.valueOf(value);
        return new Key<>(path, type, text, defaultNote, flags, plainNames, effect, unit, touches, secret);
    }

    Key<T> defaultIs(String note) {
        return new Key<>(path, type, defaultText, note, flags, plainNames, effect, unit, touches, secret);
    }

    Key<T> flag(String... names) {
        return new Key<>(
                path, type, defaultText, defaultNote, List.of(names), plainNames, effect, unit, touches, secret);
    }

    Key<T> environment(String... names) {
        return new Key<>(path, type, defaultText, defaultNote, flags, List.of(names), effect, unit, touches, secret);
    }

    /** Every value in {@code bytes} may be written as a size with a unit. */
    Key<T> in(String newUnit) {
        ValueType<T> unitType = newUnit.equals("bytes") ? ValueTypes.size(type) : type;
        return new Key<>(path, unitType, defaultText, defaultNote, flags, plainNames, effect, newUnit, touches, secret);
    }

    Key<T> hidden() {
        return new Key<>(path, type, defaultText, defaultNote, flags, plainNames, effect, unit, touches, true);
    }

    /** Returns the rooms that act on it, by package. */
    Set<String> rooms() {
        return Set.of(touches.split(", "));
    }

    /** Returns a value of this key as people may see it. */
    String shown(String text) {
        return secret && !text.isEmpty() ? "(hidden)" : text;
    }

    /** Returns the environment variable every key has. */
    String environmentName() {
        return "NEXUSD_" + path.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** Returns the first part of the path. */
    String section() {
        return path.substring(0, path.indexOf('.'));
    }

    /** Returns the default as documentation shows it. */
    String shownDefault() {
        return defaultNote.isEmpty() ? defaultText : defaultNote;
    }
}
