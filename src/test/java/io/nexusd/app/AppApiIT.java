package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.nexusd.client.Collector;
import io.nexusd.client.ForeignClient;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.Ledger;
import io.nexusd.lab.ShowLogs;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.PublishBatch;
import io.nexusd.proto.sidecar.PublishBatchResponse;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.PublishResponse;
import io.nexusd.proto.sidecar.SubscribeRequest;
import io.nexusd.proto.sidecar.UnsubscribeResponse;
import io.vertx.grpc.health.v1.HealthCheckRequest;
import io.vertx.grpc.health.v1.HealthCheckResponse;
import io.vertx.grpc.reflection.v1.ServerReflectionRequest;
import io.vertx.grpc.reflection.v1.ServerReflectionResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One daemon as applications in another language see it. */
@Tag("load")
@ExtendWith(ShowLogs.class)
class AppApiIT {
    private static LabDaemon daemon;
    private static ForeignClient client;

    @BeforeAll
    static void start() {
        daemon = LabDaemon.onLoopback("app-api").start().awaitReady();
        client = daemon.client();
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    @Test
    void shouldDeliverByFilterInOrderWithEveryField() {
        try (ForeignSubscription exact = client.subscribe("sensors/k1/temp");
                ForeignSubscription oneLevel = client.subscribe("sensors/+/temp");
                ForeignSubscription rest = client.subscribe("sensors/#", "sensors/k1/temp")) {
            PublishRequest request = PublishRequest.newBuilder()
                    .setTopic("sensors/k1/temp")
                    .setPayload(ByteString.copyFromUtf8("21.5"))
                    .setContentType("text/plain")
                    .setCorrelationId("c-1")
                    .putHeaders("unit", "celsius")
                    .build();
            PublishResponse published = client.publish(request);
            assertThat(published.getSuccess()).isTrue();
            assertThat(published.getSubscriberCount()).isEqualTo(3);
            client.publish("sensors", "parent");
            client.publish("sensors/k2/hum", "60");

            rest.awaitMessages(3);
            assertThat(rest.payloads()).containsExactly("21.5", "parent", "60");
            Message message = exact.awaitMessages(1).messages().get(0);
            assertThat(message.getMessageId()).isEqualTo(published.getMessageId());
            assertThat(message.getTopic()).isEqualTo("sensors/k1/temp");
            assertThat(message.getContentType()).isEqualTo("text/plain");
            assertThat(message.getCorrelationId()).isEqualTo("c-1");
            assertThat(message.getHeadersMap()).containsEntry("unit", "celsius");
            assertThat(message.getTimestampMs()).isPositive();
            assertThat(message.getSourceNodeId()).isNotEmpty();
            assertThat(oneLevel.awaitMessages(1).payloads()).containsExactly("21.5");
        }
    }

    @Test
    void shouldNameASubscriptionAfterClusterClientAndTopics() {
        try (ForeignSubscription subscription = client.subscribe("b", "a")) {
            assertThat(subscription.id()).matches("sub-default-grpc-java-[0-9a-f]{16}-[0-9a-f]{34}");
            assertThat(client.topics()).containsEntry("a", 1).containsEntry("b", 1);
            assertThat(client.unsubscribe(subscription.id()).getSuccess()).isTrue();
            assertThat(subscription.awaitEnd().isOk()).isTrue();
            assertThat(client.topics()).doesNotContainKeys("a", "b");
        }
    }

    @Test
    void shouldAnswerWithoutSuccessWhereThereIsNothingToUnsubscribe() {
        try (ForeignSubscription subscription = client.subscribe("twice")) {
            assertThat(client.unsubscribe(subscription.id()).getSuccess()).isTrue();
            for (String id : List.of(subscription.id(), "sub-nobody", "x".repeat(5_000), "bad\nid")) {
                for (UnsubscribeResponse refused : List.of(client.unsubscribe(id), client.pause(id))) {
                    assertThat(refused.getSuccess()).isFalse();
                    assertThat(refused.getErrorMessage())
                            .contains("no subscription")
                            .hasSizeLessThan(400);
                    assertThat(refused.getPauseTtlMs()).isZero();
                }
            }
            assertThat(client.unsubscribe("").getErrorMessage()).contains("subscription_id is empty");
        }
    }

    @ParameterizedTest
    @CsvSource({"'',empty", "a//b,empty", "a/#/b,#", "a/+,+", "/a,empty", "a/,empty"})
    void shouldRefuseToPublishToWhatIsNoTopic(String topic, String rule) {
        assertStatus(() -> client.publish(topic, "x"), Status.Code.INVALID_ARGUMENT, rule);
    }

    @ParameterizedTest
    @CsvSource({"'',empty", "a//b,empty", "a/#/b,#", "a/b+,+", "a#,#"})
    void shouldRefuseToSubscribeToWhatIsNoFilter(String filter, String rule) {
        Status status = client.trySubscribe(
                        SubscribeRequest.newBuilder().addTopics(filter).build())
                .awaitEnd();
        assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(status.getDescription()).contains(rule);
    }

    @Test
    void shouldRefuseMoreThanTheLimitsAllowAndGoOn() {
        SubscribeRequest.Builder many = SubscribeRequest.newBuilder();
        IntStream.range(0, 10_000).forEach(i -> many.addTopics("t/" + i));
        Status status = client.trySubscribe(many.build()).awaitEnd();
        assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(status.getDescription()).contains("10000").contains("1000");

        byte[] fiveMegabytes = new byte[5_000_000];
        PublishRequest big = PublishRequest.newBuilder()
                .setTopic("big")
                .setPayload(ByteString.copyFrom(fiveMegabytes))
                .build();
        assertStatus(() -> client.publish(big), Status.Code.RESOURCE_EXHAUSTED, "4194304");
        // The event around it is larger than the payload, and clients read no more than that in all.
        PublishRequest exact = big.toBuilder()
                .setPayload(ByteString.copyFrom(new byte[4_194_304]))
                .build();
        assertStatus(() -> client.publish(exact), Status.Code.RESOURCE_EXHAUSTED, "as subscribers get it");
        byte[] limit = new byte[4_194_304 - 512];
        try (ForeignSubscription subscription = client.subscribe("big")) {
            client.publish(
                    big.toBuilder().setPayload(ByteString.copyFrom(limit)).build());
            assertThat(subscription
                            .awaitMessages(1)
                            .messages()
                            .get(0)
                            .getPayload()
                            .size())
                    .isEqualTo(limit.length);
        }
    }

    @Test
    void shouldAnswerEveryRequestOfAStreamInOrderAndSurviveBadOnes() {
        int count = 20_000;
        Collector<PublishResponse> responses = new Collector<>();
        var requests = client.publishStream(responses);
        try (ForeignSubscription subscription = client.subscribe(SubscribeRequest.newBuilder()
                .addTopics("stream/#")
                .setAcceptBatches(true)
                .build())) {
            for (int i = 0; i < count; i++) {
                requests.onNext(PublishRequest.newBuilder()
                        .setTopic(i == 77 ? "bad//topic" : "stream/a")
                        .setPayload(ByteString.copyFromUtf8(Integer.toString(i)))
                        .build());
            }
            requests.onCompleted();
            assertThat(responses.awaitEnd()).isNull();
            assertThat(responses.values()).hasSize(count);
            assertThat(responses.values().get(77).getSuccess()).isFalse();
            assertThat(responses.values().get(77).getErrorMessage()).contains("empty");
            assertThat(responses.values().stream().filter(PublishResponse::getSuccess))
                    .hasSize(count - 1);
            subscription.awaitMessages(count - 1, Duration.ofSeconds(30));
            assertThat(subscription.payloads())
                    .isEqualTo(IntStream.range(0, count)
                            .filter(i -> i != 77)
                            .mapToObj(Integer::toString)
                            .toList());
            List<String> idsInOrder = responses.values().stream()
                    .filter(PublishResponse::getSuccess)
                    .map(PublishResponse::getMessageId)
                    .toList();
            assertThat(subscription.messages().stream()
                            .map(Message::getMessageId)
                            .toList())
                    .isEqualTo(idsInOrder);
        }
    }

    @Test
    void shouldTakeBatchesAndGiveThemOnlyToThoseWhoAsk() {
        Collector<PublishBatchResponse> responses = new Collector<>();
        var batches = client.publishBatchStream(responses);
        try (ForeignSubscription batched = client.subscribe(SubscribeRequest.newBuilder()
                        .addTopics("batch/a")
                        .setAcceptBatches(true)
                        .build());
                ForeignSubscription single = client.subscribe("batch/a")) {
            for (int b = 0; b < 50; b++) {
                PublishBatch.Builder batch = PublishBatch.newBuilder();
                for (int i = 0; i < 100; i++) {
                    batch.addRequests(PublishRequest.newBuilder()
                            .setTopic("batch/a")
                            .setPayload(ByteString.copyFromUtf8(b + "." + i)));
                }
                batches.onNext(batch.build());
            }
            batches.onCompleted();
            assertThat(responses.awaitEnd()).isNull();
            assertThat(responses.values()).hasSize(50).allMatch(response -> response.getResponsesCount() == 100);
            batched.awaitMessages(5_000);
            single.awaitMessages(5_000);
            assertThat(batched.payloads()).isEqualTo(single.payloads());
            assertThat(single.events()).noneMatch(event -> event.hasMessageBatch());
            assertThat(batched.events()).anyMatch(event -> event.hasMessageBatch());
        }
    }

    @Test
    void shouldLetAStalledSubscriberHarmNobodyButItself() {
        int count = 30_000;
        byte[] payload = new byte[1000];
        try (ForeignClient stalledClient = new ForeignClient("127.0.0.1", daemon.appPort());
                ForeignSubscription stalled = stalledClient.subscribe("stall/a");
                ForeignSubscription quick = client.subscribe("stall/a")) {
            stalled.pause();
            double droppedBefore = daemon.metric("nexusd_messages_dropped_total", "queue_full");
            Collector<PublishResponse> responses = new Collector<>();
            var requests = client.publishStream(responses);
            for (int i = 0; i < count; i++) {
                requests.onNext(PublishRequest.newBuilder()
                        .setTopic("stall/a")
                        .setPayload(ByteString.copyFrom(payload))
                        .build());
                if (i % 1000 == 999) {
                    // Not faster than the quick one reads, or it would be a slow one too.
                    quick.awaitMessages(i + 1, Duration.ofSeconds(30));
                }
            }
            requests.onCompleted();
            assertThat(responses.awaitEnd()).isNull();
            quick.awaitMessages(count, Duration.ofSeconds(30));
            double dropped = daemon.metric("nexusd_messages_dropped_total", "queue_full") - droppedBefore;
            assertThat(dropped).isGreaterThan(count / 4.0);

            stalled.resume();
            await("every message as delivered or told as dropped")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> stalled.messages().size() + toldDropped(stalled) == count);
            assertThat(toldDropped(stalled)).isEqualTo((long) dropped);
        }
    }

