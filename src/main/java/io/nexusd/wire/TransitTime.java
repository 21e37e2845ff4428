package io.nexusd.wire;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The estimate of how long the frames of one link take from their writing by the peer to their reading here, from the peer's clock
 * as beats and frames state it and this process's monotonic clock. A comparison of the two by a beat is off by half its round
 * trip at most, so of the last few the one with the shortest counts. When a comparison or a frame contradicts the earlier ones, a
 * clock was set or stood still, and they are discarded. Not thread-safe.
 */
public final class TransitTime {
    private static final int SAMPLES = 8;

    /** What rounding to milliseconds and the drift of two clocks may make of a difference. */
    private static final long TOLERANCE_NS = 5_000_000;

    private record Sample(long roundTripNs, long aheadNs) {}

    private final Deque<Sample> samples = new ArrayDeque<>(SAMPLES);
    private long lastReadNs;
    private long lastTransitNs;
    /** An upper bound of the transit time of the last frame; meaningless while nothing was measured. */
    private long lastLongestNs;

    private boolean bounded;

    /**
     * Takes the comparison that a beat allows.
     *
     * @param roundTripNs the measured round trip
     * @param sentNs the peer's clock when it wrote the beat
     * @param nowNs monotonic clock
     */
    public void measure(long roundTripNs, long sentNs, long nowNs) {
        Sample sample = new Sample(roundTripNs, sentNs + roundTripNs / 2 - nowNs);
        Sample best = best();
        if (best != null
                && Math.abs(sample.aheadNs - best.aheadNs)
                        > (sample.roundTripNs + best.roundTripNs) / 2 + TOLERANCE_NS) {
            samples.clear();
        }
        if (samples.size() == SAMPLES) {
            samples.removeFirst();
        }
        samples.addLast(sample);
    }

    /**
     * Returns how long the frame read now was on its way, in nanoseconds; to be called once for each frame that states its time, in
     * order. Frames do not overtake each other, so one that came this much later than the one before took at most this much
     * longer. Where nothing was measured since the link came up it is 0; where the clocks were set since, as for the frame before.
     *
     * @param sentNs the peer's clock when it wrote the frame; 0 where it does not say
     * @param nowNs monotonic clock
     */
    public long ofFrame(long sentNs, long nowNs) {
        Sample best = best();
        lastLongestNs += nowNs - lastReadNs;
        lastReadNs = nowNs;
        if (best == null || sentNs == 0) {
            return lastTransitNs;
        }
        long transitNs = nowNs + best.aheadNs - sentNs;
        long errorNs = best.roundTripNs / 2 + TOLERANCE_NS;
        if (transitNs < -errorNs || (bounded && transitNs > lastLongestNs + errorNs)) {
            samples.clear();
        } else {
            lastTransitNs = Math.max(0, transitNs);
            lastLongestNs = lastTransitNs + errorNs;
            bounded = true;
        }
        return lastTransitNs;
    }

    private Sample best() {
        Sample best = null;
        for (Sample sample : samples) {
            best = best == null || sample.roundTripNs < best.roundTripNs ? sample : best;
        }
        return best;
    }
}
