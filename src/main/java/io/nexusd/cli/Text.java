package io.nexusd.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jline.utils.WCWidth;

/** Values as people read them. */
final class Text {
    private static final long SECOND_MS = 1000;
    private static final long MINUTE_MS = 60 * SECOND_MS;
    private static final long HOUR_MS = 60 * MINUTE_MS;
    private static final long DAY_MS = 24 * HOUR_MS;

    private Text() {}

    /** Returns the text with what would move the cursor or set the colours of a terminal made visible. */
    static String safe(String text) {
        if (text.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
            return text;
        }
        return text.codePoints()
                .mapToObj(c -> Character.isISOControl(c)
                                || Character.getType(c) == Character.FORMAT
                                || Character.getType(c) == Character.LINE_SEPARATOR
                                || Character.getType(c) == Character.PARAGRAPH_SEPARATOR
                        ? String.format("\\u%04x", c)
                        : Character.toString(c))
                .collect(Collectors.joining());
    }

    /** Returns a value as it stands in a cell. */
    static String of(Object value) {
        if (value == null) {
            return "-";
        }
        if (value instanceof List<?> list) {
            return list.isEmpty()
                    ? "-"
                    : safe(list.stream().map(String::valueOf).collect(Collectors.joining(" ")));
        }
        String text = String.valueOf(value);
        return text.isEmpty() ? "-" : safe(text);
    }

    /** Returns how many columns a text takes: wide characters take two, combining ones none. */
    static int width(String text) {
        if (text.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
            return text.length();
        }
        return text.codePoints().map(c -> Math.max(0, WCWidth.wcwidth(c))).sum();
    }

    /** Returns lines of so many columns, 0 for no limit, broken between words; a longer word has a line of its own. */
    static List<String> wrap(String text, int columns) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && columns > 0 && width(line + " " + word) > columns) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    /** Returns as much of a text as so many columns hold; what is left out is marked. */
    static String cut(String text, int columns) {
        if (width(text) <= columns) {
            return text;
        }
        StringBuilder cut = new StringBuilder();
        int used = 0;
        for (int c : text.codePoints().toArray()) {
            int next = Math.max(0, WCWidth.wcwidth(c));
            if (used + next > columns - 1) {
                break;
            }
            cut.appendCodePoint(c);
            used += next;
        }
        return cut.append('…').toString();
    }

    /** Returns a duration in its two largest units. */
    static String duration(long ms) {
        if (ms < 0) {
            return "-" + duration(-ms);
        }
        if (ms < SECOND_MS) {
            return ms + " ms";
        }
        if (ms < MINUTE_MS) {
            return String.format(Locale.ROOT, "%.1f s", ms / 1000.0);
        }
        if (ms < HOUR_MS) {
            return ms / MINUTE_MS + "m " + ms % MINUTE_MS / SECOND_MS + "s";
        }
        return ms < DAY_MS
                ? ms / HOUR_MS + "h " + ms % HOUR_MS / MINUTE_MS + "m"
                : ms / DAY_MS + "d " + ms % DAY_MS / HOUR_MS + "h";
    }

    /** Returns microseconds as milliseconds. */
    static String millis(long us) {
        return String.format(Locale.ROOT, us < 10_000 ? "%.2f ms" : "%.0f ms", us / 1000.0);
    }

    /** Returns a number of bytes in a binary unit. */
    static String bytes(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        String[] units = {"KiB", "MiB", "GiB", "TiB"};
        double value = bytes;
        int unit = -1;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }

    /** Returns a rate with about three digits. */
    static String rate(double perSecond) {
        return String.format(Locale.ROOT, perSecond < 10 ? "%.1f" : "%,.0f", perSecond);
    }

    /** Returns a count of things. */
    static String count(long count, String thing) {
        return count + " " + thing + (count == 1 ? "" : "s");
    }
}
