package io.nexusd.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "a/b", "Öl/Preis", "a b/c", "orders/2024/eu", "😀/x", "a$b"})
    void shouldAcceptTopics(String topic) {
        assertThat(Topic.problemWithTopic(topic)).isEmpty();
        assertThat(Topic.problemWithFilter(topic)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "'', is empty",
        "/a, empty level",
        "a/, empty level",
        "a//b, empty level",
        "/, empty level",
        "a/+, wildcard",
        "#, wildcard",
        "$SYS/x, begins with '$'",
    })
    void shouldSayWhichRuleATopicBreaks(String topic, String rule) {
        assertThat(Topic.problemWithTopic(topic))
                .hasValueSatisfying(text -> assertThat(text).contains(rule.replace("'$'", "'$'")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"+", "#", "a/#", "+/b/+", "a/+/#", "$SYS/#"})
    void shouldAcceptFilters(String filter) {
        assertThat(Topic.problemWithFilter(filter)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"a/#/b, before its end", "a#, mixes", "a/b+/c, mixes", "##, mixes", "a//#, empty level", "'', is empty"
    })
    void shouldSayWhichRuleAFilterBreaks(String filter, String rule) {
        assertThat(Topic.problemWithFilter(filter))
                .hasValueSatisfying(text -> assertThat(text).contains(rule));
    }

    @Test
    void shouldLimitBytesLevelsAndCharacters() {
        assertThat(Topic.problemWithTopic("x".repeat(256))).isEmpty();
        assertThat(Topic.problemWithTopic("x".repeat(257))).isPresent();
        assertThat(Topic.problemWithTopic("ü".repeat(128))).isEmpty();
        assertThat(Topic.problemWithTopic("ü".repeat(129))).isPresent();
        assertThat(Topic.problemWithTopic(String.join("/", Collections.nCopies(32, "a"))))
                .isEmpty();
        assertThat(Topic.problemWithTopic(String.join("/", Collections.nCopies(33, "a"))))
                .isPresent();
        assertThat(Topic.problemWithTopic("a\nb"))
                .hasValueSatisfying(
                        text -> assertThat(text).contains("control character").doesNotContain("\n"));
        assertThat(Topic.problemWithTopic("a\u0000")).isPresent();
        assertThat(Topic.problemWithTopic("a\ud800")).isPresent();
    }
}
