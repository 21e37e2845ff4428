package io.nexusd.dialer;

import java.util.random.RandomGenerator;

/**
 * When to dial again. The first attempts follow each other at a fixed interval, start to start, which is what a mesh that is
 * just starting needs; after them exponential growth with full jitter up to a maximum, so that many nodes do not dial a
 * returning one in step.
 */
final class Backoff {
    private final int retryCount;
    private final int intervalMs;
    private final int maxIntervalMs;
    private final RandomGenerator random;

    Backoff(int retryCount, int intervalMs, int maxIntervalMs, RandomGenerator random) {
        this.retryCount = retryCount;
        this.intervalMs = intervalMs;
        this.maxIntervalMs = maxIntervalMs;
        this.random = random;
    }

    /**
     * Returns when the next attempt starts.
     *
     * @param failures attempts that failed in a row, 1 or more
     * @param startedMono when the last of them started, monotonic milliseconds
     * @param nowMono now
     */
    long nextAttemptMono(int failures, long startedMono, long nowMono) {
        if (failures < retryCount) {
            return Math.max(nowMono, startedMono + intervalMs);
        }
        return nowMono + random.nextLong(ceilingMs(failures) + 1);
    }

    /** Tells whether this failure is the one after which the fixed interval ends. */
    boolean exhaustedBy(int failures) {
        return failures == retryCount;
    }

    /** Tells whether the fixed interval has ended. */
    boolean exhausted(int failures) {
        return failures >= retryCount;
    }

    /** Returns the longest wait after this many failures. */
    long ceilingMs(int failures) {
        // Shifts beyond 20 would overflow and are far above any maximum.
        int doublings = Math.min(20, Math.max(0, failures - retryCount) + 1);
        return Math.min(maxIntervalMs, (long) intervalMs << doublings);
    }
}
