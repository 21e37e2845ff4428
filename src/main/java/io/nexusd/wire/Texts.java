package io.nexusd.wire;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Strings that come again and again on a stream, such as topics: each is decoded once and found by its bytes. Holds a fixed
 * number; of two that meet in a place the newer stays. Not thread-safe.
 */
public final class Texts {
    private static final int PLACES = 64;

    /** Longer ones are not worth their memory. */
    private static final int MAX_BYTES = 256;

    private static final char REPLACEMENT = '\uFFFD';

    /**
     * A string and its UTF-8. Of what comes again the same instance is given again.
     *
     * @param utf8 not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    public record Text(String string, byte[] utf8) {
        /** The empty string. */
        public static final Text EMPTY = new Text("", new byte[0]);

        /** Returns a string with its bytes. */
        public static Text of(String string) {
            return new Text(string, string.getBytes(StandardCharsets.UTF_8));
        }
    }

    private final Text[] places = new Text[PLACES];

    /** Returns the string in these bytes; null when they are not UTF-8. */
    public Text at(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length == 0) {
            return Text.EMPTY;
        }
        // Topics differ at their ends.
        int place = (length + 7 * bytes[to - 1] + 31 * bytes[from + length / 2]) & PLACES - 1;
        Text known = places[place];
        if (known != null && Arrays.equals(known.utf8, 0, known.utf8.length, bytes, from, to)) {
            return known;
        }
        String string = decode(bytes, from, to);
        if (string == null) {
            return null;
        }
        Text text = new Text(string, Arrays.copyOfRange(bytes, from, to));
        if (length <= MAX_BYTES) {
            places[place] = text;
        }
        return text;
    }

    /** Returns the string in these bytes; null when they are not UTF-8. */
    public static String decode(byte[] bytes, int from, int to) {
        String string = new String(bytes, from, to - from, StandardCharsets.UTF_8);
        // What is not UTF-8 was decoded to this character, which may also be meant.
        boolean suspect = string.indexOf(REPLACEMENT) >= 0;
        return suspect && !ByteString.copyFrom(bytes, from, to - from).isValidUtf8() ? null : string;
    }
}
