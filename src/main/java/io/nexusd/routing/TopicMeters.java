package io.nexusd.routing;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.nexusd.model.Envelope;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts messages of each topic, for as many topics as are allowed and the rest together, so that no stream of new topics fills
 * the memory of this node or of whoever scrapes it. Nothing is kept while it is off. Lives on the router's event loop.
 */
final class TopicMeters {
    /** Where topics beyond the limit are counted; no topic of an application begins so. */
    static final String OTHERS = "$others";

    private final MeterRegistry registry;
    private final Map<String, Counters> byTopic = new HashMap<>();
    private int limit;

    private record Counters(Counter published, Counter fromPeers, Counter bytes) {}

    TopicMeters(MeterRegistry registry, int limit) {
        this.registry = registry;
        this.limit = limit;
    }

    /** Changes how many topics are told apart; a smaller number begins anew. */
    void setLimit(int topics) {
        if (topics < limit) {
            byTopic.values().forEach(counters -> {
                registry.remove(counters.published);
                registry.remove(counters.fromPeers);
                registry.remove(counters.bytes);
            });
            byTopic.clear();
        }
        limit = topics;
    }

    void count(Envelope envelope, boolean fromPeer) {
        if (limit == 0) {
            return;
        }
        Counters counters = byTopic.get(envelope.topic());
        if (counters == null) {
            String label = told() < limit ? envelope.topic() : OTHERS;
            counters = byTopic.computeIfAbsent(label, this::register);
        }
        (fromPeer ? counters.fromPeers : counters.published).increment();
        counters.bytes.increment(envelope.payload().size());
    }

    private int told() {
        return byTopic.size() - (byTopic.containsKey(OTHERS) ? 1 : 0);
    }

    private Counters register(String topic) {
        return new Counters(
                messages(topic, "local"),
                messages(topic, "remote"),
                Counter.builder("nexusd.topic.bytes")
                        .description("Payload bytes of the messages of a topic")
                        .tag("topic", topic)
                        .register(registry));
    }

    private Counter messages(String topic, String source) {
        return Counter.builder("nexusd.topic.messages")
                .description("Messages of a topic, published at this node (local) or at another one")
                .tag("topic", topic)
                .tag("source", source)
                .register(registry);
    }
}
