package io.nexusd.meshapi;

import io.nexusd.model.NodeId;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The last sequence number taken from each node. It outlives the links, so that what is sent again after a link broke is
 * recognised. Remembers the nodes heard last, up to a limit. Not thread-safe.
 */
final class TakenSequences {
    private final Map<NodeId, Long> lastTaken;

    TakenSequences(int limit) {
        lastTaken = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<NodeId, Long> eldest) {
                return size() > limit;
            }
        };
    }

    /** Returns the last number taken from the node, 0 for none. */
    long last(NodeId node) {
        return lastTaken.getOrDefault(node, 0L);
    }

    /** Returns how many messages at the beginning of a batch were taken before. */
    int repeats(NodeId node, long firstSequence, int count) {
        return (int) Math.max(0, Math.min(count, last(node) - firstSequence + 1));
    }

    /**
     * Takes a batch; numbers may skip what the sender has dropped.
     *
     * @return how many messages at its beginning were taken before
     */
    int take(NodeId node, long firstSequence, int count) {
        int repeats = repeats(node, firstSequence, count);
        if (repeats < count) {
            lastTaken.put(node, firstSequence + count - 1);
        }
        return repeats;
    }
}
