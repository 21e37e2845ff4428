package io.nexusd.bus;

import io.nexusd.bus.Routing.FullQueues;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/**
 * Collects what full queues did to the messages of one list, and the receivers without a stream. Without any of these, which is the
 * usual case, it allocates nothing. Not thread-safe.
 */
public final class Overflows {
    private TreeMap<Integer, FullQueues> byIndex;

    /** Counts one more receiver that dropped the message, or another one to make room for it. */
    public void dropped(int index) {
        add(index, 1, 0, 0);
    }

    /** Counts one more receiver at which the message waits for room. */
    public void blocked(int index) {
        add(index, 0, 1, 0);
    }

    /** Counts one more receiver without a stream, which gets the message when it resumes. */
    public void waiting(int index) {
        add(index, 0, 0, 1);
    }

    /** The affected messages, in order. */
    public List<FullQueues> list() {
        Collection<FullQueues> all = byIndex == null ? List.of() : byIndex.values();
        return List.copyOf(all);
    }

    private void add(int index, int dropped, int blocked, int waiting) {
        if (byIndex == null) {
            byIndex = new TreeMap<>();
        }
        byIndex.merge(
                index,
                new FullQueues(index, dropped, blocked, waiting),
                (before, more) -> new FullQueues(
                        index,
                        before.dropped() + more.dropped(),
                        before.blocked() + more.blocked(),
                        before.waiting() + more.waiting()));
    }
}
