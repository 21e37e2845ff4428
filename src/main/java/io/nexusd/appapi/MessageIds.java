package io.nexusd.appapi;

import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Makes message ids: random UUIDs (version 4). Seeded once from the system's entropy, then free of locks and system calls;
 * they need to be unique, not secret. Not thread-safe.
 */
final class MessageIds {
    private final SplittableRandom random;

    MessageIds(long seed) {
        random = new SplittableRandom(seed);
    }

    String next() {
        long high = random.nextLong() & 0xFFFF_FFFF_FFFF_0FFFL | 0x4000L;
        long low = random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL | 0x8000_0000_0000_0000L;
        return new UUID(high, low).toString();
    }
}
