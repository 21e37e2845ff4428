package io.nexusd.routing;

import io.nexusd.bus.Routing.Numbered;
import io.nexusd.bus.Routing.Replay;
import io.nexusd.bus.Routing.Replayed;
import io.nexusd.bus.Routing.TopicReplay;
import io.nexusd.model.Envelope;
import io.nexusd.model.Topic;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds in the history what a subscription has not got. Lives on router's event loop. */
final class Replays {
    private final History history;
    private final Retaining retaining;

    Replays(History history, Retaining retaining) {
        this.history = history;
        this.retaining = retaining;
    }

    Replayed of(Replay replay, long nowNs) {
        TopicTrie<Boolean> filters = new TopicTrie<>();
        replay.filters().forEach(filter -> filters.add(filter, true));
        Map<String, Long> after = new LinkedHashMap<>();
        replay.after().forEach((topic, sequence) -> {
            if (matches(filters, topic)) {
                after.put(topic, sequence);
            }
        });
        Map<String, Long> newer = new LinkedHashMap<>(replay.writtenUpTo());
        boolean found = addNewerThan(replay.afterMessageId(), filters, newer);
        newer.forEach(after::putIfAbsent);
        for (String filter : replay.filters()) {
            if (!Topic.hasWildcard(filter)) {
                after.putIfAbsent(filter, history.lastSequence(filter));
            }
        }
        List<TopicReplay> topics = new ArrayList<>();
        after.forEach((topic, sequence) -> {
            long last = history.lastSequence(topic);
            long from = Math.min(sequence, last);
            List<Numbered> messages = replay.messages() ? history.after(topic, from, nowNs) : List.of();
            topics.add(new TopicReplay(topic, from, messages, last));
        });
        List<Envelope> retained = replay.retained() ? retaining.matching(replay.filters()) : List.of();
        return new Replayed(topics, retained, found);
    }

    private boolean addNewerThan(String messageId, TopicTrie<Boolean> filters, Map<String, Long> writtenUpTo) {
        Map<String, Long> newer = messageId.isEmpty() ? null : history.positionsAfter(messageId);
        if (newer == null) {
            return false;
        }
        newer.forEach((topic, sequence) -> {
            if (matches(filters, topic)) {
                writtenUpTo.merge(topic, sequence, Math::min);
            }
        });
        return true;
    }

    private static boolean matches(TopicTrie<Boolean> filters, String topic) {
        if (Topic.problemWithTopic(topic).isPresent()) {
            return false;
        }
        Set<Boolean> matched = new LinkedHashSet<>();
        filters.match(topic, matched);
        return !matched.isEmpty();
    }
}
