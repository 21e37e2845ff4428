package io.nexusd.config;

import java.util.regex.Pattern;

/** Texts of others made fit for one line of a terminal or log. */
final class Show {
    private static final int MAX_SHOWN = 120;

    /** In user:password@host, which some write where only a host belongs. */
    private static final Pattern PASSWORD = Pattern.compile(":[^\\s:/@,]+@");

    /** Far fewer than YAML takes without quotes; a colon is safe before anything but a blank. */
    private static final Pattern UNQUOTED = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._,:/%-]*[A-Za-z0-9])?");

    private Show() {}

    /** Returns the text in quotes, control characters escaped, a password hidden and the end left out when it is long. */
    static String quoted(String text) {
        return "'" + plain(text) + "'";
    }

    /** As {@link #quoted}, without the quotes. */
    static String plain(String text) {
        String safe = PASSWORD.matcher(text).replaceAll(":(hidden)@");
        String shortened = safe.length() <= MAX_SHOWN
                ? safe
                : safe.substring(0, MAX_SHOWN - 20) + "... (" + text.length() + " characters)";
        StringBuilder shown = new StringBuilder(shortened.length());
        shortened.codePoints().forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE) {
                shown.append(String.format("\\u%04x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }

    /** Returns the text, which has no control characters, as a YAML scalar; nothing for the empty text, which is not set. */
    static String yaml(String text) {
        boolean plain = text.isEmpty() || (UNQUOTED.matcher(text).matches() && !text.equals("null"));
        return plain ? text : "'" + text.replace("'", "''") + "'";
    }
}
