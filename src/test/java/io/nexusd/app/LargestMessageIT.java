package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.nexusd.client.Collector;
import io.nexusd.client.ForeignClient;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.FreePort;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.Mesh;
import io.nexusd.lab.ShowLogs;
import io.nexusd.proto.sidecar.GapRecoveryMode;
import io.nexusd.proto.sidecar.GetPeersRequest;
import io.nexusd.proto.sidecar.GetPeersResponse;
import io.nexusd.proto.sidecar.GetTopicsRequest;
import io.nexusd.proto.sidecar.GetTopicsResponse;
import io.nexusd.proto.sidecar.PublishBatch;
import io.nexusd.proto.sidecar.PublishBatchResponse;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.ResumeSubscribeRequest;
import io.nexusd.proto.sidecar.SubscribeRequest;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever is accepted reaches clients that read no more than gRPC's default of 4 MiB, on every way there is. */
@ExtendWith(ShowLogs.class)
class LargestMessageIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static LabDaemon near;
    private static LabDaemon far;
    private static ForeignClient nearby;
    private static ForeignClient distant;

    @BeforeAll
    static void start() {
        int port = FreePort.tcp();
        near = LabDaemon.onLoopback("near")
                .environment("NEXUSD_MESH_PORT", String.valueOf(port))
                .start()
                .awaitReady();
        far = LabDaemon.onLoopback("far")
                .environment("NEXUSD_PEERS_STATIC", "127.0.0.1:" + port)
                .start()
                .awaitReady();
        Mesh.awaitFull(SOON, List.of(near, far));
        nearby = ForeignClient.withDefaultSettings("127.0.0.1", near.appPort());
        distant = ForeignClient.withDefaultSettings("127.0.0.1", far.appPort());
    }

    @AfterAll
    static void stop() {
        nearby.close();
        distant.close();
        near.close();
        far.close();
    }

    private static PublishRequest.Builder request(String topic, int payload) {
        return PublishRequest.newBuilder()
                .setTopic(topic)
                .setContentType("application/octet-stream")
                .setCorrelationId("correlation")
                .putHeaders("header", "v".repeat(300_000))
                .setPayload(ByteString.copyFrom(new byte[payload]));
    }

    private static boolean isAccepted(PublishRequest request) {
        StatusRuntimeException refused =
                catchThrowableOfType(StatusRuntimeException.class, () -> nearby.publish(request));
        if (refused != null) {
            assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(refused.getStatus().getDescription()).contains("4194304").contains("app.max-payload-bytes");
        }
        return refused == null;
    }

    /** The largest payload that is accepted, found by trying. */
    private static int largest(String topic) {
        int accepted = 3_000_000;
        int refused = 4_194_304;
        while (refused - accepted > 1) {
            int payload = (accepted + refused) / 2;
            if (isAccepted(request(topic, payload).build())) {
                accepted = payload;
            } else {
                refused = payload;
            }
        }
        return accepted;
    }

    @Test
    void shouldCutAnAnswerThatSuchAClientCouldNotReadAndSaySo() {
        List<ForeignSubscription> many = IntStream.range(0, 25)
                .mapToObj(i -> nearby.subscribe(SubscribeRequest.newBuilder()
                        .addAllTopics(IntStream.range(0, 1000)
                                .mapToObj(j -> "many/" + "x".repeat(200) + "/" + i + "/" + j)
                                .toList())
                        .build()))
                .toList();
        Mesh.awaitInterest(far, "many/" + "x".repeat(200) + "/24/999", 1, SOON);
        GetTopicsResponse topics = nearby.call(ForeignClient.GET_TOPICS, GetTopicsRequest.getDefaultInstance());
        assertThat(topics.getOmitted()).isPositive();
        assertThat(topics.getTopicsCount() + topics.getOmitted()).isGreaterThanOrEqualTo(25_000);
        GetPeersResponse peers = distant.call(
                ForeignClient.GET_PEERS,
                GetPeersRequest.newBuilder().setIncludeState(true).build());
        assertThat(peers.getPeersCount()).isEqualTo(1);
        assertThat(peers.getPeers(0).getTopicsCount() + peers.getOmitted()).isGreaterThanOrEqualTo(25_000);
        assertThat(peers.getOmitted()).isPositive();
        many.forEach(ForeignSubscription::close);
    }

    private static String paused(ForeignClient client) {
        String id = client.subscribe("large/a").id();
        client.pause(id);
        return id;
    }

    @Test
    void shouldDeliverTheLargestAcceptedMessageOnEveryWay() {
        int largest = largest("nobody/wants/it");
        PublishRequest request = request("large/a", largest).setRetain(true).build();
        ForeignSubscription plain = nearby.subscribe("large/#");
        ForeignSubscription batched = nearby.subscribe(SubscribeRequest.newBuilder()
                .addTopics("large/#")
                .setAcceptBatches(true)
                .build());
        ForeignSubscription remote = distant.subscribe(SubscribeRequest.newBuilder()
                .addTopics("large/#")
                .setAcceptBatches(true)
                .build());
        String pausedHere = paused(nearby);
        String pausedThere = paused(distant);
        Mesh.awaitInterest(near, "large/#", 1, SOON);
        Collector<PublishBatchResponse> answers = new Collector<>();
        var batches = nearby.publishBatchStream(answers);
        // Small ones before and after it, all at once, so that they are ready together.
        PublishRequest small = PublishRequest.newBuilder()
                .setTopic("large/a")
                .setPayload(ByteString.copyFrom(new byte[1000]))
                .build();
        batches.onNext(PublishBatch.newBuilder()
                .addRequests(small)
                .addRequests(small)
                .addRequests(request)
                .addRequests(small)
                .build());
        answers.awaitValues(1);
        assertThat(answers.values().get(0).getResponsesList()).allMatch(answer -> answer.getSuccess());
        for (ForeignSubscription subscription : List.of(plain, batched, remote)) {
            subscription.awaitMessages(4, SOON);
            assertThat(subscription.messages())
                    .extracting(message -> message.getPayload().size())
                    .containsExactly(1000, 1000, largest, 1000);
        }
        for (ForeignClient client : List.of(nearby, distant)) {
            ForeignSubscription retained = client.subscribe(SubscribeRequest.newBuilder()
                    .addTopics("large/+")
                    .setReceiveRetained(true)
                    .build());
            retained.awaitEvents(events -> events.stream().anyMatch(event -> event.hasRetainedMessage()));
            ForeignSubscription replayed = client.resume(ResumeSubscribeRequest.newBuilder()
                    .setSubscriptionId(client == nearby ? pausedHere : pausedThere)
                    .setGapRecoveryMode(GapRecoveryMode.GAP_RECOVERY_REPLAY_BUFFER)
                    .build());
            replayed.awaitEvents(events -> events.stream().anyMatch(event -> event.hasReplayComplete()));
            assertThat(replayed.replayed()).as("%s", replayed.completions()).hasSize(4);
            retained.close();
            replayed.close();
        }
    }
}
