package io.nexusd.dialer;

import io.nexusd.bus.Routing.AtLinks;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/** For which messages of one list outbound queues were full. Most lists have none, and then it costs nothing. Not thread-safe. */
final class Overflows {
    private TreeMap<Integer, AtLinks> byIndex;

    /** At one more peer something was dropped for the message. */
    void dropped(int index) {
        add(index, 1, 0);
    }

    /** At one more peer the message waits for room. */
    void blocked(int index) {
        add(index, 0, 1);
    }

    /** Returns the messages concerned, in order. */
    List<AtLinks> list() {
        Collection<AtLinks> all = byIndex == null ? List.of() : byIndex.values();
        return List.copyOf(all);
    }

    private void add(int index, int dropped, int blocked) {
        if (byIndex == null) {
            byIndex = new TreeMap<>();
        }
        byIndex.merge(
                index,
                new AtLinks(index, dropped, blocked),
                (before, more) ->
                        new AtLinks(index, before.dropped() + more.dropped(), before.blocked() + more.blocked()));
    }
}
