package io.nexusd.bench;

import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntConsumer;

/**
 * Bounds what is on its way: publishers wait while more than a window of messages is published and not yet settled at the
 * slowest subscriber. Each publisher and each subscriber writes its own counts from its own thread.
 */
final class Flow {
    private final int window;
    private final List<Tally> tallies;
    private final AtomicLongArray published;
    private final AtomicIntegerArray parked;
    private final IntConsumer wakePublisher;

    Flow(int window, List<Tally> tallies, int publishers, IntConsumer wakePublisher) {
        this.window = window;
        this.tallies = List.copyOf(tallies);
        this.published = new AtomicLongArray(publishers);
        this.parked = new AtomicIntegerArray(publishers);
        this.wakePublisher = wakePublisher;
    }

    /** Forgets everything; to be called while nobody publishes. */
    void begin() {
        for (int i = 0; i < published.length(); i++) {
            published.set(i, 0);
            parked.set(i, 0);
        }
    }

    /** A publisher has published so many in this phase. */
    void published(int publisher, long total) {
        published.lazySet(publisher, total);
    }

    /** Returns how many messages may be published now. */
    long room() {
        return window - open();
    }

    /** Asks to be woken when there is room again; false when there is some already. */
    boolean park(int publisher) {
        parked.set(publisher, 1);
        return room() <= 0 || !parked.compareAndSet(publisher, 1, 0);
    }

    /** Wakes who waits, once a quarter of the window is free: one wake-up is then worth many messages. */
    void onProgress() {
        if (open() > window - window / 4) {
            return;
        }
        for (int i = 0; i < parked.length(); i++) {
            if (parked.get(i) == 1 && parked.compareAndSet(i, 1, 0)) {
                wakePublisher.accept(i);
            }
        }
    }

    /** Returns how many messages have been published in this phase. */
    long totalPublished() {
        long total = 0;
        for (int i = 0; i < published.length(); i++) {
            total += published.get(i);
        }
        return total;
    }

    /** Returns how many messages the slowest subscriber has settled; what is published where there is none. */
    long slowest() {
        long least = Long.MAX_VALUE;
        for (Tally tally : tallies) {
            least = Math.min(least, tally.settled());
        }
        return least == Long.MAX_VALUE ? totalPublished() : least;
    }

    /** Returns how many messages are on their way to the slowest subscriber. */
    long open() {
        // The order matters: a message is never settled before it is published.
        long settled = slowest();
        return totalPublished() - settled;
    }

    /** Stops waiting for everything that is still open. */
    void writeOff() {
        long total = totalPublished();
        tallies.forEach(tally -> tally.writeOff(Math.max(0, total - tally.settled())));
        onProgress();
    }
}
