package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.nexusd.client.Collector;
import io.nexusd.client.ForeignClient;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.CpuTicks;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.Ledger;
import io.nexusd.lab.ShowLogs;
import io.nexusd.proto.sidecar.GapRecoveryMode;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.PublishResponse;
import io.nexusd.proto.sidecar.ResumeSubscribeRequest;
import io.nexusd.proto.sidecar.SubscribeRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Applications with a connection each, which the daemon serves on different event loops. */
@ExtendWith(ShowLogs.class)
class ManyConnectionsIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String EVENT_LOOP = "vert.x-eventloo";

    private static LabDaemon daemon;

    private final List<ForeignClient> clients = new ArrayList<>();

    @BeforeAll
    static void start() {
        daemon = start("connections", "drop-oldest");
    }

    @AfterEach
    void disconnect() {
        clients.forEach(ForeignClient::close);
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    @Test
    void shouldUseEveryEventLoopAndKeepTheOrderOfEachPublisher() {
        int each = 2_000;
        List<Long> before = CpuTicks.ofThreads(daemon.pid(), EVENT_LOOP);
        List<ForeignSubscription> subscriptions = IntStream.range(0, 4)
                .mapToObj(i -> connect().subscribe("hot/#"))
                .toList();
        List<Collector<PublishResponse>> answers = new ArrayList<>();
        List<StreamObserver<PublishRequest>> publishers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            answers.add(new Collector<>());
            publishers.add(connect().publishStream(answers.get(i)));
        }
        for (int n = 0; n < each; n++) {
            for (int i = 0; i < 4; i++) {
                publishers.get(i).onNext(request("hot/" + i, n, 1_000));
            }
        }
        publishers.forEach(StreamObserver::onCompleted);
        answers.forEach(answer -> assertThat(answer.awaitEnd()).isNull());

        for (ForeignSubscription subscription : subscriptions) {
            subscription.awaitMessages(4 * each, LIMIT);
            for (int i = 0; i < 4; i++) {
                String topic = "hot/" + i;
                assertThat(subscription.messages().stream()
                                .filter(m -> m.getTopic().equals(topic)))
                        .extracting(Message::getCorrelationId)
                        .containsExactlyElementsOf(numbers(each));
            }
        }
        Ledger.awaitBalance(daemon);
        List<Long> after = CpuTicks.ofThreads(daemon.pid(), EVENT_LOOP);
        List<Long> used = IntStream.range(0, after.size())
                .mapToObj(i -> after.get(i) - before.get(i))
                .sorted(Comparator.reverseOrder())
                .toList();
        assertThat(daemon.body("/livez")).contains("appapi", "connections-1");
        assertThat(used).hasSizeGreaterThan(1);
        assertThat(used.get(1)).as("CPU time of the loops %s", used).isGreaterThan(used.get(0) / 10);
    }

    @Test
    void shouldTellPublishersWhatSubscribersOfOtherConnectionsDrop() {
        ForeignSubscription slow = connect()
                .subscribe(SubscribeRequest.newBuilder()
                        .addTopics("slow")
                        .setMaxBufferSize(10)
                        .build());
        slow.pause();
        for (ForeignClient publisher : List.of(connect(), connect())) {
            await().atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> publisher.publish(request("slow", 0, 20_000)).getSubscribersDropped() == 1);
        }
        slow.cancel();
        Ledger.awaitBalance(daemon);
    }

    @Test
    void shouldHavePublishersWaitForASubscriberOfAnotherConnection() {
        try (LabDaemon blocking = start("connections-block", "block")) {
            int each = 250;
            ForeignSubscription slow = connect(blocking)
                    .subscribe(SubscribeRequest.newBuilder()
                            .addTopics("wait/#")
                            .setMaxBufferSize(10)
                            .build());
            slow.pause();
            List<Collector<PublishResponse>> answers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Collector<PublishResponse> answer = new Collector<>();
                StreamObserver<PublishRequest> requests = connect(blocking).publishStream(answer);
                for (int n = 0; n < each; n++) {
                    requests.onNext(request("wait/" + i, n, 20_000));
                }
                requests.onCompleted();
                answers.add(answer);
            }
            slow.resume();
            for (int i = 0; i < 2; i++) {
                assertThat(answers.get(i).awaitEnd()).isNull();
                assertThat(answers.get(i).values())
                        .hasSize(each)
                        .allSatisfy(answer ->
                                assertThat(answer.getSubscribersDropped()).isZero())
                        .anySatisfy(answer ->
                                assertThat(answer.getSubscribersBlocked()).isEqualTo(1));
            }
            slow.awaitMessages(2 * each, LIMIT);
            for (int i = 0; i < 2; i++) {
                String topic = "wait/" + i;
                assertThat(slow.messages().stream().filter(m -> m.getTopic().equals(topic)))
                        .extracting(Message::getCorrelationId)
                        .containsExactlyElementsOf(numbers(each));
            }
            Ledger.awaitBalance(blocking);
        }
    }

    @Test
    void shouldTakeUpASubscriptionOverAnotherConnection() {
        ForeignClient first = connect();
        ForeignClient second = connect();
        ForeignSubscription before = first.subscribe("moving");
        second.publish("moving", "1");
        before.awaitMessages(1);

        ForeignSubscription after = second.resume(resume(before.id(), 1));
        assertThat(before.awaitEnd().getCode()).isEqualTo(Status.Code.ABORTED);
        first.publish("moving", "2");
        assertThat(after.awaitMessages(1).payloads()).containsExactly("2");

        after.cancel();
        await().atMost(LIMIT).until(() -> daemon.metric("nexusd_active_subscriptions", "") == 0);
        second.publish("moving", "3");
        ForeignSubscription back = first.resume(resume(before.id(), 2));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(back.replayed()).containsExactly("3"));
        second.publish("moving", "4");
        assertThat(back.awaitMessages(1).payloads()).containsExactly("4");

        assertThat(second.unsubscribe(before.id()).getSuccess()).isTrue();
        assertThat(back.awaitEnd().isOk()).isTrue();
        Ledger.awaitBalance(daemon);
    }

    private static LabDaemon start(String name, String policy) {
        return LabDaemon.onLoopback(name)
                .environment("NEXUSD_DELIVERY_BACKPRESSURE_POLICY", policy)
                .environment("NEXUSD_DELIVERY_BLOCK_TIMEOUT_MS", "60000")
                .start()
                .awaitReady();
    }

    /** Returns a client with a connection of its own. */
    private ForeignClient connect() {
        return connect(daemon);
    }

    private ForeignClient connect(LabDaemon to) {
        ForeignClient client = new ForeignClient(to.address(), to.appPort());
        client.topics();
        clients.add(client);
        return client;
    }

    private static ResumeSubscribeRequest resume(String id, long last) {
        return ResumeSubscribeRequest.newBuilder()
                .setSubscriptionId(id)
                .setGapRecoveryMode(GapRecoveryMode.GAP_RECOVERY_REPLAY_BUFFER)
                .putLastSequencePerTopic("moving", last)
                .build();
    }

    private static PublishRequest request(String topic, int number, int bytes) {
        return PublishRequest.newBuilder()
                .setTopic(topic)
                .setCorrelationId(Integer.toString(number))
                .setPayload(ByteString.copyFrom(new byte[bytes]))
                .build();
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }
}
