package io.nexusd.routing;

import io.nexusd.model.NodeId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who gets a message on a topic: local subscriptions and peers. Owns both tries and a bounded cache of answers, which any
 * change of interest empties. Not thread-safe.
 */
final class RouteTable {
    /** Answers remembered at most; a message on a topic beyond walks the tries again. */
    static final int CACHE_LIMIT = 4096;

    private final TopicTrie<Long> subscriptions = new TopicTrie<>();
    private final TopicTrie<NodeId> peers = new TopicTrie<>();
    private final Map<Long, List<String>> filtersBySubscription = new HashMap<>();
    private final Map<NodeId, Set<String>> filtersByPeer = new HashMap<>();
    private final Map<String, Route> cache = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Route> eldest) {
            return size() > CACHE_LIMIT;
        }
    };

    /** The receivers of a topic; both lists are immutable. */
    record Route(List<Long> subscriptions, List<NodeId> peers) {
        int receivers() {
            return subscriptions.size() + peers.size();
        }
    }

    /** Returns the receivers of a valid topic, each once. */
    Route route(String topic) {
        Route known = cache.get(topic);
        if (known != null) {
            return known;
        }
        Set<Long> matchedSubscriptions = new LinkedHashSet<>();
        subscriptions.match(topic, matchedSubscriptions);
        Set<NodeId> matchedPeers = new LinkedHashSet<>();
        peers.match(topic, matchedPeers);
        Route route = new Route(List.copyOf(matchedSubscriptions), List.copyOf(matchedPeers));
        cache.put(topic, route);
        return route;
    }

    /** Adds a local subscription under a handle not in use. */
    void addSubscription(long handle, List<String> filters) {
        filtersBySubscription.put(handle, filters);
        filters.forEach(filter -> subscriptions.add(filter, handle));
        cache.clear();
    }

    /** Removes a local subscription and returns the filters it held, none when it is unknown. */
    List<String> removeSubscription(long handle) {
        List<String> filters = filtersBySubscription.remove(handle);
        if (filters == null) {
            return List.of();
        }
        filters.forEach(filter -> subscriptions.remove(filter, handle));
        cache.clear();
        return filters;
    }

    /** Lets a peer take part, with no interest yet. */
    void addPeer(NodeId id) {
        filtersByPeer.putIfAbsent(id, Set.of());
    }

    /** Replaces a peer's interest as a whole; a peer that does not take part is ignored. */
    void setPeerInterest(NodeId id, List<String> filters) {
        Set<String> before = filtersByPeer.get(id);
        if (before == null) {
            return;
        }
        Set<String> after = new HashSet<>(filters);
        for (String filter : before) {
            if (!after.contains(filter)) {
                peers.remove(filter, id);
            }
        }
        for (String filter : after) {
            if (!before.contains(filter)) {
                peers.add(filter, id);
            }
        }
        filtersByPeer.put(id, after);
        cache.clear();
    }

    /** Forgets a peer and its interest. */
    void removePeer(NodeId id) {
        Set<String> filters = filtersByPeer.remove(id);
        if (filters != null) {
            filters.forEach(filter -> peers.remove(filter, id));
            cache.clear();
        }
    }

    int subscriptionCount() {
        return filtersBySubscription.size();
    }
}
