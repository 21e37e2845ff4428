package io.nexusd.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicTrieTest {
    @ParameterizedTest
    @CsvSource({
        "a/b, a/b, true",
        "a/b, a/c, false",
        "a/+, a/b, true",
        "a/+, a, false",
        "a/+, a/b/c, false",
        "+/b, a/b, true",
        "+, a, true",
        "#, a/b/c, true",
        "a/#, a, true",
        "a/#, a/b/c, true",
        "a/#, ab, false",
        "a/+/#, a, false",
        "a/+/#, a/b, true",
        "#, $node/x, false",
        "+/x, $node/x, false",
        "$node/#, $node/x, true",
        "$node/+, $node/x, true",
        "A, a, false",
    })
    void shouldMatchByLevels(String filter, String topic, boolean expected) {
        TopicTrie<String> trie = new TopicTrie<>();
        trie.add(filter, "holder");

        assertThat(matches(trie, topic).contains("holder")).isEqualTo(expected);
    }

    @Test
    void shouldAgreeWithAPlainMatcherThroughAddsAndRemoves() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        TopicTrie<Integer> trie = new TopicTrie<>();
        Map<Integer, Set<String>> reference = new HashMap<>();
        for (int step = 0; step < 20_000; step++) {
            int holder = random.nextInt(20);
            Set<String> held = reference.computeIfAbsent(holder, h -> new HashSet<>());
            String filter = randomFilter(random);
            if (random.nextInt(3) > 0) {
                assertThat(trie.add(filter, holder)).as("seed %d", seed).isEqualTo(held.add(filter));
            } else {
                assertThat(trie.remove(filter, holder)).as("seed %d", seed).isEqualTo(held.remove(filter));
            }
            String topic = randomTopic(random);
            Set<Integer> expected = new HashSet<>();
            reference.forEach((h, filters) -> {
                if (filters.stream().anyMatch(f -> plainMatch(f, topic))) {
                    expected.add(h);
                }
            });
            assertThat(matches(trie, topic)).as("seed %d topic %s", seed, topic).isEqualTo(expected);
        }
        reference.forEach((holder, filters) -> filters.forEach(filter -> trie.remove(filter, holder)));
        assertThat(trie.size()).isZero();
    }

    private static <T> Set<T> matches(TopicTrie<T> trie, String topic) {
        Set<T> matched = new HashSet<>();
        trie.match(topic, matched);
        return matched;
    }

    private static boolean plainMatch(String filter, String topic) {
        String regex = filter.equals("#")
                ? ".*"
                : filter.replace("$", "\\$").replaceAll("/#$", "(/.*)?").replace("+", "[^/]*");
        boolean hidden = topic.startsWith("$") && (filter.startsWith("+") || filter.startsWith("#"));
        return !hidden && topic.matches(regex);
    }

    private static String randomTopic(Random random) {
        return String.join("/", randomLevels(random, List.of("a", "b", "c")));
    }

    private static String randomFilter(Random random) {
        List<String> levels = randomLevels(random, List.of("a", "b", "c", "+"));
        if (random.nextInt(4) == 0) {
            levels.set(levels.size() - 1, "#");
        }
        return String.join("/", levels);
    }

    private static List<String> randomLevels(Random random, List<String> choices) {
        List<String> levels = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            levels.add(choices.get(random.nextInt(choices.size())));
        }
        if (random.nextInt(10) == 0) {
            levels.set(0, "$a");
        }
        return levels;
    }
}
