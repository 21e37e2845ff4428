package io.nexusd.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nexusd.model.Envelopes;
import org.junit.jupiter.api.Test;

class TopicMetersTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void shouldCountNothingWhileItIsOff() {
        new TopicMeters(registry, 0).count(Envelopes.of("m", "a"), false);
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void shouldTellApartAsManyTopicsAsAreAllowedAndCountTheRestTogether() {
        TopicMeters meters = new TopicMeters(registry, 2);
        meters.count(Envelopes.of("m", "a"), false);
        meters.count(Envelopes.of("m", "b"), true);
        for (int i = 0; i < 1000; i++) {
            meters.count(Envelopes.of("m", "more/" + i), false);
        }
        meters.count(Envelopes.of("m", "a"), true);
        assertThat(counted("a", "local")).isEqualTo(1);
        assertThat(counted("a", "remote")).isEqualTo(1);
        assertThat(counted("b", "remote")).isEqualTo(1);
        assertThat(counted(TopicMeters.OTHERS, "local")).isEqualTo(1000);
        assertThat(registry.getMeters()).hasSize(9);
    }

    @Test
    void shouldBeginAnewWithFewerTopics() {
        TopicMeters meters = new TopicMeters(registry, 2);
        meters.count(Envelopes.of("m", "a"), false);
        meters.setLimit(0);
        meters.count(Envelopes.of("m", "a"), false);
        assertThat(registry.getMeters()).isEmpty();
        meters.setLimit(1);
        meters.count(Envelopes.of("m", "a"), false);
        assertThat(counted("a", "local")).isEqualTo(1);
    }

    private double counted(String topic, String source) {
        return registry.get("nexusd.topic.messages")
                .tags("topic", topic, "source", source)
                .counter()
                .count();
    }
}
