package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.client.ForeignClient;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.client.RawHttp2;
import io.nexusd.client.RawHttp2.Frame;
import io.nexusd.lab.FreePort;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.ShowLogs;
import io.nexusd.proto.sidecar.SubscribeRequest;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pings of the daemon: clients that answer stay, clients that do not are let go, and what waits for them goes to others. */
@ExtendWith(ShowLogs.class)
class KeepaliveIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int PINGS = 20;
    private static final int COUNT = 500;
    /** Messages that may be written into the connection. */
    private static final int UNKNOWN = 50;

    /** Asks often and is patient. */
    private static LabDaemon asking;

    /** Asks seldom enough for a busy machine and is not patient. */
    private static LabDaemon strict;

    private static int askingMesh;

    @BeforeAll
    static void start() {
        askingMesh = FreePort.tcp();
        asking = LabDaemon.onLoopback("asking")
                .environment("NEXUSD_MESH_PORT", String.valueOf(askingMesh))
                .environment("NEXUSD_CONNECTIONS_KEEPALIVE_INTERVAL_MS", "100")
                .environment("NEXUSD_CONNECTIONS_KEEPALIVE_TIMEOUT_MS", "60000")
                .start()
                .awaitReady();
        strict = LabDaemon.onLoopback("strict-keepalive")
                .environment("NEXUSD_CONNECTIONS_KEEPALIVE_INTERVAL_MS", "500")
                .environment("NEXUSD_CONNECTIONS_KEEPALIVE_TIMEOUT_MS", "5000")
                .start()
                .awaitReady();
    }

    @AfterAll
    static void stop() {
        asking.close();
        strict.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"app", "mesh", "admin"})
    void shouldKeepWhoAnswers(String port) throws Exception {
        int number =
                switch (port) {
                    case "app" -> asking.appPort();
                    case "mesh" -> askingMesh;
                    default -> Integer.parseInt(asking.adminAddress().replaceFirst(".*:", ""));
                };
        try (ForeignClient client = new ForeignClient("127.0.0.1", asking.appPort());
                ForeignSubscription idle = client.subscribe("idle/#");
                RawHttp2 raw = RawHttp2.greeted(number)) {
            for (int i = 0; i < PINGS; i++) {
                Frame ping = raw.read(RawHttp2.PING);
                assertThat(ping.flags()).isZero();
                raw.write(RawHttp2.frame(RawHttp2.PING, RawHttp2.ACK, 0, ping.payload()));
            }
            // grpc-java has answered as many meanwhile.
            client.publish("idle/1", "x");
            idle.awaitMessages(1);
            assertThat(idle.status()).isNull();
        }
    }

    @Test
    void shouldLetGoWhoDoesNotAnswer() throws Exception {
        try (RawHttp2 raw = RawHttp2.greeted(strict.appPort())) {
            raw.read(RawHttp2.PING);
            raw.awaitClosed();
        }
        assertThat(strict.metric("nexusd_connections_closed_total", "reason=\"silent\""))
                .isPositive();
    }

    @Test
    void shouldGiveToOthersWhatWaitsForAMemberThatIsSilent() throws Exception {
        try (RawHttp2 frozen = RawHttp2.greeted(strict.appPort());
                ForeignClient client = new ForeignClient("127.0.0.1", strict.appPort());
                ForeignSubscription member = client.subscribe(group())) {
            byte[] request = group().toByteArray();
            byte[] message = new byte[5 + request.length];
            message[4] = (byte) request.length;
            System.arraycopy(request, 0, message, 5, request.length);
            frozen.write(RawHttp2.frame(
                    RawHttp2.HEADERS,
                    RawHttp2.END_HEADERS,
                    1,
                    RawHttp2.call("/nexusd.sidecar.SidecarService/Subscribe")));
            frozen.write(RawHttp2.frame(RawHttp2.DATA, RawHttp2.END_STREAM, 1, message));
            frozen.read(RawHttp2.DATA);
            // Its window of 64 KiB and the stream's own queue take some each; the others wait in the subscription's
            // queue.
            String payload = "x".repeat(4000);
            for (int i = 0; i < COUNT; i++) {
                client.publish("jobs/" + i, payload);
            }
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(member.received()).isGreaterThanOrEqualTo(COUNT - UNKNOWN));
            assertThat(member.status()).isNull();
        }
    }

    private static SubscribeRequest group() {
        return SubscribeRequest.newBuilder()
                .addTopics("jobs/#")
                .setGroup("workers")
                .build();
    }
}
