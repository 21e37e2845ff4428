package io.nexusd.dialer;

import io.nexusd.model.NodeId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * Peers whose last name was taken out of the configuration. In: who lost its name, who was named again by other means; times
 * are monotonic milliseconds. Out: whom to let go. What others tell of a node that was let go counts for nothing until the node
 * speaks for itself. Bounded. Not thread-safe.
 */
final class Dismissals {
    private static final int REMEMBERED = 1024;

    private final Map<NodeId, Long> dueMono = bounded();
    private final Map<NodeId, Boolean> letGo = bounded();

    private static <V> Map<NodeId, V> bounded() {
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<NodeId, V> eldest) {
                return size() > REMEMBERED;
            }
        };
    }

    /** These peers have lost their name; another one may turn up until then. */
    void unnamed(List<NodeId> peers, long atMono) {
        peers.forEach(peer -> dueMono.put(peer, atMono));
    }

    /** The peer was heard of by other means than hearsay. */
    void named(NodeId peer) {
        if (!dueMono.isEmpty() || !letGo.isEmpty()) {
            dueMono.remove(peer);
            letGo.remove(peer);
        }
    }

    /** Returns the peers to be let go now. */
    List<NodeId> takeDue(Predicate<NodeId> isNamed, long nowMono) {
        List<NodeId> due = new ArrayList<>();
        dueMono.entrySet().removeIf(entry -> {
            boolean isDue = entry.getValue() <= nowMono;
            if (isDue && !isNamed.test(entry.getKey())) {
                due.add(entry.getKey());
            }
            return isDue;
        });
        due.forEach(this::letGo);
        return due;
    }

    /** The peer is let go, here or by itself. */
    void letGo(NodeId peer) {
        letGo.put(peer, true);
    }

    /** Tells whether what others say of this node is to be ignored. */
    boolean isLetGo(NodeId peer) {
        return letGo.containsKey(peer);
    }

    /** Returns when {@link #takeDue} has something to do next. */
    OptionalLong nextDueMono() {
        return dueMono.values().stream().mapToLong(Long::longValue).min();
    }
}
