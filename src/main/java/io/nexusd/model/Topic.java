package io.nexusd.model;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The rules of topic names and topic filters: levels separated by {@code /}, UTF-8, case-sensitive. Both are plain strings
 * everywhere; these functions say what is wrong with one, or nothing.
 */
public final class Topic {
    /** Longest topic or filter, in bytes of UTF-8. */
    public static final int MAX_BYTES = 256;

    /** Most levels in a topic or filter. */
    public static final int MAX_LEVELS = 32;

    private Topic() {}

    /** Returns which rule the topic of a publish breaks, with the remedy; empty when it may be published to. */
    public static Optional<String> problemWithTopic(String topic) {
        Optional<String> problem = problemWithLevels("topic", topic);
        if (problem.isPresent()) {
            return problem;
        }
        if (topic.charAt(0) == '$') {
            return Optional.of("topic " + quoted(topic) + " begins with '$'; those topics are the daemon's own");
        }
        if (topic.indexOf('+') >= 0 || topic.indexOf('#') >= 0) {
            return Optional.of("topic " + quoted(topic)
                    + " contains a wildcard ('+' or '#'); publish to one topic without wildcards");
        }
        return Optional.empty();
    }

    /** Returns which rule the filter of a subscription breaks, with the remedy; empty when it may be subscribed to. */
    public static Optional<String> problemWithFilter(String filter) {
        Optional<String> problem = problemWithLevels("filter", filter);
        if (problem.isPresent()) {
            return problem;
        }
        int start = 0;
        while (start <= filter.length()) {
            int slash = filter.indexOf('/', start);
            int end = slash < 0 ? filter.length() : slash;
            boolean alone = end - start == 1;
            for (int i = start; i < end; i++) {
                char c = filter.charAt(i);
                if ((c == '+' || c == '#') && !alone) {
                    return Optional.of("filter " + quoted(filter) + " mixes '" + c
                            + "' with other characters in a level; a wildcard stands alone in its level");
                }
                if (c == '#' && slash >= 0) {
                    return Optional.of("filter " + quoted(filter)
                            + " has '#' before its end; '#' is only allowed as the last level");
                }
            }
            start = end + 1;
        }
        return Optional.empty();
    }

    /** Tells whether a valid filter matches a valid topic. */
    public static boolean matches(String filter, String topic) {
        String[] wanted = filter.split("/", -1);
        String[] levels = topic.split("/", -1);
        boolean own = topic.charAt(0) == '$';
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i].equals("#")) {
                return !(own && i == 0);
            }
            if (i == levels.length) {
                return false;
            }
            boolean any = wanted[i].equals("+") && !(own && i == 0);
            if (!any && !wanted[i].equals(levels[i])) {
                return false;
            }
        }
        return wanted.length == levels.length;
    }

    /** Tells whether the filter contains a wildcard level. */
    public static boolean hasWildcard(String filter) {
        return filter.indexOf('+') >= 0 || filter.indexOf('#') >= 0;
    }

    private static Optional<String> problemWithLevels(String what, String text) {
        if (text.isEmpty()) {
            return Optional.of(what + " is empty; it needs 1 to " + MAX_BYTES + " bytes");
        }
        // A char is at least one byte of UTF-8, so the cheap test spares the encoding of hopeless cases.
        int bytes = text.length() > MAX_BYTES ? text.length() : text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_BYTES) {
            return Optional.of(
                    what + " has more than " + MAX_BYTES + " bytes of UTF-8; at most " + MAX_BYTES + " are allowed");
        }
        int levels = 1;
        int levelStart = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                return Optional.of(what + " " + quoted(text) + " contains a control character at position " + i
                        + "; none is allowed");
            }
            if (Character.isSurrogate(c)) {
                boolean paired = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!paired) {
                    return Optional.of(what + " is not valid UTF-8 at position " + i);
                }
                i++;
            } else if (c == '/') {
                if (i == levelStart) {
                    return Optional.of(emptyLevel(what, text));
                }
                levels++;
                levelStart = i + 1;
            }
        }
        if (levelStart == text.length()) {
            return Optional.of(emptyLevel(what, text));
        }
        if (levels > MAX_LEVELS) {
            return Optional.of(
                    what + " " + quoted(text) + " has " + levels + " levels; at most " + MAX_LEVELS + " are allowed");
        }
        return Optional.empty();
    }

    private static String emptyLevel(String what, String text) {
        return what + " " + quoted(text) + " has an empty level; remove the leading, trailing or doubled '/'";
    }

    /** Returns the text in quotes with control characters replaced, so that it can be shown on one line. */
    private static String quoted(String text) {
        StringBuilder shown = new StringBuilder(text.length() + 2).append('\'');
        text.chars().forEach(c -> shown.append(Character.isISOControl(c) ? '?' : (char) c));
        return shown.append('\'').toString();
    }
}
