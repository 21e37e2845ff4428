package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.nexusd.client.ForeignClient;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.proto.sidecar.GapRecoveryMode;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.ResumeSubscribeRequest;
import io.nexusd.proto.sidecar.SubscribeRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What several nodes promise together: retained messages, groups, and what becomes of messages when a node dies. */
@ExtendWith(ShowLogs.class)
class MeshDeliveryLabIT {
    private static final int OUTBOUND_QUEUE_LIMIT = 10_000;
    private static final Duration SOON = Duration.ofSeconds(60);

    @Test
    void shouldHoldTheNewestRetainedMessageOnEveryNode() {
        try (Lab lab = Lab.withHosts(3)) {
            List<LabDaemon> daemons = start(lab, 2);
            retain(daemons.get(0), "kept/a", "1");
            retain(daemons.get(1), "kept/a", "2");
            retain(daemons.get(1), "kept/b", "gone");
            retain(daemons.get(0), "kept/b", "");
            IntStream.range(0, 300).forEach(i -> retain(daemons.get(0), "kept/many/" + i, "m" + i));
            // What is still on its way when somebody subscribes comes to him as a live message.
            awaitRetained(301, daemons);
            ForeignSubscription early =
                    subscribeRetained(daemons.get(1), "kept/#").awaitEvents(events -> events.size() > 301);
            assertThat(early.retained()).hasSize(301).contains("2", "m299").doesNotContain("1", "gone");

            LabDaemon late = lab.host(2).start(options(lab));
            List<LabDaemon> all = List.of(daemons.get(0), daemons.get(1), late);
            ForeignSubscription waiting = subscribeRetained(late.awaitServing(), "kept/#");
            Mesh.awaitFull(SOON, all);
            waiting.awaitEvents(events -> events.size() > 301);
            assertThat(waiting.retained()).hasSize(301).contains("2", "m299").doesNotContain("1", "gone");
            awaitRetained(301, all);

            lab.partition(List.of(lab.host(0)), List.of(lab.host(1), lab.host(2)));
            Mesh.awaitPeers(0, SOON, daemons.subList(0, 1));
            retain(daemons.get(0), "kept/a", "older");
            retain(daemons.get(0), "kept/many/0", "");
            retain(late, "kept/a", "newer");
            retain(late, "kept/c", "other side");
            lab.healAll();
            Mesh.awaitFull(SOON, all);
            for (LabDaemon daemon : all) {
                await().atMost(SOON).pollInterval(Duration.ofMillis(300)).untilAsserted(() -> {
                    try (ForeignSubscription now = subscribeRetained(daemon, "kept/+")) {
                        assertThat(daemon.metric("nexusd_retained_messages")).isEqualTo(301);
                        now.awaitEvents(events -> events.size() > 2);
                        assertThat(now.retained()).containsExactlyInAnyOrder("newer", "other side");
                    }
                });
            }
            all.forEach(Ledger::awaitBalance);
        }
    }

    @Test
    void shouldShareMessagesAmongMembersOnAllNodesAndPassOnWhatAGoneOneDidNotGet() {
        try (Lab lab = Lab.withHosts(3)) {
            List<LabDaemon> daemons = start(lab, 3);
            List<ForeignSubscription> members = new ArrayList<>();
            for (LabDaemon daemon : daemons.subList(1, 3)) {
                members.add(daemon.client()
                        .subscribe(SubscribeRequest.newBuilder()
                                .addTopics("jobs/+")
                                .setGroup("g")
                                .build()));
            }
            Mesh.awaitInterest(daemons.get(0), "$share/g/jobs/+", 2, SOON);
            ForeignClient publisher = daemons.get(0).client();
            IntStream.range(0, 200).forEach(i -> publisher.publish("jobs/a", Integer.toString(i)));
            awaitTogether(members, 200);
            assertThat(members)
                    .allSatisfy(member -> assertThat(member.messages()).hasSize(100));
            assertThat(publisher.publish("jobs/a", "200").getSubscriberCount()).isEqualTo(1);

            // The node halts with messages on their way to it, and never comes back.
            daemons.get(2).freeze();
            IntStream.range(201, 400).forEach(i -> publisher.publish("jobs/a", Integer.toString(i)));
            daemons.get(2).kill();
            awaitTogether(members, 400);
            List<String> all = new ArrayList<>();
            members.forEach(member -> all.addAll(member.payloads()));
            assertThat(new HashSet<>(all)).hasSize(400);
            Ledger.awaitBalance(daemons.get(0));
            Ledger.awaitBalance(daemons.get(1));
        }
    }

    @Test
    void shouldCountWhatADeadReceiverDidNotGet() {
        try (Lab lab = Lab.withHosts(2)) {
            List<LabDaemon> daemons = start(lab, 2);
            LabDaemon sender = daemons.get(0);
            ForeignSubscription subscription = daemons.get(1).client().subscribe("flood");
            Mesh.awaitInterest(sender, "flood", 1, SOON);
            Flood flood = Flood.start(sender.client(), "flood", 40_000, 20_000);
            subscription.awaitMessages(5_000);
            daemons.get(1).kill();
            assertThat(flood.awaitEnd(Duration.ofSeconds(30))).isEqualTo(40_000);
            Mesh.awaitPeers(0, SOON, daemons.subList(0, 1));
            await().atMost(SOON).until(() -> Ledger.of(sender).queued() == 0);
            Ledger.awaitBalance(sender);
            Ledger ledger = Ledger.of(sender);
            int received = subscription.messages().size();
            assertThat(subscription.payloads()).doesNotHaveDuplicates();
            assertThat(ledger.forwarded() + ledger.dropped()).isEqualTo(ledger.targets());
            // What was acknowledged was written to the stream; the last writes may have died with the process's
            // sockets. What was received and not acknowledged waited in the outbound queue.
            assertThat((long) received)
                    .isBetween(ledger.forwarded() - 2_000, ledger.forwarded() + OUTBOUND_QUEUE_LIMIT);
        }
    }

