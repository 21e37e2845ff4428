package io.nexusd.bench;

import com.google.protobuf.ByteString;

/**
 * The first 16 bytes of every payload: when the message was meant to leave (this JVM's nanoTime; both ends are in one process),
 * which part of the run it belongs to, who sent it and as which of its messages. Big-endian.
 */
final class Stamp {
    /** Bytes it takes, and so the smallest payload. */
    static final int BYTES = 16;

    /** What tells a subscriber that it is reached, and counts nowhere. */
    static final int PROBE = 0;

    private Stamp() {}

    /** Writes a stamp; the number is kept modulo 2^32. */
    static void write(byte[] target, int offset, long intendedNs, int phase, int publisher, long number) {
        putLong(target, offset, intendedNs);
        putLong(
                target,
                offset + 8,
                (long) (phase & 0xFF) << 56 | (long) (publisher & 0xFFFFFF) << 32 | number & 0xFFFFFFFFL);
    }

    static long intendedNs(byte[] payload, int offset) {
        return getLong(payload, offset);
    }

    /** Returns phase, publisher and number as {@link #phase}, {@link #publisher} and {@link #number} take them. */
    static long rest(byte[] payload, int offset) {
        return getLong(payload, offset + 8);
    }

    static long intendedNs(ByteString payload, int offset) {
        return getLong(payload, offset);
    }

    static long rest(ByteString payload, int offset) {
        return getLong(payload, offset + 8);
    }

    static int phase(long rest) {
        return (int) (rest >>> 56);
    }

    static int publisher(long rest) {
        return (int) (rest >>> 32) & 0xFFFFFF;
    }

    static int number(long rest) {
        return (int) rest;
    }

    private static void putLong(byte[] target, int offset, long value) {
        for (int i = 0; i < 8; i++) {
            target[offset + i] = (byte) (value >>> (56 - 8 * i));
        }
    }

    private static long getLong(byte[] source, int offset) {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value = value << 8 | source[offset + i] & 0xFF;
        }
        return value;
    }

    private static long getLong(ByteString source, int offset) {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value = value << 8 | source.byteAt(offset + i) & 0xFF;
        }
        return value;
    }
}
