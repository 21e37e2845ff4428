package io.nexusd.model;

import java.util.Comparator;

/**
 * Orders strings by their UTF-8 bytes, which is their order by code point. String.compareTo differs above U+FFFF, where
 * surrogates sort before U+E000.
 */
public final class Utf8Order implements Comparator<String> {
    /** The only instance needed. */
    public static final Utf8Order INSTANCE = new Utf8Order();

    private Utf8Order() {}

    @Override
    public int compare(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean bothSurrogate = Character.isSurrogate(x) && Character.isSurrogate(y);
                if (!bothSurrogate && Character.isSurrogate(x)) {
                    return 1;
                }
                if (!bothSurrogate && Character.isSurrogate(y)) {
                    return -1;
                }
                return Character.compare(x, y);
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
