package io.nexusd.gossip;

import io.nexusd.model.NodeId;
import java.util.LinkedHashMap;
import java.util.Map;

/** Nodes that said they leave, for a while, so that late news of them does not bring them back. Bounded. Not thread-safe. */
final class Tombstones {
    private final long keepMs;
    private final Map<NodeId, Long> leftMono;

    Tombstones(int limit, long keepMs) {
        this.keepMs = keepMs;
        this.leftMono = new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<NodeId, Long> eldest) {
                return size() > limit;
            }
        };
    }

    void add(NodeId id, long nowMono) {
        leftMono.put(id, nowMono);
    }

    boolean covers(NodeId id, long nowMono) {
        Long left = leftMono.get(id);
        if (left != null && nowMono - left >= keepMs) {
            leftMono.remove(id);
            return false;
        }
        return left != null;
    }
}
