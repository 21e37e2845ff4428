package io.nexusd.bus;

import io.nexusd.bus.Routing.FullQueues;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/** For which messages of one list queues were full, or receivers had no stream. Most lists have none, and then it costs nothing. Not thread-safe. */
public final class Overflows {
    private TreeMap<Integer, FullQueues> byIndex;

    /** At one more receiver something was dropped for the message. */
    public void dropped(int index) {
        add(index, 1, 0, 0);
    }

    /** At one more receiver the message waits for room. */
    public void blocked(int index) {
        add(index, 0, 1, 0);
    }

    /** One more receiver has no stream, and gets the message when it has one again. */
    public void waiting(int index) {
        add(index, 0, 0, 1);
    }

    /** Returns the messages concerned, in order. */
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
