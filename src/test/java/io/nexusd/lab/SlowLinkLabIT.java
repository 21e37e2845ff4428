package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.nexusd.client.BaseNode;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.proto.mesh.MessageEnvelope;
import io.nexusd.proto.sidecar.PublishRequest;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Links of 4 Mbit/s with the default configuration: what takes longer to cross than a peer may be silent still crosses, once. */
@ExtendWith(ShowLogs.class)
@LongRun
class SlowLinkLabIT {
    private static final String RATE = "4mbit";
    /** Eight seconds at that rate. */
    private static final int LONG_BYTES = 4_000_000;

    private static final int RETAINED = 80;
    private static final int RETAINED_BYTES = 100_000;
    private static final Duration PATIENCE = Duration.ofSeconds(180);

    @Test
    void shouldCarryLongMessagesBothWaysOnceWhileShortOnesGoOn() {
        try (Lab lab = Lab.withHosts(2)) {
            List<LabDaemon> daemons = start(lab);
            lab.limitRate(lab.host(1), RATE);
            List<ForeignSubscription> subscriptions = daemons.stream()
                    .map(daemon -> daemon.client().subscribe("long", "short"))
                    .toList();
            daemons.forEach(daemon -> Mesh.awaitInterest(daemon, "long", 1, PATIENCE));
            daemons.forEach(daemon -> publishLong(daemon, "long"));
            int[] shorts = {0};
            // Each node gets its own long message, and that of the other one.
            await("the long messages").atMost(PATIENCE).until(() -> {
                daemons.get(0).client().publish("short", String.valueOf(shorts[0]++));
                return subscriptions.stream().allMatch(subscription -> count(subscription, "long") == 2);
            });
            await("the short messages")
                    .atMost(PATIENCE)
                    .until(() -> subscriptions.stream().allMatch(s -> count(s, "short") == shorts[0]));
            for (ForeignSubscription subscription : subscriptions) {
                assertThat(count(subscription, "long")).isEqualTo(2);
                assertThat(subscription.messages().stream()
                                .filter(message -> message.getTopic().equals("short"))
                                .map(message -> message.getPayload().toStringUtf8()))
                        .containsExactlyElementsOf(java.util.stream.IntStream.range(0, shorts[0])
                                .mapToObj(Integer::toString)
                                .toList());
            }
            for (LabDaemon daemon : daemons) {
                assertThat(daemon.metric("nexusd_mesh_reconnects_total")).isZero();
                assertThat(daemon.metric("nexusd_mesh_peers_gone_total")).isZero();
                assertThat(daemon.metric("nexusd_mesh_bytes_sent_total")).isLessThan(1.5 * LONG_BYTES);
                Ledger.awaitBalance(daemon);
            }
        }
    }

    @Test
    void shouldDeclareAHaltedPeerDeadThoughALongMessageIsOnItsWay() {
        try (Lab lab = Lab.withHosts(2)) {
            List<LabDaemon> daemons = start(lab);
            ForeignSubscription subscription = daemons.get(1).client().subscribe("long");
            Mesh.awaitInterest(daemons.get(0), "long", 1, PATIENCE);
            lab.limitRate(lab.host(1), RATE);
            publishLong(daemons.get(0), "long");
            daemons.get(1).freeze();
            await("the halted peer to be forgotten")
                    .atMost(PATIENCE)
                    .until(() -> daemons.get(0).metric("nexusd_mesh_peers_gone_total", "dead") == 1);
            daemons.get(1).thaw();
            Mesh.awaitFull(PATIENCE, daemons);
            subscription.close();
        }
    }

    @Test
    void shouldBringRetainedMessagesToAJoiningNodeAndAfterACutTheRest() {
        try (Lab lab = Lab.withHosts(2)) {
            LabDaemon first = lab.host(0).start().awaitServing();
            for (int i = 0; i < RETAINED; i++) {
                first.client()
                        .publish(PublishRequest.newBuilder()
                                .setTopic("kept/" + i)
                                .setRetain(true)
                                .setPayload(ByteString.copyFrom(new byte[RETAINED_BYTES]))
                                .build());
            }
            lab.limitRate(lab.host(0), RATE);
            LabDaemon joining =
                    lab.host(1).start("--peers", lab.host(0).endpoint()).awaitServing();
            await("some of the retained messages")
                    .atMost(PATIENCE)
                    .until(() -> joining.metric("nexusd_retained_messages") >= RETAINED / 4);
            lab.cut(lab.host(0));
            await("the peer to be forgotten")
                    .atMost(PATIENCE)
                    .until(() -> joining.metric("nexusd_mesh_peers_gone_total", "dead") == 1);
            int kept = (int) joining.metric("nexusd_retained_messages");
            assertThat(kept).isBetween(RETAINED / 4, RETAINED - 1);
            lab.heal(lab.host(0));
            await("all retained messages")
                    .atMost(PATIENCE)
                    .until(() -> joining.metric("nexusd_retained_messages") == RETAINED);
            String fetched = "retained messages fetched";
            await("its log")
                    .atMost(PATIENCE)
                    .until(() -> joining.logLines().stream().anyMatch(line -> line.contains(fetched)));
            assertThat(joining.logLines())
                    .filteredOn(line -> line.contains(fetched))
                    .singleElement()
                    .asString()
                    .endsWith("messages=" + (RETAINED - kept));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCarryALongMessageToABasePeerOnce(boolean hasStream) {
        try (Lab lab = Lab.withPlainHosts(1);
                BaseNode base = new BaseNode(lab.testAddress(), hasStream, "long", "short")) {
            // Told with its state, which takes longer than a dial may be silent.
            for (int i = 0; i < 30; i++) {
                base.retain(MessageEnvelope.newBuilder()
                        .setMessageId(UUID.randomUUID().toString())
                        .setTopic("kept/" + i)
                        .setRetain(true)
                        .setTimestampMs(System.currentTimeMillis())
                        .setPayload(ByteString.copyFrom(new byte[RETAINED_BYTES]))
                        .build());
            }
            Host host = lab.host(0);
            lab.limitRate(host, RATE);
            LabDaemon daemon = host.startUnconfigured().awaitServing();
            Mesh.awaitInterest(daemon, "long", 1, PATIENCE);
            await("the base peer's retained messages")
                    .atMost(PATIENCE)
                    .until(() -> daemon.metric("nexusd_retained_messages") == 30);
            publishLong(daemon, "long");
            daemon.client().publish("short", "x");
            await("both messages").atMost(PATIENCE).until(() -> base.received().size() >= 2);
            assertThat(base.received()).extracting(MessageEnvelope::getTopic).containsExactly("long", "short");
            assertThat(daemon.metric("nexusd_mesh_reconnects_total")).isZero();
        }
    }

    private static List<LabDaemon> start(Lab lab) {
        List<LabDaemon> daemons = lab.hosts().stream()
                .map(host -> host.start("--peers", lab.host(0).endpoint()))
                .toList();
        Mesh.awaitFull(PATIENCE, daemons);
        return daemons;
    }

    private static void publishLong(LabDaemon daemon, String topic) {
        daemon.client()
                .publish(PublishRequest.newBuilder()
                        .setTopic(topic)
                        .setPayload(ByteString.copyFrom(new byte[LONG_BYTES]))
                        .build());
    }

    private static long count(ForeignSubscription subscription, String topic) {
        return subscription.messages().stream()
                .filter(message -> message.getTopic().equals(topic))
                .count();
    }
}
