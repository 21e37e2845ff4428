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
import java.util.function.Function;

/** Finds in the history what a subscription has not got. Lives on router's event loop. */
final class Replays {
    private final History history;
    private final Function<List<String>, List<Envelope>> retainedMatching;

    /**
     * Makes it.
     *
     * @param retainedMatching filters to the retained messages on topics that match
     */
    Replays(History history, Function<List<String>, List<Envelope>> retainedMatching) {
        this.history = history;
        this.retainedMatching = retainedMatching;
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
        boolean unknownMessage =
                !replay.afterMessageId().isEmpty() && !addNewerThan(replay.afterMessageId(), filters, newer);
        if (unknownMessage) {
            history.topics().stream().filter(topic -> matches(filters, topic)).forEach(topic -> newer.put(topic, 0L));
        }
        newer.forEach(after::putIfAbsent);
        // Numbers that the application brings speak for themselves, on whatever topics it has them.
        boolean exact = !unknownMessage || replay.after().keySet().containsAll(replay.filters());
        for (String filter : replay.filters()) {
            if (!Topic.hasWildcard(filter)) {
                after.putIfAbsent(filter, history.lastSequence(filter));
            }
        }
        List<TopicReplay> topics = new ArrayList<>();
        for (Map.Entry<String, Long> from : after.entrySet()) {
            String topic = from.getKey();
            long last = history.lastSequence(topic);
            // A number that was never given here: another node's, or of before the topic was forgotten.
            boolean known = from.getValue() <= last;
            exact &= known;
            long sequence = known ? from.getValue() : 0;
            List<Numbered> messages = replay.messages() ? history.after(topic, sequence, nowNs) : List.of();
            topics.add(new TopicReplay(topic, sequence, messages, last));
        }
        return new Replayed(topics, retained(replay, topics, exact), exact);
    }

    /** Where the history does not reach, what is retained says at least how things are. */
    private List<Envelope> retained(Replay replay, List<TopicReplay> topics, boolean exact) {
        if (replay.retained() || (replay.messages() && !exact)) {
            return retainedMatching.apply(replay.filters());
        }
        List<String> incomplete = replay.messages()
                ? topics.stream()
                        .filter(topic -> topic.missing() > 0)
                        .map(TopicReplay::topic)
                        .toList()
                : List.of();
        return incomplete.isEmpty() ? List.of() : retainedMatching.apply(incomplete);
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
