package io.nexusd.wire;

import java.util.LinkedHashMap;
import java.util.Map;

/** Reads headers, the entries of a map of strings to strings. Reused for message after message. Not thread-safe. */
public final class HeaderReader {
    private static final int KEY = 1;
    private static final int VALUE = 2;

    private final FieldReader fields = new FieldReader();
    private Map<String, String> headers = Map.of();

    /** Begins with no headers. */
    public void clear() {
        headers = Map.of();
    }

    /** Adds the entry in these bytes; false when a generated parser is to look at it. */
    public boolean add(byte[] bytes, int from, int to) {
        String key = "";
        String value = "";
        fields.over(bytes, from, to);
        while (fields.next()) {
            if (fields.is(KEY, FieldReader.LENGTH_DELIMITED)) {
                key = Texts.decode(bytes, fields.start(), fields.end());
            } else if (fields.is(VALUE, FieldReader.LENGTH_DELIMITED)) {
                value = Texts.decode(bytes, fields.start(), fields.end());
            } else {
                return false;
            }
        }
        if (!fields.isRegular() || key == null || value == null) {
            return false;
        }
        if (headers.isEmpty()) {
            headers = new LinkedHashMap<>();
        }
        headers.put(key, value);
        return true;
    }

    /** Returns the headers added since the last {@link #clear}. */
    public Map<String, String> headers() {
        return headers;
    }
}
