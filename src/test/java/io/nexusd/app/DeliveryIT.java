package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.nexusd.client.ForeignClient;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.Ledger;
import io.nexusd.lab.ShowLogs;
import io.nexusd.proto.sidecar.GapRecoveryMode;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.PublishResponse;
import io.nexusd.proto.sidecar.ReplayComplete;
import io.nexusd.proto.sidecar.ResumeSubscribeRequest;
import io.nexusd.proto.sidecar.SubscribeRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What one daemon promises about delivery beyond the moment: pausing, lingering, history, retained messages, groups, time. */
@ExtendWith(ShowLogs.class)
class DeliveryIT {
    private static LabDaemon daemon;
    private static ForeignClient client;

    @BeforeAll
    static void start() {
        daemon = LabDaemon.onLoopback("delivery")
                .environment("NEXUSD_HISTORY_MESSAGES_PER_TOPIC", "50")
                .start()
                .awaitReady();
        client = daemon.client();
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    @AfterEach
    void balance() {
        Ledger.awaitBalance(daemon);
    }

    @Test
    void shouldReplayWhatCameDuringAPauseAndGoOnLiveWithoutASeam() {
        ForeignSubscription first = client.subscribe("p/+");
        publish("p/a", 0, 5);
        publish("p/b", 0, 2);
        first.awaitMessages(7);
        assertThat(first.messages())
                .filteredOn(m -> m.getTopic().equals("p/a"))
                .extracting(Message::getSequenceNumber)
                .containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(client.pause(first.id()).getPauseTtlMs()).isEqualTo(300_000);
        assertThat(first.awaitEnd().isOk()).isTrue();
        assertThat(client.topics()).containsKey("p/+");
        publish("p/a", 5, 10);
        publish("p/c", 0, 1);

        try (ForeignSubscription second = client.resume(replay(first.id()).build())) {
            publish("p/a", 10, 20);
            second.awaitMessages(10);
            assertThat(second.info().getGapDetected()).isFalse();
            assertThat(second.info().getReplayStarted()).isTrue();
            assertThat(second.id()).isEqualTo(first.id());
            assertThat(second.replayed()).containsExactlyInAnyOrder("5", "6", "7", "8", "9", "0");
            assertThat(second.completions()).containsExactlyInAnyOrder(complete("p/a", 5, 10), complete("p/c", 1, 1));
            assertThat(second.payloads()).isEqualTo(numbers(10, 20));
            assertThat(second.messages().get(0).getSequenceNumber()).isEqualTo(11);
            assertThat(second.events().get(second.events().size() - 1).hasMessage())
                    .isTrue();
        }
    }

    @Test
    void shouldSayExactlyHowManyMessagesAreMissing() {
        ForeignSubscription first = client.subscribe("gap/#");
        publish("gap/x", 0, 3);
        first.awaitMessages(3);
        client.pause(first.id());
        publish("gap/x", 3, 80);
        try (ForeignSubscription second = client.resume(replay(first.id()).build())) {
            second.awaitEvents(events -> events.stream().anyMatch(MessageEvent::hasReplayComplete));
            assertThat(second.info().getGapDetected()).isTrue();
            assertThat(second.info().getMissedMessageCount()).isEqualTo(27);
            assertThat(second.replayed()).isEqualTo(numbers(30, 80));
            client.pause(second.id());
        }
        publish("gap/x", 80, 84);
        try (ForeignSubscription third = client.resume(replay(first.id())
                .setGapRecoveryMode(GapRecoveryMode.GAP_RECOVERY_NONE)
                .build())) {
            publish("gap/x", 84, 85);
            third.awaitMessages(1);
            assertThat(third.info().getMissedMessageCount()).isEqualTo(4);
            assertThat(third.info().getReplayStarted()).isFalse();
            assertThat(third.replayed()).isEmpty();
            assertThat(third.payloads()).containsExactly("84");
        }
    }

    @Test
    void shouldGoByWhatTheApplicationSaysItHas() {
        ForeignSubscription first = client.subscribe("say");
        publish("say", 0, 10);
        first.awaitMessages(10);
        client.pause(first.id());
        publish("say", 10, 12);
        ResumeSubscribeRequest fromNumber =
                replay(first.id()).putLastSequencePerTopic("say", 4).build();
        try (ForeignSubscription second = client.resume(fromNumber)) {
            second.awaitEvents(events -> events.stream().anyMatch(MessageEvent::hasReplayComplete));
            assertThat(second.replayed()).isEqualTo(numbers(4, 12));
            assertThat(second.info().getGapDetected()).isFalse();
            client.pause(second.id());
        }
        ResumeSubscribeRequest fromMessage = replay(first.id())
                .setLastMessageId(first.messages().get(6).getMessageId())
                .build();
        try (ForeignSubscription third = client.resume(fromMessage)) {
            third.awaitEvents(events -> events.stream().anyMatch(MessageEvent::hasReplayComplete));
            assertThat(third.replayed()).isEqualTo(numbers(7, 12));
        }
        Status negative = client.tryResume(
                        replay(first.id()).putLastSequencePerTopic("say", -1).build())
                .awaitEnd();
        assertThat(negative.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void shouldSayThatItDoesNotKnowWhatIsMissingWhenTheLastMessageIsNotThereAnyMore() {
        ForeignSubscription first = client.subscribe("gone");
        publish("gone", 0, 100);
        first.awaitMessages(100);
        String third = first.messages().get(2).getMessageId();
        client.pause(first.id());
        first.awaitEnd();
        try (ForeignSubscription second =
                client.resume(replay(first.id()).setLastMessageId(third).build())) {
            second.awaitEvents(events -> events.stream().anyMatch(MessageEvent::hasReplayComplete));
            assertThat(second.info().getGapDetected()).isTrue();
            assertThat(second.info().getMissedMessageCount()).isEqualTo(-1);
            assertThat(second.replayed()).isEqualTo(numbers(50, 100));
        }
        client.unsubscribe(first.id());
    }

    @Test
    void shouldLingerForAnApplicationWhoseConnectionBroke() {
        ForeignClient fragile = new ForeignClient(daemon.address(), daemon.appPort());
        ForeignSubscription first = fragile.subscribe("linger");
        publish("linger", 0, 3);
        first.awaitMessages(3);
        fragile.close();
        await().until(() -> daemon.metric("nexusd_active_subscriptions", "") == 0);
        publish("linger", 3, 6);
        // Beyond the time that a mere cancel would leave.
        await().pollDelay(Duration.ofMillis(3500)).until(() -> true);
        try (ForeignSubscription second = client.resume(replay(first.id()).build())) {
            second.awaitEvents(events -> events.stream().anyMatch(MessageEvent::hasReplayComplete));
            assertThat(second.replayed()).isEqualTo(numbers(3, 6));
            assertThat(second.info().getMissedMessageCount()).isZero();
        }
    }

    @Test
    void shouldForgetACancelledStreamSoonButNotAtOnce() {
        ForeignSubscription first = client.subscribe("cancelled");
        first.cancel();
        await().until(() -> daemon.metric("nexusd_active_subscriptions", "") == 0);
        publish("cancelled", 0, 1);
        ForeignSubscription second = client.resume(replay(first.id()).build());
        second.awaitEvents(events -> events.stream().anyMatch(MessageEvent::hasReplayComplete));
        assertThat(second.replayed()).containsExactly("0");
        second.cancel();
        await().atMost(Duration.ofSeconds(60)).until(() -> !client.topics().containsKey("cancelled"));
        Status unknown = client.tryResume(replay(first.id()).build()).awaitEnd();
        assertThat(unknown.getCode()).isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void shouldMoveTheSubscriptionToTheNewestStream() {
        ForeignSubscription first = client.subscribe("moved");
        publish("moved", 0, 2);
        first.awaitMessages(2);
        try (ForeignSubscription second = client.resume(replay(first.id()).build())) {
            assertThat(first.awaitEnd().getCode()).isEqualTo(Status.Code.ABORTED);
            publish("moved", 2, 3);
            assertThat(second.awaitMessages(1).payloads()).containsExactly("2");
            assertThat(client.topics()).containsEntry("moved", 1);
        }
    }

    @Test
    void shouldBeginAnewUnderAnIdOfAnotherNode() {
        try (ForeignSubscription here = client.subscribe("anew")) {
            publish("anew", 0, 5);
            here.awaitMessages(5);
            ResumeSubscribeRequest request = replay("sub-of-another-node")
                    .addTopics("anew")
                    .setLastMessageId(here.messages().get(2).getMessageId())
                    .putLastSequencePerTopic("anew", 777)
                    .build();
            try (ForeignSubscription resumed = client.resume(request)) {
                publish("anew", 5, 6);
                resumed.awaitMessages(1);
                assertThat(resumed.id()).isEqualTo("sub-of-another-node");
                assertThat(resumed.info().getGapDetected()).isTrue();
                assertThat(resumed.info().getMissedMessageCount()).isEqualTo(-1);
                assertThat(resumed.replayed()).containsExactly("3", "4");
                assertThat(resumed.payloads()).containsExactly("5");
            }
        }
    }

    @Test
    void shouldTellARetainedMessageOnceAndForgetAClearedOne() {
        retain("kept/a", "1");
        retain("kept/a", "2");
        retain("kept/b", "3");
        SubscribeRequest.Builder request = SubscribeRequest.newBuilder().setReceiveRetained(true);
        try (ForeignSubscription all = client.subscribe(
                        request.addTopics("kept/#").addTopics("kept/a").build());
                ForeignSubscription without = client.subscribe("kept/#")) {
            publish("kept/a", 4, 5);
            all.awaitMessages(1);
            without.awaitMessages(1);
            assertThat(all.retained()).containsExactlyInAnyOrder("2", "3");
            assertThat(without.retained()).isEmpty();
            retain("kept/b", "");
            all.awaitMessages(2);
        }
        try (ForeignSubscription later = client.subscribe(request.build())) {
            publish("kept/a", 5, 6);
            later.awaitMessages(1);
            assertThat(later.retained()).containsExactly("2");
        }
        assertThat(daemon.metric("nexusd_retained_messages", "")).isEqualTo(1);
        retain("kept/a", "");
    }

    @Test
    void shouldShareMessagesAmongTheMembersOfAGroup() {
        List<ForeignSubscription> members = Stream.generate(() -> client.subscribe(SubscribeRequest.newBuilder()
                        .addTopics("jobs/#")
                        .setGroup("workers")
                        .build()))
                .limit(3)
                .toList();
        try (ForeignSubscription outside = client.subscribe("jobs/#")) {
            publish("jobs/x", 0, 30);
            outside.awaitMessages(30);
            await().until(() ->
                    members.stream().mapToInt(m -> m.messages().size()).sum() == 30);
            assertThat(members)
                    .allSatisfy(member -> assertThat(member.messages()).hasSize(10));
            members.get(0).cancel();
            await().until(() -> client.topics().get("jobs/#") == 3);
            publish("jobs/x", 30, 40);
            await().until(() ->
                    members.stream().mapToInt(m -> m.messages().size()).sum() == 40);
            List<String> all = new ArrayList<>();
            members.forEach(member -> all.addAll(member.payloads()));
            assertThat(all).containsExactlyInAnyOrderElementsOf(numbers(0, 40));
        }
        members.forEach(ForeignSubscription::cancel);
    }

    @Test
    void shouldHandOverToAMemberWithoutNumberingAgainOrCallingItRemote() {
        SubscribeRequest member = SubscribeRequest.newBuilder()
                .addTopics("handed")
                .setGroup("workers")
                .build();
        try (ForeignClient stalledClient = new ForeignClient(daemon.address(), daemon.appPort());
                ForeignSubscription outside = client.subscribe("handed");
                ForeignSubscription stalled = stalledClient.subscribePaused(member)) {
            byte[] payload = new byte[500_000];
            PublishRequest request = PublishRequest.newBuilder()
                    .setTopic("handed")
                    .setPayload(ByteString.copyFrom(payload))
                    .build();
            IntStream.range(0, 40).forEach(i -> client.publish(request));
            outside.awaitMessages(40);
            try (ForeignSubscription other = client.subscribe(member)) {
                client.unsubscribe(stalled.id());
                stalled.resume();
                await("all of them at members").until(() -> stalled.received() + other.received() == 40);
                assertThat(other.received()).as("handed over").isPositive();
                List<Long> numbers = new ArrayList<>();
                Stream.of(stalled, other)
                        .flatMap(one -> one.messages().stream())
                        .forEach(message -> numbers.add(message.getSequenceNumber()));
                assertThat(numbers)
                        .containsExactlyInAnyOrderElementsOf(
                                LongStream.rangeClosed(1, 40).boxed().toList());
            }
            client.publish(request);
            assertThat(outside.awaitMessages(41).messages())
                    .extracting(Message::getSequenceNumber)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, 41).boxed().toList());
            client.pause(outside.id());
            outside.awaitEnd();
            try (ForeignSubscription again = client.resume(
                    replay(outside.id()).putLastSequencePerTopic("handed", 0).build())) {
                again.awaitEvents(events -> events.stream().anyMatch(MessageEvent::hasReplayComplete));
                assertThat(again.info().getMissedMessageCount()).isZero();
                assertThat(again.replayed()).hasSize(41);
            }
        }
        assertThat(daemon.metric("nexusd_messages_delivered_total", "delivery_type=\"remote\""))
                .isZero();
    }

    @Test
    void shouldFallBackToTheRetainedMessageWhereTheHistoryDoesNotReach() {
        ForeignSubscription first = client.subscribe("fallback/#");
        client.pause(first.id());
        first.awaitEnd();
        retain("fallback/long", "state");
        publish("fallback/long", 0, 60);
        retain("fallback/short", "replayed");
        try (ForeignSubscription second =
                client.resume(replay(first.id()).setReceiveRetained(false).build())) {
            second.awaitEvents(events ->
                    events.stream().filter(MessageEvent::hasReplayComplete).count() == 2);
            assertThat(second.info().getReplayStarted()).isTrue();
            assertThat(second.info().getMissedMessageCount()).isEqualTo(11);
            assertThat(second.retained()).containsExactly("state");
            assertThat(second.replayed()).hasSize(51).contains("replayed");
            client.pause(second.id());
        }
        try (ForeignSubscription third = client.resume(replay(first.id()).build())) {
            assertThat(third.info().getReplayStarted()).as("nothing to replay").isFalse();
            publish("fallback/long", 60, 61);
            third.awaitMessages(1);
            assertThat(third.retained()).isEmpty();
            client.unsubscribe(third.id());
        }
        for (boolean receiveRetained : new boolean[] {true, false}) {
            try (ForeignSubscription unknown = client.resume(replay("sub-of-a-third-node")
                    .addTopics("fallback/#")
                    .setReceiveRetained(receiveRetained)
                    .build())) {
                publish("fallback/long", 61, 62);
                unknown.awaitMessages(1);
                assertThat(unknown.retained()).containsExactlyInAnyOrder("state", "replayed");
                assertThat(unknown.info().getReplayStarted()).isFalse();
                client.unsubscribe(unknown.id());
            }
        }
        retain("fallback/long", "");
        retain("fallback/short", "");
    }

    @Test
    void shouldCountSubscriptionsWithoutAStreamApart() {
        try (ForeignSubscription here = client.subscribe("count/a");
                ForeignSubscription paused = client.subscribe("count/+")) {
            assertThat(client.publish("count/a", "1").getSubscriberCount()).isEqualTo(2);
            client.pause(paused.id());
            PublishResponse published = client.publish("count/a", "2");
            assertThat(published.getSubscriberCount()).isEqualTo(1);
            assertThat(published.getSubscribersWaiting()).isEqualTo(1);
            client.unsubscribe(here.id());
            here.awaitEnd();
            PublishResponse last = client.publish("count/a", "3");
            assertThat(last.getSubscriberCount()).isZero();
            assertThat(last.getSubscribersWaiting()).isEqualTo(1);
            assertThat(last.getSuccess()).isTrue();
            client.unsubscribe(paused.id());
        }
    }

    @Test
    void shouldResumeAMemberOfAGroupAsAMemberOrNotAtAll() {
        SubscribeRequest options = SubscribeRequest.newBuilder()
                .addTopics("shift/#")
                .setGroup("workers")
                .setAcceptBatches(true)
                .setMaxBufferSize(77)
                .build();
        try (ForeignSubscription other = client.subscribe(options)) {
            ForeignSubscription ended = client.subscribe(options);
            client.unsubscribe(ended.id());
            ended.awaitEnd();
            for (ResumeSubscribeRequest without : List.of(
                    replay(ended.id()).addTopics("shift/#").build(),
                    replay(ended.id())
                            .setOptions(options.toBuilder().clearGroup())
                            .build())) {
                Status refused = client.tryResume(without).awaitEnd();
                assertThat(refused.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
                assertThat(refused.getDescription()).contains("options", "group", ended.id());
            }
            assertThat(client.tryResume(replay(ended.id()).build()).awaitEnd().getCode())
                    .isEqualTo(Status.Code.NOT_FOUND);
            Status invalid = client.tryResume(replay(ended.id())
                            .setOptions(options.toBuilder().setGroup("a/b"))
                            .build())
                    .awaitEnd();
            assertThat(invalid.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(invalid.getDescription()).startsWith("options: group");
            try (ForeignSubscription resumed =
                    client.resume(replay(ended.id()).setOptions(options).build())) {
                assertThat(resumed.id()).isEqualTo(ended.id());
                assertThat(resumed.info().getTopicsList()).containsExactly("shift/#");
                assertThat(resumed.info().getMissedMessageCount()).isEqualTo(-1);
                assertThat(resumed.info().getReplayStarted()).isFalse();
                publish("shift/x", 0, 40);
                await().until(() -> other.received() + resumed.received() == 40);
                assertThat(other.received()).isEqualTo(20);
                List<String> all = new ArrayList<>(other.payloads());
                all.addAll(resumed.payloads());
                assertThat(all).containsExactlyInAnyOrderElementsOf(numbers(0, 40));
                client.unsubscribe(resumed.id());
            }
        }
    }

    @Test
    void shouldNeverDeliverAfterItsTime() {
        ForeignSubscription first = client.subscribe("brief/#");
        client.pause(first.id());
        client.publish(PublishRequest.newBuilder()
                .setTopic("brief/a")
                .setPayload(ByteString.copyFromUtf8("gone"))
                .setTtlMs(300)
                .setRetain(true)
                .build());
        publish("brief/a", 1, 2);
        await().pollDelay(Duration.ofMillis(400)).until(() -> true);
        try (ForeignSubscription second =
                client.resume(replay(first.id()).setReceiveRetained(true).build())) {
            second.awaitEvents(events -> events.stream().anyMatch(MessageEvent::hasReplayComplete));
            assertThat(second.replayed()).containsExactly("1");
            assertThat(second.retained()).isEmpty();
            assertThat(second.info().getMissedMessageCount()).isEqualTo(1);
        }
        await().until(() -> daemon.metric("nexusd_retained_messages", "") == 0);
    }

    private static void retain(String topic, String payload) {
        client.publish(PublishRequest.newBuilder()
                .setTopic(topic)
                .setPayload(ByteString.copyFromUtf8(payload))
                .setRetain(true)
                .build());
    }

    private static void publish(String topic, int from, int to) {
        IntStream.range(from, to).forEach(i -> client.publish(topic, Integer.toString(i)));
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    private static ResumeSubscribeRequest.Builder replay(String id) {
        return ResumeSubscribeRequest.newBuilder()
                .setSubscriptionId(id)
                .setGapRecoveryMode(GapRecoveryMode.GAP_RECOVERY_REPLAY_BUFFER);
    }

    private static ReplayComplete complete(String topic, int count, long latest) {
        return ReplayComplete.newBuilder()
                .setTopic(topic)
                .setReplayedCount(count)
                .setLatestSequence(latest)
                .build();
    }
}
