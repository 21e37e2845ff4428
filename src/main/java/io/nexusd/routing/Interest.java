package io.nexusd.routing;

import io.nexusd.bus.Routing.LocalInterest;
import io.nexusd.model.Crc64;
import io.nexusd.model.Utf8Order;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** This node's distinct filters and how many local subscriptions hold each. Not thread-safe. */
final class Interest {
    private final TreeMap<String, Integer> holdersByFilter = new TreeMap<>(Utf8Order.INSTANCE);

    /** Counts one more subscription for the filter; tells whether the set of filters changed. */
    boolean add(String filter) {
        return holdersByFilter.merge(filter, 1, Integer::sum) == 1;
    }

    /** Counts one subscription less for the filter; tells whether the set of filters changed. */
    boolean remove(String filter) {
        return holdersByFilter.computeIfPresent(filter, (f, count) -> count == 1 ? null : count - 1) == null;
    }

    /** Returns the set as a whole with its hash. */
    LocalInterest snapshot() {
        List<String> filters = List.copyOf(holdersByFilter.keySet());
        return new LocalInterest(filters, Crc64.ofLines(filters));
    }

    /** Returns filter to number of subscriptions. */
    Map<String, Integer> counts() {
        return Map.copyOf(holdersByFilter);
    }

    int size() {
        return holdersByFilter.size();
    }
}
