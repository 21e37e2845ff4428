package io.nexusd.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The known name that was probably meant by an unknown one. */
final class Suggestion {
    /** Comparing is quadratic in length; nothing this long is a typing error. */
    private static final int MAX_LENGTH = 80;

    /** Everything is near to something this short. */
    private static final int MIN_LENGTH = 3;

    private static final int FAR = Integer.MAX_VALUE;

    private Suggestion() {}

    /** Returns {@code "; did you mean 'x'?"}, or nothing when no known name is near. */
    static String near(String unknown, Collection<String> known) {
        String wanted = normal(unknown);
        if (wanted.length() < MIN_LENGTH || wanted.length() > MAX_LENGTH) {
            return "";
        }
        String nearest = "";
        int least = FAR;
        for (String name : known) {
            int distance = distance(wanted, normal(name));
            if (distance < least) {
                least = distance;
                nearest = name;
            }
        }
        return least == FAR ? "" : "; did you mean '" + nearest + "'?";
    }

    /**
     * As {@link #near}; where no name is near, {@code "; the nearest key is 'x'"}: the one with the most words in common, of
     * these the one with the fewest editing steps.
     */
    static String nearest(String unknown, Collection<String> known) {
        String near = near(unknown, known);
        if (!near.isEmpty() || unknown.length() > MAX_LENGTH) {
            return near;
        }
        List<String> words = List.of(normal(unknown).split("-"));
        return known.stream()
                .min(Comparator.comparingLong((String name) -> -words.stream()
                                .filter(List.of(normal(name).split("-"))::contains)
                                .count())
                        .thenComparingInt(name -> steps(normal(unknown), normal(name))))
                .map(name -> "; the nearest key is '" + name + "'")
                .orElse("");
    }

    /** Editing steps to the name, or to its last part when the section was left out or wrong; {@link #FAR} if too many. */
    private static int distance(String wanted, String name) {
        int whole = nearSteps(wanted, name);
        int dot = name.lastIndexOf('.');
        if (dot < 0) {
            return whole;
        }
        int part = nearSteps(wanted.substring(wanted.lastIndexOf('.') + 1), name.substring(dot + 1));
        // Of two that are equally near the one with the right section was meant.
        return Math.min(whole, part == FAR ? FAR : part + 1);
    }

    private static int nearSteps(String wanted, String name) {
        int steps = steps(wanted, name);
        return steps <= tolerance(wanted.length()) ? steps : FAR;
    }

    /** Two letters exchanged are two steps. In a short word they make another word. */
    private static int tolerance(int length) {
        if (length < 5) {
            return 1;
        }
        return length < 16 ? 2 : 3;
    }

    /** Without what all names of a kind begin with, which would make any two of them look alike. */
    private static String normal(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-').replaceFirst("^(--|nexusd-)", "");
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
