package io.nexusd.gossip;

import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Instances that present themselves as one node, by name and address. Usually one of them is a restart of the other, which is dead
 * then. An instance that speaks after it was replaced is alive: the two are rivals, such as a copied virtual machine and its
 * original, and neither replaces the other any more. In: replacements, instances that spoke; times are monotonic milliseconds.
 * Bounded. Not thread-safe.
 */
final class Namesakes {
    private static final int REMEMBERED = 1024;
    /** An instance that was replaced and then silent for so long is forgotten. */
    private static final long REPLACED_MS = 60_000;

    /**
     * A former member and the instance that has taken its place.
     *
     * @param arrivedFrom where its last connection came from, empty when it has made none
     */
    record Replaced(NodeIdentity older, String arrivedFrom, NodeId successor, long atMono) {}

    /** In ascending order, so that a pair is one whichever of the two comes first. */
    private record Pair(NodeId first, NodeId second) {
        static Pair of(NodeId one, NodeId other) {
            return one.value().compareTo(other.value()) <= 0 ? new Pair(one, other) : new Pair(other, one);
        }
    }

    private final Map<NodeId, Replaced> replaced = bounded();
    private final Map<Pair, Boolean> rivals = bounded();

    private static <K, V> Map<K, V> bounded() {
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > REMEMBERED;
            }
        };
    }

    /** A member was taken for dead because this instance presented itself in its place. */
    void replaced(RemoteMember older, NodeId successor, long nowMono) {
        replaced.values().removeIf(former -> nowMono - former.atMono() > REPLACED_MS);
        replaced.put(older.identity.id(), new Replaced(older.identity, older.arrivedFrom, successor, nowMono));
    }

    /**
     * An instance speaks; returns what was known of it if it was replaced a while ago, and forgets that.
     *
     * @param graceMs what it sent before its end may still arrive for so long after it was replaced
     */
    Optional<Replaced> takeReturned(NodeId id, long graceMs, long nowMono) {
        Replaced former = replaced.get(id);
        if (former == null || nowMono - former.atMono() < graceMs) {
            return Optional.empty();
        }
        replaced.remove(id);
        return nowMono - former.atMono() > REPLACED_MS ? Optional.empty() : Optional.of(former);
    }

    /** Both instances live; tells whether that is news. */
    boolean confirm(NodeId one, NodeId other) {
        return rivals.put(Pair.of(one, other), true) == null;
    }

    /** Tells whether both instances were alive at the same time. */
    boolean areRivals(NodeId one, NodeId other) {
        return rivals.containsKey(Pair.of(one, other));
    }
}
