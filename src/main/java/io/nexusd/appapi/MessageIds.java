package io.nexusd.appapi;

import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes message ids: UUIDs of version 7 (RFC 9562), the time in milliseconds, a counter within it and random bits. Their texts
 * sort in the order of their making, so that of two retained messages of the same millisecond the later one is the newer. Seeded
 * once from the system's entropy, then free of locks and system calls; they need to be unique, not secret. Not thread-safe, but
 * those of several event loops share what keeps their ids in order.
 */
final class MessageIds {
    private static final int COUNTER_BITS = 12;
    private static final long MAX_COUNTER = (1 << COUNTER_BITS) - 1;

    private final AtomicLong newest;
    private final SplittableRandom random;

    /**
     * Makes a source of ids.
     *
     * @param newest time and counter of the node's newest id; 0 at first
     */
    MessageIds(AtomicLong newest, long seed) {
        this.newest = newest;
        random = new SplittableRandom(seed);
    }

    /** Returns the next id; a clock that stands still or goes back does not show in it. */
    String next(long nowMs) {
        long at = newest.accumulateAndGet(nowMs << COUNTER_BITS, (last, now) -> Math.max(last + 1, now));
        long high = at >>> COUNTER_BITS << 16 | 0x7000L | at & MAX_COUNTER;
        long low = random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL | 0x8000_0000_0000_0000L;
        return new UUID(high, low).toString();
    }
}
