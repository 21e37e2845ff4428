package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.jdi.ThreadReference;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoUtils;
import io.nexusd.client.Collector;
import io.nexusd.client.ForeignClient;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.Debugger;
import io.nexusd.lab.FreePort;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.ShowLogs;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.PublishResponse;
import io.vertx.grpc.health.v1.HealthCheckRequest;
import io.vertx.grpc.health.v1.HealthCheckResponse;
import io.vertx.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the probes say in each state of the node, over HTTP and gRPC. */
@ExtendWith(ShowLogs.class)
class ProbesIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final MethodDescriptor<HealthCheckRequest, HealthCheckResponse> CHECK =
            MethodDescriptor.<HealthCheckRequest, HealthCheckResponse>newBuilder()
                    .setType(MethodType.UNARY)
                    .setFullMethodName("grpc.health.v1.Health/Check")
                    .setRequestMarshaller(ProtoUtils.marshaller(HealthCheckRequest.getDefaultInstance()))
                    .setResponseMarshaller(ProtoUtils.marshaller(HealthCheckResponse.getDefaultInstance()))
                    .build();

    @Test
    void shouldBeAliveButNotReadyWhileTheFirstRoundGoesOnAndReadyAfterIt() throws IOException {
        // It takes connections and never says a word, so the round lasts until it is closed.
        try (ServerSocket mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                LabDaemon daemon = LabDaemon.onLoopback("starting")
                        .environment("NEXUSD_PEERS_STATIC", "127.0.0.1:" + mute.getLocalPort())
                        .environment("NEXUSD_PEERS_DIAL_TIMEOUT_MS", "300000")
                        .start()
                        .awaitServing()) {
            assertThat(daemon.body("/readyz"))
                    .contains("\"ready\":false")
                    .contains("first discovery round is not done yet");
            assertThat(daemon.status("/readyz")).isEqualTo(503);
            assertThat(daemon.status("/livez")).isEqualTo(200);
            assertThat(daemon.status("/healthz")).isEqualTo(200);
            assertThat(daemon.status("/health")).isEqualTo(200);
            assertThat(daemon.status("/ready")).isEqualTo(503);
            assertThat(health(daemon)).isEqualTo(ServingStatus.NOT_SERVING);
            mute.close();
            await("ready without a single peer").atMost(LIMIT).until(() -> daemon.status("/readyz") == 200);
            assertThat(daemon.body("/readyz")).contains("\"reasons\":[]");
            assertThat(daemon.body("/ready")).isEqualTo(daemon.body("/readyz"));
            await().atMost(LIMIT).until(() -> health(daemon) == ServingStatus.SERVING);
            assertThat(daemon.status("/livez")).isEqualTo(200);
        }
    }

    @Test
    void shouldSeeAnEventLoopThatDoesNotTurn() {
        int debug = FreePort.tcp();
        try (LabDaemon daemon = LabDaemon.onLoopback("stuck")
                        .javaOptions("-Xmx128m", "-XX:+UseSerialGC", Debugger.option(debug))
                        .start()
                        .awaitReady();
                Debugger debugger = Debugger.attach(debug)) {
            assertThat(daemon.status("/livez")).isEqualTo(200);
            ThreadReference stuck = suspendOneThatIsNotAdmins(daemon, debugger);
            await("503 of a stuck loop").atMost(LIMIT).until(() -> daemon.status("/livez") == 503);
            assertThat(daemon.body("/livez"))
                    .contains("\"status\":\"stuck\"")
                    .containsPattern("\"stuck\":\\[\"(routing|gossip|dialer|meshapi|appapi|discovery|config)\"");
            await("not ready").atMost(LIMIT).until(() -> daemon.status("/readyz") == 503);
            assertThat(daemon.body("/readyz")).contains("the event loop of").contains("does not turn");
            assertThat(daemon.metric("nexusd_event_loops_stuck")).isPositive();
            stuck.resume();
            await("life again").atMost(LIMIT).until(() -> daemon.status("/livez") == 200);
            await("readiness again").atMost(LIMIT).until(() -> daemon.status("/readyz") == 200);
            await().atMost(LIMIT).until(() -> health(daemon) == ServingStatus.SERVING);
            assertThat(daemon.logLines())
                    .anyMatch(line -> line.contains("ERROR") && line.contains("event loops do not turn"))
                    .anyMatch(line -> line.contains("event loops turn again"));
        }
    }

    @Test
    void shouldBeAliveButNotReadyWhileDraining() {
        try (LabDaemon daemon = LabDaemon.onLoopback("draining")
                        .environment("NEXUSD_DELIVERY_DRAIN_TIMEOUT_MS", "30000")
                        .start()
                        .awaitReady();
                ForeignClient application = new ForeignClient("127.0.0.1", daemon.appPort())) {
            ForeignSubscription slow = application.subscribe("slow/#");
            slow.pause();
            publish(application, 3000);
            await("messages that hold up the drain")
                    .atMost(LIMIT)
                    .until(() -> daemon.metric("nexusd_messages_queued", "subscribers") > 0);
            daemon.terminate();
            await("not ready").atMost(LIMIT).until(() -> daemon.status("/readyz") == 503);
            assertThat(daemon.body("/readyz")).contains("draining");
            assertThat(daemon.status("/livez")).isEqualTo(200);
            assertThat(health(daemon)).isEqualTo(ServingStatus.NOT_SERVING);
            slow.resume();
            assertThat(daemon.exitCode(LIMIT)).isZero();
        }
    }

    /** The loop that admin itself is on gives no answer at all when it is stuck, which a probe takes the same way. */
    private static ThreadReference suspendOneThatIsNotAdmins(LabDaemon daemon, Debugger debugger) {
        // A machine under load may keep a healthy admin from answering in time, hence several tries.
        for (int attempt = 0; attempt < 5; attempt++) {
            for (ThreadReference thread : debugger.eventLoops()) {
                thread.suspend();
                if (daemon.status("/livez") != -1) {
                    return thread;
                }
                thread.resume();
            }
        }
        throw new AssertionError("no event loop but admin's");
    }

    private static void publish(ForeignClient application, int count) {
        Collector<PublishResponse> responses = new Collector<>();
        var requests = application.publishStream(responses);
        for (int i = 0; i < count; i++) {
            requests.onNext(PublishRequest.newBuilder()
                    .setTopic("slow/one")
                    .setPayload(com.google.protobuf.ByteString.copyFrom(new byte[4096]))
                    .build());
        }
        responses.awaitValues(count);
    }

    private static ServingStatus health(LabDaemon daemon) {
        return daemon.client()
                .call(CHECK, HealthCheckRequest.getDefaultInstance())
                .getStatus();
    }
}