    /** As above, but nobody waits for anybody, the heap is small and what passes through is more than twice as large. */
    @Test
    void shouldServeTheQuickOneInFullBesideAStalledOneOnASmallHeap() {
        int count = 30_000;
        byte[] payload = new byte[16 * 1024];
        try (LabDaemon small = LabDaemon.onLoopback("small-heap")
                        .javaOptions("-Xmx200m")
                        .start()
                        .awaitReady();
                ForeignClient stalledClient = new ForeignClient("127.0.0.1", small.appPort());
                ForeignClient quickClient = new ForeignClient("127.0.0.1", small.appPort())) {
            ForeignSubscription stalled = stalledClient.subscribe(SubscribeRequest.newBuilder()
                    .addTopics("big")
                    .setMaxBufferSize(100)
                    .build());
            ForeignSubscription quick = quickClient.subscribe("big").withoutPayloads();
            stalled.withoutPayloads().pause();
            Collector<PublishResponse> responses = new Collector<>();
            var requests =
                    (ClientCallStreamObserver<PublishRequest>) small.client().publishStream(responses);
            PublishRequest request = PublishRequest.newBuilder()
                    .setTopic("big")
                    .setPayload(ByteString.copyFrom(payload))
                    .build();
            for (int i = 0; i < count; i++) {
                while (!requests.isReady()) {
                    LockSupport.parkNanos(100_000);
                }
                requests.onNext(request);
            }
            requests.onCompleted();
            quick.awaitMessages(count, Duration.ofSeconds(60));
            assertThat(responses.awaitEnd()).isNull();
            assertThat(toldDropped(quick)).isZero();
            stalled.resume();
            await("every message as delivered or told as dropped")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> stalled.messages().size() + toldDropped(stalled) == count);
            assertThat(toldDropped(stalled)).isPositive();
            Ledger.awaitBalance(small);
        }
    }

    private static long toldDropped(ForeignSubscription subscription) {
        return subscription.events().stream()
                .filter(event -> event.hasBackpressureWarning())
                .mapToLong(event -> event.getBackpressureWarning().getMessagesDropped())
                .sum();
    }

    @Test
    void shouldLeaveNothingBehindOfTenThousandCancelledSubscriptions() throws Exception {
        cancelMany(500);
        await().until(() -> daemon.metric("nexusd_active_subscriptions") == 0);
        long before = daemon.heapAfterCollection();
        cancelMany(10_000);
        await("no subscription left")
                .atMost(Duration.ofSeconds(20))
                .until(() -> daemon.metric("nexusd_active_subscriptions") == 0
                        && client.topics().keySet().stream().noneMatch(topic -> topic.startsWith("cancel/")));
        long grownBytes = daemon.heapAfterCollection() - before;
        // 10,000 leaked subscriptions would hold some 10 MB.
        assertThat(grownBytes).isLessThan(3_000_000);
    }

    private static void cancelMany(int count) throws InterruptedException {
        Semaphore window = new Semaphore(64);
        for (int i = 0; i < count; i++) {
            window.acquire();
            ForeignSubscription subscription = client.trySubscribe(SubscribeRequest.newBuilder()
                    .addTopics("cancel/" + i % 100 + "/#")
                    .build());
            subscription.onEnd(window::release);
            if (i % 2 == 0) {
                subscription.onFirstEvent(subscription::cancel);
            } else {
                subscription.cancel();
            }
        }
        window.acquire(64);
    }

    @Test
    void shouldTellGrpcToolsWhatItServes() throws Exception {
        MethodDescriptor<ServerReflectionRequest, ServerReflectionResponse> info =
                MethodDescriptor.<ServerReflectionRequest, ServerReflectionResponse>newBuilder()
                        .setType(MethodType.BIDI_STREAMING)
                        .setFullMethodName("grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
                        .setRequestMarshaller(ProtoUtils.marshaller(ServerReflectionRequest.getDefaultInstance()))
                        .setResponseMarshaller(ProtoUtils.marshaller(ServerReflectionResponse.getDefaultInstance()))
                        .build();
        Collector<ServerReflectionResponse> answers = new Collector<>();
        var questions =
                ClientCalls.asyncBidiStreamingCall(client.channel().newCall(info, CallOptions.DEFAULT), answers);
        questions.onNext(
                ServerReflectionRequest.newBuilder().setListServices("").build());
        questions.onNext(ServerReflectionRequest.newBuilder()
                .setFileContainingSymbol("nexusd.sidecar.SidecarService")
                .build());
        questions.onCompleted();
        assertThat(answers.awaitEnd()).isNull();
        List<String> services = answers.values().get(0).getListServicesResponse().getServiceList().stream()
                .map(service -> service.getName())
                .toList();
        assertThat(services)
                .contains("nexusd.sidecar.SidecarService", "nexusd.admin.AdminService", "grpc.health.v1.Health");
        List<String> methods = new ArrayList<>();
        for (ByteString file :
                answers.values().get(1).getFileDescriptorResponse().getFileDescriptorProtoList()) {
            FileDescriptorProto.parseFrom(file)
                    .getServiceList()
                    .forEach(service -> service.getMethodList().forEach(method -> methods.add(method.getName())));
        }
        assertThat(methods)
                .contains("Publish", "Subscribe", "PublishStream", "PublishBatchStream", "GetPeers", "GetTopics");
    }

    @Test
    void shouldSayThatItIsHealthy() {
        MethodDescriptor<HealthCheckRequest, HealthCheckResponse> check =
                MethodDescriptor.<HealthCheckRequest, HealthCheckResponse>newBuilder()
                        .setType(MethodType.UNARY)
                        .setFullMethodName("grpc.health.v1.Health/Check")
                        .setRequestMarshaller(ProtoUtils.marshaller(HealthCheckRequest.getDefaultInstance()))
                        .setResponseMarshaller(ProtoUtils.marshaller(HealthCheckResponse.getDefaultInstance()))
                        .build();
        assertThat(client.call(check, HealthCheckRequest.getDefaultInstance()).getStatus())
                .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
        assertThat(daemon.status("/readyz")).isEqualTo(200);
        assertThat(daemon.status("/livez")).isEqualTo(200);
        assertThat(daemon.status("/nonsense")).isEqualTo(404);
    }

    @Test
    void shouldServeTheMetricsThatOperatorsKnow() {
        client.publish("metrics", "x");
        List<String> names = daemon.body("/metrics")
                .lines()
                .filter(line -> line.startsWith("# TYPE nexusd_"))
                .map(line -> line.split(" ")[2])
                .collect(Collectors.toList());
        assertThat(names)
                .contains(
                        "nexusd_messages_published_total",
                        "nexusd_messages_delivered_total",
                        "nexusd_messages_dropped_total",
                        "nexusd_message_size_bytes",
                        "nexusd_message_latency_seconds",
                        "nexusd_active_subscriptions",
                        "nexusd_active_topics",
                        "nexusd_subscriber_queue_depth_max",
                        "nexusd_mesh_peers",
                        "nexusd_mesh_reconnects_total",
                        "nexusd_mesh_bytes_sent_total",
                        "nexusd_mesh_bytes_received_total",
                        "nexusd_discovery_beacons_sent_total",
                        "nexusd_discovery_beacons_received_total",
                        "nexusd_discovery_sync_duration_seconds",
                        "nexusd_uptime_seconds");
    }

    @Test
    void shouldFlushAndEndStreamsWhenStopped() {
        try (LabDaemon stopping = LabDaemon.onLoopback("stopping").start().awaitReady();
                ForeignClient application = new ForeignClient("127.0.0.1", stopping.appPort())) {
            ForeignSubscription subscription = application.subscribe("last/#");
            Collector<PublishResponse> responses = new Collector<>();
            var requests = application.publishStream(responses);
            for (int i = 0; i < 2_000; i++) {
                requests.onNext(
                        PublishRequest.newBuilder().setTopic("last/words").build());
            }
            responses.awaitValues(2_000);
            stopping.terminate();
            assertThat(subscription.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(subscription.messages()).hasSize(2_000);
            assertThat(Status.fromThrowable(responses.awaitEnd()).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(stopping.exitCode(Duration.ofSeconds(60))).isZero();
        }
    }

    private static void assertStatus(Runnable call, Status.Code code, String text) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(code);
            assertThat(e.getStatus().getDescription()).contains(text);
        });
    }
}
