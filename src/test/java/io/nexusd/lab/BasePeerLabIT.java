package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.nexusd.client.BaseNode;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.proto.mesh.Ack;
import io.nexusd.proto.mesh.MessageEnvelope;
import io.nexusd.proto.mesh.NodeState;
import io.nexusd.proto.sidecar.PeerInfo;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node of protocol version 1, which knows beacons and the three base RPCs only, in one mesh with a daemon. */
@ExtendWith(ShowLogs.class)
class BasePeerLabIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int COUNT = 200;
    private static final int MESH_PORT = 5671;

    /** CRC-64/WE of {@code ours/#} and a line feed, computed apart from the daemon's own code. */
    private static final long ONE_FILTER_HASH = 0x9A894266BE44C068L;

    @ParameterizedTest(name = "with PushMessageStream: {0}")
    @ValueSource(booleans = {true, false})
    void shouldSendABasePeerWhatItWantsAndFollowItsInterest(boolean hasStream) {
        try (Lab lab = Lab.withPlainHosts(1);
                BaseNode base = new BaseNode(lab.testAddress(), hasStream, "base/+")) {
            LabDaemon daemon = lab.host(0).startUnconfigured().awaitServing();
            awaitTopics(daemon, base, List.of("base/+"));

            List<String> ids = IntStream.range(0, COUNT)
                    .mapToObj(i -> daemon.client().publish("base/a", Integer.toString(i)))
                    .peek(response -> assertThat(response.getSubscriberCount()).isEqualTo(1))
                    .map(response -> response.getMessageId())
                    .toList();
            assertThat(daemon.client().publish("other/a", "x").getSubscriberCount())
                    .isZero();
            await("all messages at the base peer")
                    .atMost(SOON)
                    .until(() -> base.received().size() >= COUNT);
            assertThat(base.received())
                    .extracting(MessageEnvelope::getMessageId)
                    .containsExactlyElementsOf(ids);
            assertThat(base.received())
                    .extracting(envelope -> envelope.getPayload().toStringUtf8())
                    .containsExactlyElementsOf(IntStream.range(0, COUNT)
                            .mapToObj(Integer::toString)
                            .toList());

            base.want("base/+", "more/#");
            awaitTopics(daemon, base, List.of("base/+", "more/#"));
            assertThat(daemon.client().publish("more/b/c", "x").getSubscriberCount())
                    .isEqualTo(1);
            await("the other topic's message")
                    .atMost(SOON)
                    .until(() -> base.received().size() == COUNT + 1);
        }
    }

    @Test
    void shouldTakeWhatABasePeerPushesOnceEach() {
        try (Lab lab = Lab.withPlainHosts(1);
                BaseNode base = new BaseNode(lab.testAddress(), true)) {
            Host host = lab.host(0);
            LabDaemon daemon = host.startUnconfigured().awaitServing();
            awaitTopics(daemon, base, List.of());
            try (ForeignSubscription subscription = daemon.client().subscribe("ours/#")) {
                await("interest in the state")
                        .atMost(SOON)
                        .until(
                                () -> base.stateOf(host.address(), MESH_PORT).getTopicsList(),
                                List.of("ours/#")::equals);
                NodeState state = base.stateOf(host.address(), MESH_PORT);
                assertThat(state.getTopicStateHash()).isEqualTo(ONE_FILTER_HASH);
                assertThat(state.getInstanceUuid()).isNotEmpty().isNotEqualTo(base.uuid());

                MessageEnvelope first = envelope(base, "first");
                Ack ack = base.push(host.address(), MESH_PORT, first);
                assertThat(ack.getSuccess()).isTrue();
                assertThat(ack.getMessageId()).isEqualTo(first.getMessageId());

                List<MessageEnvelope> more = IntStream.range(0, COUNT)
                        .mapToObj(i -> envelope(base, "more " + i))
                        .toList();
                assertThat(base.pushAll(host.address(), MESH_PORT, more))
                        .allMatch(Ack::getSuccess)
                        .extracting(Ack::getMessageId)
                        .containsExactlyElementsOf(
                                more.stream().map(MessageEnvelope::getMessageId).toList());
                // Again, as after a broken stream; then a last one that shows that nothing of it came through.
                base.pushAll(host.address(), MESH_PORT, more);
                base.push(host.address(), MESH_PORT, first);
                base.push(host.address(), MESH_PORT, envelope(base, "last"));
                subscription.awaitMessages(COUNT + 2);
                assertThat(subscription.payloads())
                        .hasSize(COUNT + 2)
                        .startsWith("first", "more 0")
                        .endsWith("more " + (COUNT - 1), "last");
                assertThat(subscription.messages())
                        .allMatch(message -> message.getSourceNodeId().equals(base.uuid()));
            }
        }
    }

    @Test
    void shouldForgetABasePeerThatFallsSilent() {
        try (Lab lab = Lab.withPlainHosts(1);
                BaseNode base = new BaseNode(lab.testAddress(), true, "base/#")) {
            LabDaemon daemon = lab.host(0).startUnconfigured().awaitServing();
            awaitTopics(daemon, base, List.of("base/#"));
            long states = base.statesGiven();
            await("some beacons that change nothing")
                    .atMost(SOON)
                    .until(() -> daemon.metric("nexusd_discovery_beacons_sent_total") > 5);
            assertThat(base.statesGiven())
                    .as("asked again though nothing changed")
                    .isLessThanOrEqualTo(states + 1);
            base.close();
            await("the silent peer to be forgotten")
                    .atMost(SOON)
                    .until(() -> daemon.client().peers().isEmpty());
            assertThat(daemon.client().publish("base/a", "x").getSubscriberCount())
                    .isZero();
        }
    }

    private static MessageEnvelope envelope(BaseNode base, String payload) {
        return MessageEnvelope.newBuilder()
                .setMessageId(UUID.randomUUID().toString())
                .setTopic("ours/a")
                .setPayload(ByteString.copyFromUtf8(payload))
                .setTimestampMs(System.currentTimeMillis())
                .setSourceNodeId(base.uuid())
                .build();
    }

    private static void awaitTopics(LabDaemon daemon, BaseNode base, List<String> topics) {
        await(daemon + " knowing that the base peer wants " + topics)
                .atMost(SOON)
                .until(
                        () -> daemon.client().peers().stream()
                                .filter(peer -> peer.getInstanceUuid().equals(base.uuid()))
                                .filter(peer -> peer.getStatus().equals("alive"))
                                .map(PeerInfo::getTopicsList)
                                .map(List::copyOf)
                                .toList(),
                        List.of(topics)::equals);
    }
}
