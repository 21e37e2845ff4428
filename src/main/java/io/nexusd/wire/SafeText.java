package io.nexusd.wire;

/** Text of an unauthenticated sender, made safe for a log line or a status: at most 64 characters, without control characters. */
public final class SafeText {
    private static final int MAX_CHARS = 64;

    private SafeText() {}

    /** Returns the text, cut with an ellipsis where it is longer, with a question mark for each control character. */
    public static String of(String text) {
        String cut = text.length() > MAX_CHARS ? text.substring(0, MAX_CHARS) + "…" : text;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
