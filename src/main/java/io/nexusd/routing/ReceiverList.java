package io.nexusd.routing;

import io.nexusd.bus.Routing.Receiver;
import io.nexusd.model.NodeId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The peers that get one message, each once, whether by an interest of its own, by shares, or both. */
final class ReceiverList {
    private final List<NodeId> interested;
    /** Made only when something besides the interested comes in: most messages have no such thing. */
    private Map<NodeId, List<String>> shares;

    private Set<NodeId> others;

    ReceiverList(List<NodeId> interested) {
        this.interested = interested;
    }

    /** Adds a share whose turn it is at this node. */
    void share(NodeId id, String share) {
        if (shares == null) {
            shares = new LinkedHashMap<>();
        }
        shares.computeIfAbsent(id, i -> new ArrayList<>(1)).add(share);
    }

    /** Adds nodes that get the message although they have no interest. */
    void addAll(Collection<NodeId> ids) {
        others = new LinkedHashSet<>(ids);
    }

    int size() {
        int count = interested.size();
        if (shares != null) {
            for (NodeId id : shares.keySet()) {
                count += interested.contains(id) ? 0 : 1;
            }
        }
        return count;
    }

    List<Receiver> receivers() {
        return shares == null && others == null ? ofInterested() : ofAll();
    }

    /** The usual case: the list is immutable, so that the record on the bus need not copy it. */
    private List<Receiver> ofInterested() {
        Receiver[] receivers = new Receiver[interested.size()];
        for (int i = 0; i < receivers.length; i++) {
            receivers[i] = new Receiver(interested.get(i), true, List.of(), 0);
        }
        return List.of(receivers);
    }

    private List<Receiver> ofAll() {
        List<Receiver> receivers = new ArrayList<>(interested.size());
        Set<NodeId> plain = others == null ? null : others;
        if (plain == null) {
            for (NodeId id : interested) {
                receivers.add(new Receiver(id, true, sharesOf(id), 0));
            }
        } else {
            plain.addAll(interested);
            plain.forEach(id -> receivers.add(new Receiver(id, true, sharesOf(id), 0)));
        }
        if (shares != null) {
            shares.forEach((id, list) -> {
                boolean there = plain == null ? interested.contains(id) : plain.contains(id);
                if (!there) {
                    receivers.add(new Receiver(id, false, list, 0));
                }
            });
        }
        return receivers;
    }

    private List<String> sharesOf(NodeId id) {
        List<String> list = shares == null ? null : shares.get(id);
        return list == null ? List.of() : list;
    }
}
