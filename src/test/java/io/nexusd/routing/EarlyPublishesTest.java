package io.nexusd.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.nexusd.bus.Routing.Forwarding;
import io.nexusd.bus.Routing.Receiver;
import io.nexusd.model.Endpoint;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EarlyPublishesTest {
    private static final long START_MS = 1000;
    private static final long UNTIL_NS = EarlyPublishes.KEEP_NS;
    private static final NodeId ELDER = new NodeId("elder");
    private static final NodeId OTHER = new NodeId("other");

    private final EarlyPublishes early = new EarlyPublishes(START_MS, 3, 1_000_000);

    @Test
    void shouldGiveOnceAndInOrderWhatTheInterestMatches() {
        early.memberUp(identity(ELDER, START_MS - 1));
        publish("1", "a/b");
        publish("2", "x");
        publish("3", "a/c");
        assertThat(ids(early.claim(ELDER, List.of("a/#"), 1))).containsExactly("1", "3");
        assertThat(early.claim(ELDER, List.of("#"), 2)).isEmpty();
    }

    @Test
    void shouldGiveNothingToNodesThatStartedLaterOrDoNotSayWhen() {
        early.memberUp(identity(ELDER, START_MS + 1));
        early.memberUp(identity(OTHER, 0));
        publish("1", "a");
        assertThat(early.claim(ELDER, List.of("#"), 1)).isEmpty();
        assertThat(early.claim(OTHER, List.of("#"), 1)).isEmpty();
    }

    @Test
    void shouldOweNothingToANodeThatWentAndCameBack() {
        early.memberUp(identity(ELDER, 1));
        publish("1", "a");
        assertThat(early.claim(ELDER, List.of(), 1)).isEmpty();
        publish("2", "a");
        early.memberUp(identity(ELDER, 1));
        assertThat(early.claim(ELDER, List.of("a"), 2)).isEmpty();
    }

    @Test
    void shouldGiveEachShareToOneNodeOnly() {
        early.memberUp(identity(ELDER, 1));
        early.memberUp(identity(OTHER, 1));
        publish("1", "a");
        early.add(envelope("2", "a", Envelope.NEVER), List.of(), List.of("$share/g/a"), 0);
        assertThat(early.claim(ELDER, List.of("$share/g/a"), 1))
                .extracting(Forwarding::receivers)
                .containsExactly(List.of(new Receiver(ELDER, false, List.of("$share/g/a"), 0)));
        assertThat(early.claim(OTHER, List.of("$share/g/a"), 1)).isEmpty();
    }

    @Test
    void shouldLeaveOutWhatThePeerHasGotAndWhatHasExpired() {
        early.memberUp(identity(ELDER, 1));
        early.add(envelope("1", "a", Envelope.NEVER), List.of(new Receiver(ELDER, true, List.of(), 0)), List.of(), 0);
        early.add(envelope("2", "a", 5), List.of(), List.of(), 0);
        publish("3", "a");
        assertThat(ids(early.claim(ELDER, List.of("a"), 6))).containsExactly("3");
    }

    @Test
    void shouldKeepTheNewestWithinItsLimitAndNothingAfterItsTime() {
        early.begin(0);
        early.begin(7);
        early.memberUp(identity(ELDER, 1));
        early.memberUp(identity(OTHER, 1));
        for (int i = 0; i < 5; i++) {
            publish(Integer.toString(i), "a");
        }
        assertThat(ids(early.claim(ELDER, List.of("a"), UNTIL_NS - 1))).containsExactly("2", "3", "4");
        assertThat(early.claim(OTHER, List.of("a"), UNTIL_NS)).isEmpty();
    }

    private void publish(String id, String topic) {
        early.add(envelope(id, topic, Envelope.NEVER), List.of(), List.of(), 0);
    }

    private static List<String> ids(List<Forwarding> forwardings) {
        return forwardings.stream()
                .map(forwarding -> forwarding.envelope().messageId())
                .toList();
    }

    private static NodeIdentity identity(NodeId id, long startedAtMs) {
        return new NodeIdentity(id, "c", id.value(), new Endpoint("h", 1), 0, 2, "", startedAtMs);
    }

    private static Envelope envelope(String id, String topic, long expiresNs) {
        return new Envelope(id, topic, ByteString.EMPTY, "", 0, "n", false, "", 0, Map.of(), expiresNs);
    }
}
