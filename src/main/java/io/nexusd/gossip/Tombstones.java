package io.nexusd.gossip;

import io.nexusd.model.NodeId;
import java.util.LinkedHashMap;
import java.util.Map;

/** Nodes that said they leave, for a while, so that late news of them does not bring them back. Bounded. Not thread-safe. */
final class Tombstones {
    private final long keepMs;
    private final Map<NodeId, Departure> departures;

    /**
     * A departure.
     *
     * @param isBack the node has joined again since, with a later start
     */
    private record Departure(long leftMono, long startedAtMs, boolean isBack) {}

    Tombstones(int limit, long keepMs) {
        this.keepMs = keepMs;
        this.departures = new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<NodeId, Departure> eldest) {
                return size() > limit;
            }
        };
    }

    /**
     * Adds a node.
     *
     * @param startedAtMs when it started or last changed its cluster, by its own clock
     */
    void add(NodeId id, long startedAtMs, long nowMono) {
        departures.put(id, new Departure(nowMono, startedAtMs, false));
    }

    /** Notes that a node has joined again: what others know of it is news again, should it be lost. */
    void back(NodeId id) {
        departures.computeIfPresent(id, (key, left) -> new Departure(left.leftMono, left.startedAtMs, true));
    }

    /** Returns whether the node has left a short while ago and not joined since. */
    boolean covers(NodeId id, long nowMono) {
        return isKept(id, nowMono) && !departures.get(id).isBack;
    }

    /** As above, for a node that has said itself when it started: one that has come back since is not covered. */
    boolean covers(NodeId id, long startedAtMs, long nowMono) {
        return isKept(id, nowMono) && startedAtMs <= departures.get(id).startedAtMs;
    }

    private boolean isKept(NodeId id, long nowMono) {
        Departure departure = departures.get(id);
        if (departure != null && nowMono - departure.leftMono >= keepMs) {
            departures.remove(id);
            return false;
        }
        return departure != null;
    }
}
