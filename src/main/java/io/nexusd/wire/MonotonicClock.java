package io.nexusd.wire;

/** The monotonic clock of this process as the mesh protocol states it: microseconds since about the start, always positive. */
public final class MonotonicClock {
    private static final long START_NS = System.nanoTime() - 1_000_000_000;

    private MonotonicClock() {}

    /** Returns a time of {@link System#nanoTime} as the protocol states it. */
    public static long micros(long nowNs) {
        return Math.max(1, (nowNs - START_NS) / 1000);
    }
}
