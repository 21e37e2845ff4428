package io.nexusd.dialer;

import io.nexusd.model.NodeId;
import io.nexusd.model.Topic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What waited for nodes that were restarted: messages that the former instance has not acknowledged, for the new one as soon as
 * it wants them again. Bounded by what an outbound queue holds, and by time. Not thread-safe.
 */
final class Legacies {
    private record Legacy(List<Outbox.Entry> entries, long untilNs) {}

    private final Map<NodeId, Legacy> byHeir = new HashMap<>();

    /** Keeps messages for a new instance. */
    void keep(NodeId heir, List<Outbox.Entry> entries, long untilNs) {
        Legacy before = byHeir.get(heir);
        List<Outbox.Entry> all = new ArrayList<>(before == null ? List.of() : before.entries());
        all.addAll(entries);
        byHeir.put(heir, new Legacy(all, untilNs));
    }

    boolean isEmpty() {
        return byHeir.isEmpty();
    }

    /** Takes out what the heir wants with this interest, in order. */
    List<Outbox.Entry> claim(NodeId heir, List<String> filters) {
        Legacy legacy = byHeir.get(heir);
        List<Outbox.Entry> wanted = new ArrayList<>();
        if (legacy == null) {
            return wanted;
        }
        Map<String, Boolean> wantedTopics = new HashMap<>();
        legacy.entries().removeIf(entry -> {
            boolean take = entry.envelope.retain()
                    || wantedTopics.computeIfAbsent(
                            entry.envelope.topic(),
                            topic -> filters.stream().anyMatch(filter -> Topic.matches(filter, topic)));
            if (take) {
                wanted.add(entry);
            }
            return take;
        });
        if (legacy.entries().isEmpty()) {
            byHeir.remove(heir);
        }
        return wanted;
    }

    /** Takes out what nobody has claimed in time. */
    List<Outbox.Entry> unclaimed(long nowNs) {
        List<Outbox.Entry> lost = new ArrayList<>();
        byHeir.values().removeIf(legacy -> {
            boolean over = legacy.untilNs() - nowNs <= 0;
            if (over) {
                lost.addAll(legacy.entries());
            }
            return over;
        });
        return lost;
    }

    /** Takes out what an heir that is gone too would have got. */
    List<Outbox.Entry> disinherit(NodeId heir) {
        Legacy legacy = byHeir.remove(heir);
        return legacy == null ? List.of() : legacy.entries();
    }

    /** Returns how many messages are kept. */
    int size() {
        return byHeir.values().stream()
                .mapToInt(legacy -> legacy.entries().size())
                .sum();
    }
}
