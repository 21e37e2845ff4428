package io.nexusd.bench;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/**
 * What one subscriber has seen in the present phase. Written by one thread, the counts read by others; the histogram is read
 * only when nothing arrives any more.
 */
final class Tally {
    private static final long MAX_LATENCY_NS = 600_000_000_000L;
    private static final int DIGITS = 3;

    private final int[] nextNumbers;
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong expired = new AtomicLong();
    private final AtomicLong writtenOff = new AtomicLong();
    private volatile int phase;
    private volatile boolean reached;
    private volatile long outOfOrder;
    private volatile long lastNs;
    private final Histogram latencyNs = newHistogram();

    Tally(int publishers) {
        nextNumbers = new int[publishers];
    }

    /** Returns an empty histogram of nanoseconds as used throughout. */
    static Histogram newHistogram() {
        Histogram histogram = new Histogram(MAX_LATENCY_NS, DIGITS);
        histogram.setAutoResize(false);
        return histogram;
    }

    /** Forgets everything; to be called while nothing arrives. */
    void begin(int newPhase) {
        Arrays.fill(nextNumbers, 0);
        received.set(0);
        dropped.set(0);
        expired.set(0);
        writtenOff.set(0);
        outOfOrder = 0;
        latencyNs.reset();
        phase = newPhase;
    }

    /** Counts a message; {@code rest} is its {@link Stamp#rest}. */
    void onMessage(long intendedNs, long rest, long nowNs) {
        int of = Stamp.phase(rest);
        if (of != phase || of == Stamp.PROBE) {
            reached = true;
            return;
        }
        int publisher = Stamp.publisher(rest);
        int ahead = Stamp.number(rest) - nextNumbers[publisher];
        if (ahead < 0) {
            outOfOrder++;
        } else {
            nextNumbers[publisher] = Stamp.number(rest) + 1;
        }
        received.lazySet(received.getPlain() + 1);
        latencyNs.recordValue(Math.max(0, Math.min(MAX_LATENCY_NS, nowNs - intendedNs)));
        lastNs = nowNs;
    }

    /** Counts what the daemon says it did not deliver. */
    void onLosses(long droppedNow, long expiredNow) {
        dropped.lazySet(dropped.getPlain() + droppedNow);
        expired.lazySet(expired.getPlain() + expiredNow);
    }

    /** Stops waiting for what has not come for so long that it will not come. */
    void writeOff(long messages) {
        writtenOff.addAndGet(messages);
    }

    /** Tells whether a probe has come. */
    boolean isReached() {
        return reached;
    }

    /** Returns how many messages need not be waited for any more. */
    long settled() {
        return received.get() + dropped.get() + expired.get() + writtenOff.get();
    }

    long received() {
        return received.get();
    }

    long dropped() {
        return dropped.get();
    }

    long expired() {
        return expired.get();
    }

    /** Returns how many messages came after a later one of the same publisher, or twice. */
    long outOfOrder() {
        return outOfOrder;
    }

    /** Returns when the last message came. */
    long lastNs() {
        return lastNs;
    }

    Histogram latencyNs() {
        return latencyNs;
    }
}
