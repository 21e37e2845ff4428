package io.nexusd.routing;

import io.nexusd.model.NodeId;
import io.nexusd.model.Share;
import io.nexusd.model.Topic;
import io.nexusd.model.Utf8Order;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Who gets a message on a topic: local subscriptions, peers, and shares of which one member gets it. Owns the tries and a
 * bounded cache of answers, of which a change of interest leaves those that it cannot concern. Not thread-safe.
 */
final class RouteTable {
    /** Answers remembered at most; a message on a topic beyond walks the tries again. */
    static final int CACHE_LIMIT = 4096;

    private final TopicTrie<Long> subscriptions = new TopicTrie<>();
    private final TopicTrie<NodeId> peers = new TopicTrie<>();
    private final Shares shares = new Shares();
    /** As added: filters, or shares for a member of a group. */
    private final Map<Long, List<String>> interestBySubscription = new HashMap<>();

    /** Each in order and without repetition, the list as it came: it may have a hundred thousand filters. */
    private final Map<NodeId, List<String>> filtersByPeer = new HashMap<>();

    private final Map<String, Route> cache = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Route> eldest) {
            return size() > CACHE_LIMIT;
        }
    };

    /** The receivers of a topic; the lists are immutable. */
    record Route(List<Long> subscriptions, List<NodeId> peers, List<String> shares) {}

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
        Set<String> matchedShares = new LinkedHashSet<>();
        shares.match(topic, matchedShares);
        Route route =
                new Route(List.copyOf(matchedSubscriptions), List.copyOf(matchedPeers), List.copyOf(matchedShares));
        cache.put(topic, route);
        return route;
    }

    /** Adds a local subscription under a handle not in use, with its filters, or shares where it is member of a group. */
    void addSubscription(long handle, List<String> interest) {
        interestBySubscription.put(handle, interest);
        for (String one : interest) {
            if (Share.isShare(one)) {
                shares.addMember(one, handle);
            } else {
                subscriptions.add(one, handle);
            }
        }
        forget(interest);
    }

    /** Removes a local subscription and returns the interest it held, none when it is unknown. */
    List<String> removeSubscription(long handle) {
        List<String> interest = interestBySubscription.remove(handle);
        if (interest == null) {
            return List.of();
        }
        for (String one : interest) {
            if (Share.isShare(one)) {
                shares.removeMember(one, handle);
            } else {
                subscriptions.remove(one, handle);
            }
        }
        forget(interest);
        return interest;
    }

    /** Returns whose turn it is in the shares. */
    Shares shares() {
        return shares;
    }

    /** Returns every peer that takes part. */
    Set<NodeId> peers() {
        return filtersByPeer.keySet();
    }

    /** Lets a peer take part, with no interest yet. */
    void addPeer(NodeId id) {
        filtersByPeer.putIfAbsent(id, List.of());
    }

    /** Replaces a peer's interest as a whole; a peer that does not take part is ignored. */
    void setPeerInterest(NodeId id, List<String> filters) {
        List<String> before = filtersByPeer.get(id);
        if (before == null) {
            return;
        }
        List<String> after = ordered(filters);
        List<String> changed = new ArrayList<>();
        difference(before, after, gone -> {
            removePeerInterest(id, gone);
            changed.add(gone);
        });
        difference(after, before, come -> {
            addPeerInterest(id, come);
            changed.add(come);
        });
        filtersByPeer.put(id, after);
        forget(changed);
    }

    /** Nodes tell their filters in order, so that this mostly only looks. */
    private static List<String> ordered(List<String> filters) {
        for (int i = 1; i < filters.size(); i++) {
            if (Utf8Order.INSTANCE.compare(filters.get(i - 1), filters.get(i)) >= 0) {
                return filters.stream().distinct().sorted(Utf8Order.INSTANCE).toList();
            }
        }
        return filters;
    }

    /** Finds what one ordered list has and the other has not, by walking both once. */
    private static void difference(List<String> list, List<String> other, Consumer<String> found) {
        int at = 0;
        for (String one : list) {
            int order = -1;
            while (at < other.size() && (order = Utf8Order.INSTANCE.compare(other.get(at), one)) < 0) {
                at++;
            }
            if (at == other.size() || order != 0) {
                found.accept(one);
            }
        }
    }

    /** Forgets a peer and its interest. */
    void removePeer(NodeId id) {
        List<String> filters = filtersByPeer.remove(id);
        if (filters != null) {
            filters.forEach(filter -> removePeerInterest(id, filter));
            cache.clear();
        }
    }

    /** Returns what a local subscription holds, as added; nothing when it is unknown. */
    List<String> interestOf(long handle) {
        return interestBySubscription.getOrDefault(handle, List.of());
    }

    /** Returns a peer's interest; nothing when it does not take part. */
    List<String> interestOf(NodeId id) {
        return filtersByPeer.getOrDefault(id, List.of());
    }

    int subscriptionCount() {
        return interestBySubscription.size();
    }

    /** Forgets the answers that a change of these may make wrong: without wildcards that is one topic for each. */
    private void forget(List<String> interest) {
        if (cache.isEmpty()) {
            return;
        }
        for (String one : interest) {
            String filter = Share.of(one).map(Share::filter).orElse(one);
            if (Topic.hasWildcard(filter)) {
                cache.clear();
                return;
            }
            cache.remove(filter);
        }
    }

    private void addPeerInterest(NodeId id, String interest) {
        if (Share.isShare(interest)) {
            shares.addNode(interest, id);
        } else {
            peers.add(interest, id);
        }
    }

    private void removePeerInterest(NodeId id, String interest) {
        if (Share.isShare(interest)) {
            shares.removeNode(interest, id);
        } else {
            peers.remove(interest, id);
        }
    }
}
