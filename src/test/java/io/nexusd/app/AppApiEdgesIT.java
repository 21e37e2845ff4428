package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.nexusd.client.Collector;
import io.nexusd.client.ForeignClient;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.Ledger;
import io.nexusd.lab.ShowLogs;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.PublishResponse;
import io.nexusd.proto.sidecar.SubscribeRequest;
import io.vertx.grpc.health.v1.HealthCheckRequest;
import io.vertx.grpc.health.v1.HealthCheckResponse;
import io.vertx.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The application API at its edges: bytes that are no request, publishers that have to wait, health while a node goes. */
@ExtendWith(ShowLogs.class)
class AppApiEdgesIT {
    private static final List<String> METHODS = List.of(
            "nexusd.sidecar.SidecarService/Publish",
            "nexusd.sidecar.SidecarService/Subscribe",
            "nexusd.sidecar.SidecarService/ResumeSubscribe",
            "nexusd.sidecar.SidecarService/Unsubscribe",
            "nexusd.sidecar.SidecarService/GetTopics",
            "nexusd.sidecar.SidecarService/GetPeers",
            "grpc.health.v1.Health/Check",
            "grpc.health.v1.Health/Watch");

    private LabDaemon daemon;
    private ForeignClient client;

    @BeforeEach
    void start() {
        daemon = LabDaemon.onLoopback("edges")
                .environment("NEXUSD_DELIVERY_BACKPRESSURE_POLICY", "block")
                .environment("NEXUSD_DELIVERY_BLOCK_TIMEOUT_MS", "60000")
                .environment("NEXUSD_DELIVERY_DRAIN_TIMEOUT_MS", "60000")
                .start()
                .awaitReady();
        client = daemon.client();
    }

    @AfterEach
    void stop() {
        daemon.close();
    }

    @Test
    void shouldAnswerBytesThatAreNoRequestWithAStatusAndAText() {
        for (String method : METHODS) {
            Status status = statusOf(method, new byte[] {-1, -1, -1});
            assertThat(status.getCode()).as(method).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(status.getDescription()).as(method).contains("not");
        }
        assertThat(client.publish("still/there", "x").getSuccess()).isTrue();
    }

    @Test
    void shouldHaveAStreamWaitForASubscriberWhoseQueueIsSmall() {
        int count = 500;
        byte[] filler = new byte[20_000];
        ForeignSubscription slow = client.subscribe(SubscribeRequest.newBuilder()
                .addTopics("wait")
                .setMaxBufferSize(10)
                .build());
        slow.pause();
        Collector<PublishResponse> responses = new Collector<>();
        var requests = client.publishStream(responses);
        for (int i = 0; i < count; i++) {
            requests.onNext(PublishRequest.newBuilder()
                    .setTopic("wait")
                    .setPayload(ByteString.copyFrom(filler))
                    .setCorrelationId(Integer.toString(i))
                    .build());
        }
        requests.onCompleted();
        slow.resume();
        assertThat(responses.awaitEnd()).isNull();
        slow.awaitMessages(count);
        assertThat(slow.messages())
                .extracting(message -> message.getCorrelationId())
                .containsExactlyElementsOf(
                        IntStream.range(0, count).mapToObj(Integer::toString).toList());
        assertThat(responses.values())
                .allSatisfy(
                        response -> assertThat(response.getSubscribersDropped()).isZero())
                .anySatisfy(
                        response -> assertThat(response.getSubscribersBlocked()).isEqualTo(1));
        Ledger.awaitBalance(daemon);
    }

    @Test
    void shouldCallItselfNotServingWhileItDrains() {
        MethodDescriptor<HealthCheckRequest, HealthCheckResponse> watch =
                MethodDescriptor.<HealthCheckRequest, HealthCheckResponse>newBuilder()
                        .setType(MethodType.SERVER_STREAMING)
                        .setFullMethodName("grpc.health.v1.Health/Watch")
                        .setRequestMarshaller(ProtoUtils.marshaller(HealthCheckRequest.getDefaultInstance()))
                        .setResponseMarshaller(ProtoUtils.marshaller(HealthCheckResponse.getDefaultInstance()))
                        .build();
        Collector<HealthCheckResponse> seen = new Collector<>();
        ClientCalls.asyncServerStreamingCall(
                client.channel().newCall(watch, CallOptions.DEFAULT), HealthCheckRequest.getDefaultInstance(), seen);
        seen.awaitValues(1);
        assertThat(seen.values()).extracting(HealthCheckResponse::getStatus).containsExactly(ServingStatus.SERVING);
        try (ForeignClient other = new ForeignClient("127.0.0.1", daemon.appPort())) {
            ForeignSubscription stalled = other.subscribe("much");
            stalled.pause();
            // More than the application and the network between take, so that the drain has to wait.
            int count = 150;
            byte[] payload = new byte[200_000];
            for (int i = 0; i < count; i++) {
                client.publish(PublishRequest.newBuilder()
                        .setTopic("much")
                        .setPayload(ByteString.copyFrom(payload))
                        .build());
            }
            ForeignSubscription idle = client.subscribe("nothing");
            daemon.terminate();
            seen.awaitValues(2);
            assertThat(seen.values())
                    .extracting(HealthCheckResponse::getStatus)
                    .containsExactly(ServingStatus.SERVING, ServingStatus.NOT_SERVING);
            assertThat(daemon.status("/readyz")).isEqualTo(503);
            // Who has everything is not held up by who does not read.
            assertThat(idle.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(stalled.status()).isNull();
            stalled.resume();
            assertThat(stalled.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(stalled.messages().size()).isEqualTo(count);
        }
    }

    @Test
    void shouldNotBeUpsetByConnectionsThatAreNoneOfItsProtocol() throws IOException {
        byte[] garbage = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nthis is no frame at all".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 20; i++) {
            try (Socket socket = new Socket("127.0.0.1", daemon.appPort())) {
                socket.getOutputStream().write(garbage, 0, Math.min(garbage.length, 10 + i * 2));
                // Reset instead of an orderly end.
                socket.setSoLinger(true, 0);
            }
        }
        assertThat(client.publish("still/there", "x").getSuccess()).isTrue();
        assertThat(daemon.logLines()).noneMatch(line -> line.contains(" ERROR "));
    }

    private Status statusOf(String method, byte[] request) {
        MethodDescriptor.Marshaller<byte[]> raw = new MethodDescriptor.Marshaller<>() {
            @Override
            public InputStream stream(byte[] value) {
                return new ByteArrayInputStream(value);
            }

            @Override
            public byte[] parse(InputStream stream) {
                try {
                    return stream.readAllBytes();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        MethodDescriptor<byte[], byte[]> descriptor = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodType.SERVER_STREAMING)
                .setFullMethodName(method)
                .setRequestMarshaller(raw)
                .setResponseMarshaller(raw)
                .build();
        try {
            ClientCalls.blockingServerStreamingCall(client.channel(), descriptor, CallOptions.DEFAULT, request)
                    .forEachRemaining(answer -> {});
            return Status.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        }
    }
}
