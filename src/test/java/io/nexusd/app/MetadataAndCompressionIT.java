package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.Compressor;
import io.grpc.CompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.nexusd.client.Collector;
import io.nexusd.client.ForeignClient;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.client.RawHttp2;
import io.nexusd.lab.FreePort;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.ShowLogs;
import io.nexusd.proto.admin.GetInfoRequest;
import io.nexusd.proto.admin.GetInfoResponse;
import io.nexusd.proto.mesh.NodeState;
import io.nexusd.proto.mesh.NodeStateRequest;
import io.nexusd.proto.sidecar.PublishBatch;
import io.nexusd.proto.sidecar.PublishBatchResponse;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.PublishResponse;
import io.vertx.grpc.health.v1.HealthCheckRequest;
import io.vertx.grpc.health.v1.HealthCheckResponse;
import io.vertx.grpc.reflection.v1.ServerReflectionRequest;
import io.vertx.grpc.reflection.v1.ServerReflectionResponse;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls with much metadata, and with compressed messages, through grpc-java. */
@ExtendWith(ShowLogs.class)
class MetadataAndCompressionIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int KIB = 1024;
    private static final int MAX_PAYLOAD = 4 * KIB * KIB;
    private static final Metadata.Key<String> LARGE = Metadata.Key.of("x-large", Metadata.ASCII_STRING_MARSHALLER);
    /** A name that grpc-java takes for ordinary metadata. */
    private static final Metadata.Key<String> ACCEPT =
            Metadata.Key.of("grpc-accept-encoding", Metadata.ASCII_STRING_MARSHALLER);

    private static final MethodDescriptor<GetInfoRequest, GetInfoResponse> INFO = unary(
            "nexusd.admin.AdminService/GetInfo",
            GetInfoRequest.getDefaultInstance(),
            GetInfoResponse.getDefaultInstance());
    private static final MethodDescriptor<HealthCheckRequest, HealthCheckResponse> HEALTH = unary(
            "grpc.health.v1.Health/Check",
            HealthCheckRequest.getDefaultInstance(),
            HealthCheckResponse.getDefaultInstance());
    private static final MethodDescriptor<NodeStateRequest, NodeState> STATE = unary(
            "nexusd.mesh.MeshService/GetNodeState",
            NodeStateRequest.getDefaultInstance(),
            NodeState.getDefaultInstance());

    private static LabDaemon daemon;
    private static ManagedChannel meshChannel;

    @BeforeAll
    static void start() {
        int mesh = FreePort.tcp();
        daemon = LabDaemon.onLoopback("heads")
                .environment("NEXUSD_MESH_PORT", String.valueOf(mesh))
                .javaOptions("-Xmx160m")
                .start()
                .awaitReady();
        meshChannel =
                NettyChannelBuilder.forAddress("127.0.0.1", mesh).usePlaintext().build();
    }

    @AfterAll
    static void stop() {
        meshChannel.shutdownNow();
        daemon.close();
    }

    private static <Q extends Message, R extends Message> MethodDescriptor<Q, R> unary(
            String name, Q request, R response) {
        return MethodDescriptor.<Q, R>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(name)
                .setRequestMarshaller(ProtoUtils.marshaller(request))
                .setResponseMarshaller(ProtoUtils.marshaller(response))
                .build();
    }

    @ParameterizedTest
    @ValueSource(ints = {8 * KIB, 12 * KIB, 16 * KIB, 64 * KIB, 200 * KIB})
    void shouldRefuseMuchMetadataForThatCallAlone(int bytes) {
        try (ForeignClient client = new ForeignClient("127.0.0.1", daemon.appPort());
                ForeignSubscription subscription = client.subscribe("kept/#")) {
            StatusRuntimeException refusal =
                    refusal(client.channel(), ForeignClient.PUBLISH, bytes, publish("kept/1", new byte[1]));
            assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(refusal.getStatus().getDescription()).contains("at most 8192", "connections.max-metadata-bytes");
            client.publish("kept/1", "x");
            subscription.awaitMessages(1);
            assertThat(subscription.status()).isNull();
        }
        StatusRuntimeException refusal = refusal(
                meshChannel,
                STATE,
                bytes,
                NodeStateRequest.newBuilder().setIdentityOnly(true).build());
        assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }

    @Test
    void shouldServeMetadataWithinTheLimit() {
        try (ForeignClient client = new ForeignClient("127.0.0.1", daemon.appPort())) {
            Metadata metadata = new Metadata();
            metadata.put(LARGE, "x".repeat(7 * KIB));
            PublishResponse response = ClientCalls.blockingUnaryCall(
                    ClientInterceptors.intercept(client.channel(), MetadataUtils.newAttachHeadersInterceptor(metadata)),
                    ForeignClient.PUBLISH,
                    deadline(),
                    publish("a", new byte[1]));
            assertThat(response.getSuccess()).isTrue();
        }
    }

    @Test
    void shouldEndOnlyTheConnectionThatSendsMetadataWithoutEnd() throws Exception {
        try (ForeignClient client = new ForeignClient("127.0.0.1", daemon.appPort());
                ForeignSubscription subscription = client.subscribe("kept/#");
                RawHttp2 abuser = RawHttp2.greeted(daemon.appPort())) {
            abuser.write(
                    RawHttp2.frame(RawHttp2.HEADERS, 0, 1, RawHttp2.call("/nexusd.sidecar.SidecarService/Publish")));
            byte[] more = RawHttp2.frame(RawHttp2.CONTINUATION, 0, 1, new byte[16 * KIB]);
            for (int i = 0; i < 64; i++) {
                try {
                    abuser.write(more);
                } catch (java.io.IOException e) {
                    break;
                }
            }
            abuser.awaitClosed();
            client.publish("kept/1", "x");
            subscription.awaitMessages(1);
        }
    }

    @Test
    void shouldTakeCompressedMessagesOfEveryKindOfCall() {
        try (ForeignClient client = new ForeignClient("127.0.0.1", daemon.appPort());
                ForeignSubscription subscription = client.subscribe("zip/#")) {
            ManagedChannel channel = client.channel();
            CallOptions gzip = deadline().withCompression("gzip");
            byte[] payload = "compress me ".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
            assertThat(ClientCalls.blockingUnaryCall(channel, ForeignClient.PUBLISH, gzip, publish("zip/1", payload))
                            .getSuccess())
                    .isTrue();
            Collector<PublishResponse> answers = new Collector<>();
            StreamObserver<PublishRequest> stream =
                    ClientCalls.asyncBidiStreamingCall(channel.newCall(ForeignClient.PUBLISH_STREAM, gzip), answers);
            stream.onNext(publish("zip/2", payload));
            stream.onNext(publish("zip/3", new byte[MAX_PAYLOAD - 2 * KIB]));
            stream.onCompleted();
            assertThat(answers.awaitEnd()).isNull();
            Collector<PublishBatchResponse> batches = new Collector<>();
            StreamObserver<PublishBatch> batch = ClientCalls.asyncBidiStreamingCall(
                    channel.newCall(ForeignClient.PUBLISH_BATCH_STREAM, gzip), batches);
            batch.onNext(PublishBatch.newBuilder()
                    .addRequests(publish("zip/4", payload))
                    .build());
            batch.onCompleted();
            assertThat(batches.awaitEnd()).isNull();
            subscription.awaitMessages(4);
            assertThat(subscription.messages().get(0).getPayload()).isEqualTo(ByteString.copyFrom(payload));
            assertThat(subscription.messages().get(3).getPayload()).isEqualTo(ByteString.copyFrom(payload));
            assertThat(ClientCalls.blockingUnaryCall(channel, INFO, gzip, GetInfoRequest.getDefaultInstance()))
                    .isNotNull();
            assertThat(ClientCalls.blockingUnaryCall(channel, HEALTH, gzip, HealthCheckRequest.getDefaultInstance())
                            .getStatus())
                    .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
            Collector<ServerReflectionResponse> services = new Collector<>();
            StreamObserver<ServerReflectionRequest> questions =
                    ClientCalls.asyncBidiStreamingCall(channel.newCall(reflection(), gzip), services);
            questions.onNext(
                    ServerReflectionRequest.newBuilder().setListServices("").build());
            questions.onCompleted();
            assertThat(services.awaitEnd()).isNull();
            assertThat(ClientCalls.blockingUnaryCall(meshChannel, STATE, gzip, NodeStateRequest.getDefaultInstance())
                            .getInstanceUuid())
                    .isNotEmpty();
        }
    }

    @Test
    void shouldRefuseWhatIsTooLargeOnceDecompressed() {
        try (ForeignClient client = new ForeignClient("127.0.0.1", daemon.appPort())) {
            StatusRuntimeException refusal = catchThrowableOfType(
                    StatusRuntimeException.class,
                    () -> ClientCalls.blockingUnaryCall(
                            client.channel(),
                            ForeignClient.PUBLISH,
                            deadline().withCompression("gzip"),
                            publish("zip/bomb", new byte[60 * KIB * KIB])));
            assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            refusal = catchThrowableOfType(
                    StatusRuntimeException.class,
                    () -> ClientCalls.blockingUnaryCall(
                            client.channel(),
                            INFO,
                            deadline().withCompression("gzip"),
                            GetInfoRequest.newBuilder()
                                    .mergeFrom(unknownField(30 * KIB * KIB))
                                    .build()));
            assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        }
    }

    /** A read of 64 KiB holds a dozen messages that are a thousand times as large. */
    @Test
    void shouldTakeManyMessagesThatGrowWithoutHoldingThemAll() {
        int count = 150;
        try (ForeignClient client = new ForeignClient("127.0.0.1", daemon.appPort())) {
            Collector<PublishResponse> answers = new Collector<>();
            StreamObserver<PublishRequest> stream = ClientCalls.asyncBidiStreamingCall(
                    client.channel().newCall(ForeignClient.PUBLISH_STREAM, CallOptions.DEFAULT.withCompression("gzip")),
                    answers);
            PublishRequest zeros = publish("zip/zeros", new byte[MAX_PAYLOAD]);
            for (int i = 0; i < count; i++) {
                stream.onNext(zeros);
            }
            stream.onCompleted();
            assertThat(answers.awaitEnd()).isNull();
            assertThat(daemon.isAlive()).isTrue();
        }
        await().atMost(LIMIT).until(() -> daemon.heapAfterCollection() < 100e6);
    }

    @Test
    void shouldNameTheEncodingsItKnows() {
        CompressorRegistry registry = CompressorRegistry.newEmptyInstance();
        registry.register(new Compressor() {
            @Override
            public String getMessageEncoding() {
                return "snappy";
            }

            @Override
            public OutputStream compress(OutputStream out) {
                return out;
            }
        });
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", daemon.appPort())
                .usePlaintext()
                .compressorRegistry(registry)
                .build();
        try {
            StatusRuntimeException refusal = catchThrowableOfType(
                    StatusRuntimeException.class,
                    () -> ClientCalls.blockingUnaryCall(
                            channel,
                            ForeignClient.PUBLISH,
                            deadline().withCompression("snappy"),
                            publish("zip/1", new byte[10])));
            assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
            assertThat(refusal.getStatus().getDescription()).contains("snappy", "gzip");
            assertThat(refusal.getTrailers().get(ACCEPT)).isEqualTo("identity,gzip");
        } finally {
            channel.shutdownNow();
        }
    }

    private static MethodDescriptor<ServerReflectionRequest, ServerReflectionResponse> reflection() {
        return MethodDescriptor.<ServerReflectionRequest, ServerReflectionResponse>newBuilder()
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .setFullMethodName("grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
                .setRequestMarshaller(ProtoUtils.marshaller(ServerReflectionRequest.getDefaultInstance()))
                .setResponseMarshaller(ProtoUtils.marshaller(ServerReflectionResponse.getDefaultInstance()))
                .build();
    }

    private static <Q, R> StatusRuntimeException refusal(
            ManagedChannel channel, MethodDescriptor<Q, R> method, int metadataBytes, Q request) {
        Metadata metadata = new Metadata();
        metadata.put(LARGE, "x".repeat(metadataBytes));
        return catchThrowableOfType(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(
                        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(metadata)),
                        method,
                        deadline(),
                        request));
    }

    private static com.google.protobuf.ByteString unknownField(int bytes) {
        // Field 1000, which the message does not have, with zeros.
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        com.google.protobuf.CodedOutputStream coded = com.google.protobuf.CodedOutputStream.newInstance(out);
        try {
            coded.writeByteArray(1000, new byte[bytes]);
            coded.flush();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return ByteString.copyFrom(out.toByteArray());
    }

    private static CallOptions deadline() {
        return CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    private static PublishRequest publish(String topic, byte[] payload) {
        return PublishRequest.newBuilder()
                .setTopic(topic)
                .setPayload(ByteString.copyFrom(payload))
                .build();
    }
}
