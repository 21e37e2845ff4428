package io.nexusd.wire;

/** The monotonic clock of this process, {@link System#nanoTime}, in the units that the components and the mesh protocol use. */
public final class MonotonicClock {
    private static final long START_NS = System.nanoTime() - 1_000_000_000;

    private MonotonicClock() {}

    /** Returns the time in milliseconds, from an arbitrary origin. */
    public static long nowMs() {
        return System.nanoTime() / 1_000_000;
    }

    /** Returns a time of {@link System#nanoTime} as the protocol states it: microseconds since about the start, always positive. */
    public static long micros(long nowNs) {
        return Math.max(1, (nowNs - START_NS) / 1000);
    }
}
