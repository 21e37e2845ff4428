package io.nexusd.routing;

import io.nexusd.bus.Routing.LocalInterest;
import io.nexusd.model.Crc64;
import io.nexusd.model.Share;
import io.nexusd.model.Utf8Order;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** This node's distinct filters and shares, and how many local subscriptions hold each. Not thread-safe. */
final class Interest {
    private final TreeMap<String, Integer> holdersByInterest = new TreeMap<>(Utf8Order.INSTANCE);

    /** Counts one more subscription; tells whether the set changed. */
    boolean add(String interest) {
        return holdersByInterest.merge(interest, 1, Integer::sum) == 1;
    }

    /** Counts one subscription less; tells whether the set changed. */
    boolean remove(String interest) {
        return holdersByInterest.computeIfPresent(interest, (f, count) -> count == 1 ? null : count - 1) == null;
    }

    /** Returns the set as a whole with its hash. */
    LocalInterest snapshot() {
        List<String> interest = List.copyOf(holdersByInterest.keySet());
        return new LocalInterest(interest, Crc64.ofLines(interest));
    }

    /** Returns filter to number of subscriptions, whether they share it or not. */
    Map<String, Integer> counts() {
        Map<String, Integer> counts = new HashMap<>();
        holdersByInterest.forEach((interest, count) ->
                counts.merge(Share.of(interest).map(Share::filter).orElse(interest), count, Integer::sum));
        return Map.copyOf(counts);
    }

    int size() {
        return holdersByInterest.size();
    }
}
