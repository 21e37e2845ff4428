package io.nexusd.model;

import java.nio.charset.StandardCharsets;

/**
 * CRC-64/WE: polynomial 0x42F0E1EBA9EA3693, initial value and final XOR all ones, not reflected. The nine ASCII bytes
 * {@code 123456789} give 0x62EC59E3F1A4F00A. This is the hash by which nodes tell each other that their interest changed.
 */
public final class Crc64 {
    private static final long POLYNOMIAL = 0x42F0E1EBA9EA3693L;
    private static final long[] TABLE = table();

    private long crc = ~0L;

    /** Takes one byte. */
    public void update(byte b) {
        crc = TABLE[(int) ((crc >>> 56) ^ b) & 0xFF] ^ (crc << 8);
    }

    /** Takes all bytes in order. */
    public void update(byte[] bytes) {
        for (byte b : bytes) {
            update(b);
        }
    }

    /** Returns the checksum of everything taken so far; more may follow. */
    public long value() {
        return ~crc;
    }

    /** Returns the checksum of the lines in the order given: each in UTF-8 followed by one {@code \n}; 0 for none. */
    public static long ofLines(Iterable<String> lines) {
        Crc64 crc = new Crc64();
        for (String line : lines) {
            crc.update(line.getBytes(StandardCharsets.UTF_8));
            crc.update((byte) '\n');
        }
        return crc.value();
    }

    private static long[] table() {
        long[] table = new long[256];
        for (int i = 0; i < 256; i++) {
            long value = (long) i << 56;
            for (int bit = 0; bit < 8; bit++) {
                value = value < 0 ? (value << 1) ^ POLYNOMIAL : value << 1;
            }
            table[i] = value;
        }
        return table;
    }
}