    @Test
    void shouldDeliverNothingTwiceThoughTheSenderDies() {
        try (Lab lab = Lab.withHosts(2)) {
            // With queues that do not overflow on a slow machine: what is dropped there is no loss this is about.
            List<LabDaemon> daemons = start(
                    lab,
                    2,
                    options(lab)
                            .with("NEXUSD_MESH_OUTBOUND_QUEUE_LIMIT", "1000000")
                            .with("NEXUSD_DELIVERY_SUBSCRIBER_QUEUE_LIMIT", "1000000"));
            ForeignSubscription subscription = daemons.get(1).client().subscribe("flood");
            Mesh.awaitInterest(daemons.get(0), "flood", 1, SOON);
            Flood flood = Flood.start(daemons.get(0).client(), "flood", 1_000_000, 20_000);
            subscription.awaitMessages(5_000);
            daemons.get(0).kill();
            flood.awaitEnd(SOON);
            Mesh.awaitPeers(0, SOON, daemons.subList(1, 2));
            Ledger.awaitBalance(daemons.get(1));
            assertThat(subscription.payloads())
                    .isEqualTo(IntStream.range(0, subscription.messages().size())
                            .mapToObj(Integer::toString)
                            .toList());
        }
    }

    @Test
    void shouldGiveARestartedNodeWhatWaitedForIt() {
        try (Lab lab = Lab.withHosts(2)) {
            // The node may be slow to come back; until the peer timeout what is for it waits.
            Host.Options options = options(lab).with("NEXUSD_DISCOVERY_PEER_TIMEOUT_MS", "120000");
            List<LabDaemon> daemons = start(lab, 2, options);
            LabDaemon sender = daemons.get(0);
            ForeignSubscription before = daemons.get(1).client().subscribe("steady");
            Mesh.awaitInterest(sender, "steady", 1, SOON);
            IntStream.range(0, 10).forEach(i -> sender.client().publish("steady", Integer.toString(i)));
            before.awaitMessages(10);
            Ledger.awaitBalance(sender);
            daemons.get(1).kill();
            IntStream.range(10, 30).forEach(i -> sender.client().publish("steady", Integer.toString(i)));
            LabDaemon returned = lab.host(1).start(options).awaitServing();
            ForeignSubscription after = returned.client()
                    .resume(ResumeSubscribeRequest.newBuilder()
                            .setSubscriptionId(before.id())
                            .addTopics("steady")
                            .setLastMessageId(before.messages().get(9).getMessageId())
                            .setGapRecoveryMode(GapRecoveryMode.GAP_RECOVERY_REPLAY_BUFFER)
                            .build());
            assertThat(after.info().getGapDetected()).isTrue();
            assertThat(after.info().getMissedMessageCount()).isEqualTo(-1);
            after.awaitMessages(20);
            sender.client().publish("steady", "30");
            after.awaitMessages(21);
            assertThat(after.payloads())
                    .isEqualTo(
                            IntStream.range(10, 31).mapToObj(Integer::toString).toList());
            assertThat(after.messages()).extracting(Message::getSequenceNumber).startsWith(1L, 2L);
            Ledger.awaitBalance(sender);
        }
    }

    private static void awaitRetained(int messages, List<LabDaemon> daemons) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(daemons)
                        .allSatisfy(daemon -> assertThat(daemon.metric("nexusd_retained_messages"))
                                .isEqualTo(messages)));
    }

    private static void awaitTogether(List<ForeignSubscription> members, int count) {
        await(count + " messages at all members together")
                .atMost(Duration.ofSeconds(30))
                .until(() -> members.stream().mapToInt(m -> m.messages().size()).sum() >= count);
    }

    private static Host.Options options(Lab lab) {
        return Host.Options.of("--peers", lab.host(0).endpoint()).with("NEXUSD_PEERS_RETRY_INTERVAL_MS", "300");
    }

    private static List<LabDaemon> start(Lab lab, int count) {
        return start(lab, count, options(lab));
    }

    private static List<LabDaemon> start(Lab lab, int count, Host.Options options) {
        List<LabDaemon> daemons = lab.hosts().subList(0, count).stream()
                .map(host -> host.start(options))
                .toList();
        Mesh.awaitFull(SOON, daemons);
        return daemons;
    }

    private static ForeignSubscription subscribeRetained(LabDaemon daemon, String filter) {
        return daemon.client()
                .subscribe(SubscribeRequest.newBuilder()
                        .addTopics(filter)
                        .setReceiveRetained(true)
                        .build());
    }

    private static void retain(LabDaemon daemon, String topic, String payload) {
        daemon.client()
                .publish(PublishRequest.newBuilder()
                        .setTopic(topic)
                        .setPayload(ByteString.copyFromUtf8(payload))
                        .setRetain(true)
                        .build());
    }
}
