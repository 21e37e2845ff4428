package io.nexusd.launch;

import io.micrometer.core.instrument.Clock;

/**
 * The clock of the meters. Each sample has them look at the time of day, twice, to see whether minutes have passed: that was a
 * twentieth of what a message costs. So it is read when this is told to. What is measured is measured exactly.
 */
final class CoarseClock implements Clock {
    /** How often to tell it, in milliseconds. */
    static final long TICK_MS = 1000;

    /** Written by whoever ticks, read on every event loop. */
    private volatile long wallMs = System.currentTimeMillis();

    void tick() {
        wallMs = System.currentTimeMillis();
    }

    @Override
    public long wallTime() {
        return wallMs;
    }

    @Override
    public long monotonicTime() {
        return System.nanoTime();
    }
}
