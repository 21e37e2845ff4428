package io.nexusd.wire;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How far a peer's wall clock is ahead, from the samples of its beats. A sample is off by half its round trip at most, so of the
 * last few the one with the shortest counts; a clock that is set is followed within these few. Not thread-safe.
 */
public final class ClockSkew {
    private static final int SAMPLES = 8;

    private record Sample(long roundTripUs, long aheadMs) {}

    private final Deque<Sample> samples = new ArrayDeque<>(SAMPLES);

    /** Takes one measurement. */
    public void add(long roundTripUs, long aheadMs) {
        if (samples.size() == SAMPLES) {
            samples.removeFirst();
        }
        samples.addLast(new Sample(roundTripUs, aheadMs));
    }

    /** Tells whether anything was measured yet. */
    public boolean isKnown() {
        return !samples.isEmpty();
    }

    /** Returns how far the peer's clock is ahead, in milliseconds; 0 when nothing was measured yet. */
    public long aheadMs() {
        Sample best = null;
        for (Sample sample : samples) {
            best = best == null || sample.roundTripUs < best.roundTripUs ? sample : best;
        }
        return best == null ? 0 : best.aheadMs;
    }
}
