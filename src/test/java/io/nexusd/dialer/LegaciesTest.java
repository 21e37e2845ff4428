package io.nexusd.dialer;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import io.nexusd.wire.EncodedEnvelope;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LegaciesTest {
    private static final NodeId HEIR = new NodeId("heir");

    private final Legacies legacies = new Legacies();

    private static Outbox.Entry entry(String id, String topic) {
        Envelope envelope =
                new Envelope(id, topic, ByteString.EMPTY, "", 0, "n", false, "", 0, Map.of(), Envelope.NEVER);
        return new Outbox.Entry(envelope, EncodedEnvelope.EMPTY, true, List.of(), 0);
    }

    private static List<String> ids(List<Outbox.Entry> entries) {
        return entries.stream().map(entry -> entry.envelope.messageId()).toList();
    }

    @Test
    void shouldGiveTheHeirWhatItWantsAsSoonAsItDoes() {
        legacies.keep(HEIR, List.of(entry("1", "a"), entry("2", "b"), entry("3", "a")), 100);
        assertThat(legacies.claim(HEIR, List.of("x/#"))).isEmpty();
        assertThat(ids(legacies.claim(HEIR, List.of("a")))).containsExactly("1", "3");
        assertThat(legacies.claim(new NodeId("other"), List.of("#"))).isEmpty();
        assertThat(legacies.size()).isEqualTo(1);
        assertThat(ids(legacies.claim(HEIR, List.of("+")))).containsExactly("2");
        assertThat(legacies.isEmpty()).isTrue();
    }

    @Test
    void shouldGiveOutWhatNobodyClaimsInTime() {
        legacies.keep(HEIR, List.of(entry("1", "a")), 100);
        assertThat(legacies.unclaimed(99)).isEmpty();
        assertThat(ids(legacies.unclaimed(100))).containsExactly("1");
        assertThat(legacies.isEmpty()).isTrue();
    }

    @Test
    void shouldPassOnWhatAnHeirThatIsGoneDidNotGet() {
        legacies.keep(HEIR, List.of(entry("1", "a")), 100);
        assertThat(ids(legacies.disinherit(HEIR))).containsExactly("1");
        assertThat(legacies.disinherit(HEIR)).isEmpty();
    }
}
