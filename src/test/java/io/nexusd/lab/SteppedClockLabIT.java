package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.SubscribeRequest;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The wall clock of a host is set while messages with short lifetimes flow; nothing else about the host changes. */
@ExtendWith(ShowLogs.class)
@LongRun
class SteppedClockLabIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int MESSAGES = 10;

    /** Far more than a delivery takes on a busy machine, far less than the steps. */
    private static final long TTL_MS = 20_000;

    private static final int STEP_S = 3_600;

    @ParameterizedTest
    @CsvSource({"publisher,1", "publisher,-1", "receiver,1", "receiver,-1"})
    void shouldExpireNothingFreshWhenAClockIsSet(String whose, int direction) {
        int port = FreePort.tcp();
        SteppedClock publishers = new SteppedClock();
        SteppedClock receivers = new SteppedClock();
        try (LabDaemon receiver = receivers
                        .on(LabDaemon.onLoopback("receiver").environment("NEXUSD_MESH_PORT", String.valueOf(port)))
                        .start();
                LabDaemon publisher = publishers
                        .on(LabDaemon.onLoopback("publisher").environment("NEXUSD_PEERS_STATIC", "127.0.0.1:" + port))
                        .start()) {
            Mesh.awaitFull(SOON, List.of(receiver, publisher));
            ForeignSubscription remote = receiver.client().subscribe("fresh");
            ForeignSubscription local = publisher.client().subscribe("fresh");
            Mesh.awaitInterest(publisher, "fresh", 1, SOON);
            awaitMeasured(receiver);
            retain(publisher, "kept", TTL_MS * 10);
            // Longer than the test waits for anything, far shorter than the step: a time taken from the wall clock
            // would end it.
            awaitRetained(receiver);

            int before = publish(publisher, 0);
            (whose.equals("publisher") ? publishers : receivers).setTo(direction * STEP_S);
            // Through the moment of the step, and until beats have measured it.
            long aheadMs = (whose.equals("publisher") ? direction : -direction) * STEP_S * 1000L;
            int measured = publishUntil(publisher, before, () -> isAhead(receiver, aheadMs));
            measured = publish(publisher, measured);
            (whose.equals("publisher") ? publishers : receivers).setTo(0);
            int all = publish(publisher, publishUntil(publisher, measured, () -> isAhead(receiver, 0)));

            remote.awaitMessages(all);
            local.awaitMessages(all);
            List<String> expected =
                    IntStream.range(0, all).mapToObj(Integer::toString).toList();
            assertThat(remote.payloads()).isEqualTo(expected);
            assertThat(local.payloads()).isEqualTo(expected);
            for (LabDaemon daemon : List.of(publisher, receiver)) {
                assertThat(daemon.metric("nexusd_messages_dropped_total", "expired"))
                        .isZero();
                // Each sample would be an hour if a wall clock were in it.
                assertThat(daemon.metric("nexusd_message_latency_seconds_sum")).isLessThan(STEP_S / 2.0);
                awaitRetained(daemon);
            }
        }
    }

    /** What has expired stays undelivered, whatever a clock is set to meanwhile. */
    @ParameterizedTest
    @CsvSource({"publisher,1", "publisher,-1", "receiver,1", "receiver,-1"})
    void shouldKeepNothingAliveWhenAClockIsSet(String whose, int direction) {
        int port = FreePort.tcp();
        SteppedClock publishers = new SteppedClock();
        SteppedClock receivers = new SteppedClock();
        try (LabDaemon receiver = receivers
                        .on(LabDaemon.onLoopback("receiver").environment("NEXUSD_MESH_PORT", String.valueOf(port)))
                        .start();
                LabDaemon publisher = publishers
                        .on(LabDaemon.onLoopback("publisher").environment("NEXUSD_PEERS_STATIC", "127.0.0.1:" + port))
                        .start()) {
            Mesh.awaitFull(SOON, List.of(receiver, publisher));
            awaitMeasured(receiver);
            retain(publisher, "short", 3_000);
            awaitRetained(receiver);
            (whose.equals("publisher") ? publishers : receivers).setTo(direction * STEP_S);
            for (LabDaemon daemon : List.of(publisher, receiver)) {
                await().atMost(SOON).until(() -> daemon.metric("nexusd_retained_messages") == 0);
            }
        }
    }

    private static int publish(LabDaemon daemon, int first) {
        for (int i = first; i < first + MESSAGES; i++) {
            daemon.client()
                    .publish(PublishRequest.newBuilder()
                            .setTopic("fresh")
                            .setPayload(ByteString.copyFromUtf8(Integer.toString(i)))
                            .setTtlMs(TTL_MS)
                            .build());
        }
        return first + MESSAGES;
    }

    /** Publishes until the condition holds; returns the number after the last. */
    private static int publishUntil(LabDaemon daemon, int first, BooleanSupplier condition) {
        int[] next = {first};
        await().atMost(SOON)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    next[0] = publish(daemon, next[0]);
                    return condition.getAsBoolean();
                });
        return next[0];
    }

    private static void retain(LabDaemon daemon, String topic, long ttlMs) {
        daemon.client()
                .publish(PublishRequest.newBuilder()
                        .setTopic(topic)
                        .setPayload(ByteString.copyFromUtf8("kept"))
                        .setRetain(true)
                        .setTtlMs(ttlMs)
                        .build());
    }

    private static void awaitRetained(LabDaemon daemon) {
        ForeignSubscription subscription = daemon.client()
                .subscribe(SubscribeRequest.newBuilder()
                        .addTopics("#")
                        .setReceiveRetained(true)
                        .build());
        await().atMost(SOON)
                .until(() -> !subscription.retained().isEmpty()
                        || !subscription.payloads().isEmpty());
        subscription.close();
    }

    /** Beats have compared the clocks. */
    private static void awaitMeasured(LabDaemon daemon) {
        await().atMost(SOON).until(() -> daemon.body("/peerz").contains("clock_ahead_ms"));
    }

    private static boolean isAhead(LabDaemon daemon, long aheadMs) {
        return new JsonObject(daemon.body("/peerz"))
                .getJsonArray("peers").stream()
                        .map(JsonObject.class::cast)
                        .anyMatch(peer ->
                                Math.abs(peer.getLong("clock_ahead_ms", Long.MAX_VALUE / 2) - aheadMs) < 60_000);
    }
}
