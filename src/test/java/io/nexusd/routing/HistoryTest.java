package io.nexusd.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.bus.Routing.Numbered;
import io.nexusd.model.Envelope;
import io.nexusd.model.Envelopes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class HistoryTest {
    private static final int SIZE = Envelopes.of("1", "a").memoryBytes();

    private static List<Long> sequences(List<Numbered> numbered) {
        return numbered.stream().map(Numbered::sequence).toList();
    }

    @Test
    void shouldNumberEachTopicFromOne() {
        History history = new History(10, 1_000_000);
        assertThat(history.record(Envelopes.of("1", "a"))).isEqualTo(1);
        assertThat(history.record(Envelopes.of("2", "b"))).isEqualTo(1);
        assertThat(history.record(Envelopes.of("3", "a"))).isEqualTo(2);
        assertThat(history.lastSequence("a")).isEqualTo(2);
        assertThat(history.lastSequence("c")).isZero();
        assertThat(sequences(history.after("a", 0, 0))).containsExactly(1L, 2L);
        assertThat(sequences(history.after("a", 1, 0))).containsExactly(2L);
        assertThat(history.after("c", 0, 0)).isEmpty();
    }

    @Test
    void shouldTellTheNumbersOfTheNewestMessagesByTheirIds() {
        History history = new History(3, 1_000_000);
        for (int i = 1; i <= 5; i++) {
            history.record(Envelopes.of("m" + i, "a"));
        }
        history.record(Envelopes.of("other", "b"));
        Map<String, Long> numberById = new HashMap<>();
        history.addNumbersAbove("a", 4, numberById);
        assertThat(numberById).isEqualTo(Map.of("m5", 5L));
        history.addNumbersAbove("a", 0, numberById);
        assertThat(numberById).isEqualTo(Map.of("m3", 3L, "m4", 4L, "m5", 5L));
        history.addNumbersAbove("nobody's", 0, numberById);
        assertThat(numberById).hasSize(3);
    }

    @Test
    void shouldKeepTheLastOfATopicAndGoOnNumbering() {
        History history = new History(3, 1_000_000);
        for (int i = 1; i <= 10; i++) {
            assertThat(history.record(Envelopes.of("" + i, "a"))).isEqualTo(i);
        }
        assertThat(sequences(history.after("a", 0, 0))).containsExactly(8L, 9L, 10L);
        history.setLimits(2, 1_000_000);
        assertThat(sequences(history.after("a", 0, 0))).containsExactly(9L, 10L);
        history.setLimits(0, 1_000_000);
        assertThat(history.after("a", 0, 0)).isEmpty();
        assertThat(history.record(Envelopes.of("11", "a"))).isEqualTo(11);
        assertThat(history.bytes()).isZero();
    }

    @Test
    void shouldGiveUpTheTopicUsedLeastRecentlyWhenBytesRunOut() {
        History history = new History(100, 4L * SIZE);
        history.record(Envelopes.of("1", "a"));
        history.record(Envelopes.of("2", "b"));
        history.record(Envelopes.of("3", "b"));
        history.record(Envelopes.of("4", "a"));
        history.record(Envelopes.of("5", "c"));
        history.record(Envelopes.of("6", "c"));
        assertThat(history.after("b", 0, 0)).isEmpty();
        assertThat(sequences(history.after("a", 0, 0))).containsExactly(1L, 2L);
        assertThat(history.bytes()).isEqualTo(4L * SIZE);
        assertThat(history.record(Envelopes.of("7", "b"))).isEqualTo(3);
    }

    @Test
    void shouldNumberButNotKeepWhatIsLargerThanAll() {
        History history = new History(100, SIZE);
        assertThat(history.record(Envelopes.of("1", "a", "x".repeat(1000), 0, Envelope.NEVER)))
                .isEqualTo(1);
        assertThat(history.after("a", 0, 0)).isEmpty();
        assertThat(history.bytes()).isZero();
    }

    @Test
    void shouldNeitherGiveOutNorKeepWhatHasExpired() {
        History history = new History(100, 1_000_000);
        history.record(Envelopes.of("1", "a"));
        history.record(Envelopes.expiring("2", "a", 100));
        history.record(Envelopes.of("3", "a"));
        assertThat(sequences(history.after("a", 0, 99))).containsExactly(1L, 2L, 3L);
        assertThat(sequences(history.after("a", 0, 100))).containsExactly(1L, 3L);
        history.reap(100);
        assertThat(sequences(history.after("a", 0, 0))).containsExactly(1L, 3L);
        assertThat(history.bytes()).isEqualTo(2L * SIZE);
    }

    @Test
    void shouldFindWhatCameAfterAMessageOnEveryTopic() {
        History history = new History(100, 1_000_000);
        history.record(Envelopes.of("1", "a"));
        history.record(Envelopes.of("2", "b"));
        history.record(Envelopes.of("3", "a"));
        history.record(Envelopes.of("4", "c"));
        assertThat(history.positionsAfter("2")).isEqualTo(Map.of("a", 1L, "c", 0L));
        assertThat(history.positionsAfter("4")).isEmpty();
        assertThat(history.positionsAfter("nobody's")).isNull();
    }

    /** Against a model that keeps everything: what is there is a suffix of it, within the limits, with the right numbers. */
    @Test
    void shouldHoldASuffixOfEachTopicWithinItsLimitsWhateverHappens() {
        for (long seed = 1; seed <= 2_000; seed++) {
            Random random = new Random(seed);
            int perTopic = 1 + random.nextInt(8);
            long maxBytes = SIZE * (1L + random.nextInt(20));
            History history = new History(perTopic, maxBytes);
            Map<String, List<Envelope>> model = new HashMap<>();
            for (int step = 0; step < 60; step++) {
                String topic = "t" + random.nextInt(4);
                long expires = random.nextInt(4) == 0 ? random.nextInt(60) : Envelope.NEVER;
                Envelope envelope = Envelopes.expiring("" + step % 10, topic, expires);
                List<Envelope> all = model.computeIfAbsent(topic, t -> new ArrayList<>());
                all.add(envelope);
                assertThat(history.record(envelope)).isEqualTo(all.size());
                if (random.nextInt(5) == 0) {
                    history.reap(step);
                }
                long held = 0;
                for (Map.Entry<String, List<Envelope>> entry : model.entrySet()) {
                    List<Numbered> found = history.after(entry.getKey(), 0, step);
                    held += found.size();
                    assertThat(found.size()).as("seed %d", seed).isLessThanOrEqualTo(perTopic);
                    for (Numbered numbered : found) {
                        assertThat(entry.getValue().get((int) numbered.sequence() - 1))
                                .as("seed %d", seed)
                                .isSameAs(numbered.envelope());
                    }
                    assertThat(history.lastSequence(entry.getKey()))
                            .isEqualTo(entry.getValue().size());
                    assertThat(sequences(found)).as("seed %d", seed).isSorted();
                }
                assertThat(held * SIZE).as("seed %d", seed).isLessThanOrEqualTo(history.bytes());
                assertThat(history.bytes()).as("seed %d", seed).isLessThanOrEqualTo(maxBytes);
            }
        }
    }

    @Test
    void shouldForgetTheNumberingOfTheTopicUsedLeastRecentlyBeyondItsLimit() {
        History history = new History(1, Long.MAX_VALUE);
        LongStream.range(0, History.MAX_TOPICS + 1).forEach(i -> history.record(Envelopes.of("1", "t" + i)));
        assertThat(history.lastSequence("t0")).isZero();
        assertThat(history.after("t0", 0, 0)).isEmpty();
        assertThat(history.lastSequence("t1")).isEqualTo(1);
        assertThat(history.topics()).hasSize(History.MAX_TOPICS);
    }
}
