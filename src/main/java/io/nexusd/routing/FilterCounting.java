package io.nexusd.routing;

import io.nexusd.bus.Inspection.FilterCounts;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The count of messages by filter: what was numbered on each topic, added up for every filter that matches the topic. */
final class FilterCounting {
    private FilterCounting() {}

    /**
     * Adds up.
     *
     * @param numbered how many messages were numbered on each topic
     * @param retained topics with a retained message
     */
    static FilterCounts count(Set<String> filters, Map<String, Long> numbered, Collection<String> retained) {
        TopicTrie<String> trie = new TopicTrie<>();
        filters.forEach(filter -> trie.add(filter, filter));
        Map<String, Long> messages = new HashMap<>();
        Set<String> matched = new HashSet<>();
        numbered.forEach((topic, count) -> {
            matched.clear();
            trie.match(topic, matched);
            matched.forEach(filter -> messages.merge(filter, count, Long::sum));
        });
        Set<String> held = new HashSet<>();
        retained.forEach(topic -> trie.match(topic, held));
        return new FilterCounts(messages, held);
    }
}
