package io.nexusd.appapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.nexusd.model.Settings;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.MessageBatch;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.SubscribeRequest;
import io.nexusd.wire.GrpcFailure;
import io.vertx.grpc.common.GrpcStatus;
import java.util.Collections;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestRulesTest {
    private static final Settings.App LIMITS = new Settings.App("", 0, 100, 10, 3);
    private static final Settings SETTINGS = settings();

    private static Settings settings() {
        TestSettings settings = new TestSettings();
        settings.maxPayloadBytes = 100;
        settings.retainedMaxBytes = 60;
        return settings.build();
    }

    private static Optional<GrpcFailure> problemWith(PublishRequest request) {
        PublishFields fields = new PublishFields();
        byte[] bytes = request.toByteArray();
        fields.read(bytes, 0, bytes.length);
        return RequestRules.problemWith(fields, SETTINGS);
    }

    @Test
    void shouldAcceptAPublishAtTheLimit() {
        assertThat(problemWith(publish("a/b", 100).build())).isEmpty();
    }

    @Test
    void shouldRefuseAPayloadBeyondTheLimitAndNameIt() {
        assertProblem(
                problemWith(publish("a/b", 101).build()),
                GrpcStatus.RESOURCE_EXHAUSTED,
                "101",
                "100",
                "app.max-payload-bytes");
    }

    @Test
    void shouldAcceptOnlyWhatAClientWithDefaultSettingsCanRead() throws Exception {
        PublishRequest.Builder request = PublishRequest.newBuilder()
                .setTopic("t/ü")
                .setContentType("text/plain")
                .setCorrelationId("c-ö")
                .putHeaders("k", "v".repeat(1_000_000))
                .putHeaders("k2", "ü");
        int payload = 3 * 1024 * 1024;
        TestSettings settings = new TestSettings();
        settings.maxPayloadBytes = 4 * 1024 * 1024;
        PublishFields fields = new PublishFields();
        for (int low = payload, high = 4 * 1024 * 1024; low <= high; payload = (low + high) / 2) {
            byte[] bytes = request.setPayload(ByteString.copyFrom(new byte[payload]))
                    .build()
                    .toByteArray();
            fields.read(bytes, 0, bytes.length);
            Optional<GrpcFailure> problem = RequestRules.problemWith(fields, settings.build());
            if (problem.isPresent()) {
                high = payload - 1;
                assertProblem(problem, GrpcStatus.RESOURCE_EXHAUSTED, "4194304", "headers", "app.max-payload-bytes");
            } else {
                low = payload + 1;
            }
            int eventBytes = largestEvent(request.build()).getSerializedSize();
            assertThat(fields.eventBytes()).isBetween((long) eventBytes, eventBytes + 256L);
            assertThat(fields.roughEventBytes()).isGreaterThanOrEqualTo(fields.eventBytes());
            assertThat(problem.isPresent()).isEqualTo(fields.eventBytes() > 4194304);
        }
    }

    private static MessageEvent largestEvent(PublishRequest request) {
        return MessageEvent.newBuilder()
                .setMessageBatch(MessageBatch.newBuilder()
                        .addMessages(Message.newBuilder()
                                .setMessageId("i".repeat(36))
                                .setTopic(request.getTopic())
                                .setPayload(request.getPayload())
                                .setContentType(request.getContentType())
                                .setTimestampMs(-1)
                                .setSourceNodeId("n".repeat(36))
                                .setCorrelationId(request.getCorrelationId())
                                .setSequenceNumber(-1)
                                .putAllHeaders(request.getHeadersMap())))
                .build();
    }

    @Test
    void shouldRefuseToRetainWhatCanNeverBeRetained() {
        assertThat(problemWith(publish("a", 60).setRetain(true).build())).isEmpty();
        assertProblem(
                problemWith(publish("a", 61).setRetain(true).build()),
                GrpcStatus.RESOURCE_EXHAUSTED,
                "61",
                "60",
                "retained.max-bytes");
    }

    @ParameterizedTest
    @CsvSource({"'',empty", "a//b,empty level", "a/+,wildcard", "#,wildcard", "$SYS/x,'$'"})
    void shouldRefuseToPublishToWhatIsNoTopic(String topic, String rule) {
        assertProblem(problemWith(publish(topic, 1).build()), GrpcStatus.INVALID_ARGUMENT, rule);
    }

    @Test
    void shouldRefuseANegativeLifetime() {
        assertProblem(problemWith(publish("a", 1).setTtlMs(-5).build()), GrpcStatus.INVALID_ARGUMENT, "ttl_ms", "-5");
    }

    @Test
    void shouldAcceptASubscriptionAtTheLimit() {
        assertThat(RequestRules.problemWith(subscribe("a", "+/b", "#").build(), LIMITS))
                .isEmpty();
    }

    @Test
    void shouldRefuseASubscriptionWithoutFilters() {
        assertProblem(RequestRules.problemWith(subscribe().build(), LIMITS), GrpcStatus.INVALID_ARGUMENT, "topics");
    }

    @Test
    void shouldRefuseTooManyFiltersAndNameTheLimit() {
        SubscribeRequest request = SubscribeRequest.newBuilder()
                .addAllTopics(Collections.nCopies(4, "a"))
                .build();
        assertProblem(
                RequestRules.problemWith(request, LIMITS),
                GrpcStatus.RESOURCE_EXHAUSTED,
                "4",
                "3",
                "app.max-topics-per-subscription");
    }

    @ParameterizedTest
    @CsvSource({"'',empty", "a//b,empty level", "a/#/b,last level", "a+/b,alone", "a#,alone"})
    void shouldRefuseWhatIsNoFilter(String filter, String rule) {
        assertProblem(
                RequestRules.problemWith(subscribe("ok", filter).build(), LIMITS), GrpcStatus.INVALID_ARGUMENT, rule);
    }

    @Test
    void shouldRefuseANegativeBufferSize() {
        assertProblem(
                RequestRules.problemWith(subscribe("a").setMaxBufferSize(-1).build(), LIMITS),
                GrpcStatus.INVALID_ARGUMENT,
                "max_buffer_size",
                "-1");
    }

    @Test
    void shouldRefuseAClientIdThatIsTooLongOrCannotBePrinted() {
        assertProblem(
                RequestRules.problemWith(
                        subscribe("a").setClientId("x".repeat(129)).build(), LIMITS),
                GrpcStatus.INVALID_ARGUMENT,
                "client_id",
                "128");
        assertProblem(
                RequestRules.problemWith(subscribe("a").setClientId("a\nb").build(), LIMITS),
                GrpcStatus.INVALID_ARGUMENT,
                "client_id");
    }

    private static void assertProblem(Optional<GrpcFailure> problem, GrpcStatus status, String... parts) {
        assertThat(problem).isPresent();
        assertThat(problem.get().status()).isEqualTo(status);
        assertThat(problem.get().getMessage()).contains(parts);
    }

    private static PublishRequest.Builder publish(String topic, int payloadBytes) {
        return PublishRequest.newBuilder().setTopic(topic).setPayload(ByteString.copyFrom(new byte[payloadBytes]));
    }

    private static SubscribeRequest.Builder subscribe(String... filters) {
        return SubscribeRequest.newBuilder().addAllTopics(java.util.List.of(filters));
    }
}
