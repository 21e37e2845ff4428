package io.nexusd.appapi;

import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Makes message ids: UUIDs of version 7 (RFC 9562), the time in milliseconds, a counter within it and random bits. Their texts
 * sort in the order of their making, so that of two retained messages of the same millisecond the later one is the newer. Seeded
 * once from the system's entropy, then free of locks and system calls; they need to be unique, not secret. Not thread-safe.
 */
final class MessageIds {
    private static final int MAX_COUNTER = 0xFFF;

    private final SplittableRandom random;
    private long lastMs;
    private int counter;

    MessageIds(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Returns the next id; a clock that stands still or goes back does not show in it. */
    String next(long nowMs) {
        if (nowMs > lastMs) {
            lastMs = nowMs;
            counter = 0;
        } else if (++counter > MAX_COUNTER) {
            lastMs++;
            counter = 0;
        }
        long high = lastMs << 16 | 0x7000L | counter;
        long low = random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL | 0x8000_0000_0000_0000L;
        return new UUID(high, low).toString();
    }
}
