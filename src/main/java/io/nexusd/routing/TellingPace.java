package io.nexusd.routing;

/**
 * When a change of interest is to be told. The interest is told as a whole, so one filter more costs as much as all of them: what
 * is cheap is told at once, and what is not, so rarely that telling takes a bounded share of the time. Times are monotonic
 * nanoseconds. Not thread-safe.
 */
final class TellingPace {
    /** Within this time several changes are told once; far below what a human or a mesh notices. */
    static final long COALESCE_MS = 3;

    /** From the end of one telling to the next it takes at least so many times as long as that one took: a fifth of the time. */
    private static final int PAUSE_PER_TELLING = 4;

    private long endedNs = Long.MIN_VALUE / 2;
    private long tookNs;

    /** Returns how long to wait with a change that comes now, in milliseconds. */
    long waitMs(long nowNs) {
        long pauseLeftNs = tookNs * PAUSE_PER_TELLING - (nowNs - endedNs);
        return Math.max(COALESCE_MS, pauseLeftNs / 1_000_000);
    }

    /** Takes note of a telling. */
    void told(long beganNs, long nowNs) {
        tookNs = nowNs - beganNs;
        endedNs = nowNs;
    }
}
