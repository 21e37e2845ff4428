package io.nexusd.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** The known name that was probably meant by an unknown one. */
final class Suggestion {
    /** Comparing is quadratic in length; nothing this long is a typing error. */
    private static final int MAX_LENGTH = 80;

    /** Everything is near to something this short. */
    private static final int MIN_LENGTH = 3;

    private Suggestion() {}

    /** Returns {@code "; did you mean 'x'?"}, or nothing when no known name is near. */
    static String near(String unknown, Collection<String> known) {
        if (unknown.length() < MIN_LENGTH || unknown.length() > MAX_LENGTH) {
            return "";
        }
        String wanted = normal(unknown);
        return known.stream()
                .min(Comparator.comparingInt(name -> distance(wanted, name)))
                .filter(name -> distance(wanted, name) <= Math.max(1, Math.min(wanted.length() / 3, 5)))
                .map(name -> "; did you mean '" + name + "'?")
                .orElse("");
    }

    /** Editing steps to the name, or to its last part when the section was left out or wrong. */
    private static int distance(String wanted, String name) {
        String candidate = normal(name);
        int whole = steps(wanted, candidate);
        int dot = candidate.lastIndexOf('.');
        int part = dot < 0
                ? whole
                : steps(wanted.substring(wanted.lastIndexOf('.') + 1), candidate.substring(dot + 1)) + 1;
        return Math.min(whole, part);
    }

    private static String normal(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Levenshtein distance with two rows. */
    private static int steps(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
