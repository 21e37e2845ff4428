package io.nexusd.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.nexusd.bus.Routing.Replay;
import io.nexusd.bus.Routing.Replayed;
import io.nexusd.bus.Routing.TopicReplay;
import io.nexusd.model.Envelope;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplaysTest {
    private static final int KEPT = 3;

    private final History history = new History(KEPT, 1_000_000);
    private final Replays replays = new Replays(history, filters -> List.of());

    @Test
    void shouldGoByTheNumbersThatTheApplicationBrings() {
        record("a", 5);
        Replayed replayed = replays.of(replay(List.of("a"), Map.of("a", 3L), Map.of(), ""), 0);
        assertThat(replayed.exact()).isTrue();
        assertThat(sequences(replayed)).containsExactly(4L, 5L);
    }

    @Test
    void shouldSayThatItDoesNotKnowANumberThatWasNeverGivenAndBringWhatThereIs() {
        record("a", 5);
        Replayed replayed = replays.of(replay(List.of("a"), Map.of("a", 1000L), Map.of(), ""), 0);
        assertThat(replayed.exact()).isFalse();
        assertThat(sequences(replayed)).containsExactly(3L, 4L, 5L);
    }

    @Test
    void shouldGoByTheLastMessage() {
        record("a", 5);
        Replayed replayed = replays.of(replay(List.of("+"), Map.of(), Map.of("a", 5L), "a4"), 0);
        assertThat(replayed.exact()).isTrue();
        assertThat(sequences(replayed)).containsExactly(5L);
    }

    @Test
    void shouldBringWhatThereIsAfterAMessageThatIsNotThereAnyMore() {
        record("a", 5);
        record("other", 1);
        // The stream was written everything, but the application says that it has only the first.
        Replayed replayed = replays.of(replay(List.of("a"), Map.of(), Map.of(), "a1"), 0);
        assertThat(replayed.exact()).isFalse();
        assertThat(sequences(replayed)).containsExactly(3L, 4L, 5L);
    }

    @Test
    void shouldBeExactByNumbersWhateverTheLastMessage() {
        record("a", 5);
        Replayed replayed = replays.of(replay(List.of("a"), Map.of("a", 4L), Map.of(), "unknown"), 0);
        assertThat(replayed.exact()).isTrue();
        assertThat(sequences(replayed)).containsExactly(5L);
    }

    @Test
    void shouldGoByWhatWasWrittenWhenTheApplicationSaysNothing() {
        record("a", 5);
        Replayed replayed = replays.of(replay(List.of("a"), Map.of(), Map.of("a", 4L), ""), 0);
        assertThat(replayed.exact()).isTrue();
        assertThat(sequences(replayed)).containsExactly(5L);
    }

    private void record(String topic, int count) {
        for (int i = 1; i <= count; i++) {
            history.record(new Envelope(
                    topic + i, topic, ByteString.EMPTY, "", 0, "n", false, "", 0, Map.of(), Envelope.NEVER));
        }
    }

    private static Replay replay(
            List<String> filters, Map<String, Long> after, Map<String, Long> writtenUpTo, String messageId) {
        return new Replay(filters, after, writtenUpTo, messageId, true, false);
    }

    private static List<Long> sequences(Replayed replayed) {
        return replayed.topics().stream()
                .map(TopicReplay::messages)
                .flatMap(List::stream)
                .map(numbered -> numbered.sequence())
                .toList();
    }
}
