package io.nexusd.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.FreePort;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.Ledger;
import io.nexusd.lab.ShowLogs;
import io.nexusd.wire.CommandFailure;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One publisher that sends as fast as it can, from one node to another, beside everything that must go on meanwhile. */
@Tag("load")
@ExtendWith(ShowLogs.class)
class HotPublisherIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void shouldLeaveProbesBeatsAndInterestTheirTurnAndAccountForEverything() {
        int mesh = FreePort.tcp();
        try (LabDaemon publishing = LabDaemon.onLoopback("hot-a")
                        .environment("NEXUSD_MESH_PORT", String.valueOf(mesh))
                        .start();
                LabDaemon receiving = LabDaemon.onLoopback("hot-b")
                        .environment("NEXUSD_PEERS_STATIC", "127.0.0.1:" + mesh)
                        .start()) {
            publishing.awaitReady();
            receiving.awaitReady();
            int rounds = 0;
            try (LabDaemon load = load(publishing, receiving)) {
                while (load.isAlive()) {
                    for (LabDaemon daemon : List.of(publishing, receiving)) {
                        assertThat(daemon.status("/healthz")).isEqualTo(200);
                        assertThat(daemon.status("/readyz")).isEqualTo(200);
                    }
                    newInterestCrosses(publishing, receiving, "control/" + rounds++);
                }
                // A link that is not warm yet may overflow, which bench cannot know of: what it misses, the daemon has
                // counted.
                assertThat(load.exitCode(LIMIT))
                        .as(String.join("\n", load.logLines()))
                        .isIn(0, CommandFailure.FAILED);
                JsonObject result = new JsonObject(load.outputLines().get(0));
                assertThat(result.getLong("received")).isPositive();
                assertThat(result.getLong("lost"))
                        .isBetween(0L, (long) publishing.metric("nexusd_messages_dropped_total", "link_overflow"));
                assertThat(result.getLong("out_of_order")).isZero();
            }
            assertThat(rounds).as("rounds while the load ran").isGreaterThan(2);
            for (LabDaemon daemon : List.of(publishing, receiving)) {
                Ledger.awaitBalance(daemon);
                assertThat(daemon.logLines())
                        .noneMatch(line -> line.contains("peer suspected") || line.contains("peer gone"));
            }
        }
    }

    private static LabDaemon load(LabDaemon publishing, LabDaemon receiving) {
        return LabDaemon.builder("hot-load")
                .arguments(List.of(
                        "bench",
                        "--target",
                        publishing.address() + ":" + publishing.appPort(),
                        "--target2",
                        receiving.address() + ":" + receiving.appPort(),
                        "--mode",
                        "batch",
                        "--duration",
                        "6",
                        "--warm-up",
                        "1",
                        "--json"))
                .start();
    }

    /** Somebody subscribes at one node, and gets what is published at the other. */
    private static void newInterestCrosses(LabDaemon publishing, LabDaemon receiving, String topic) {
        try (ForeignSubscription subscription = receiving.client().subscribe(topic)) {
            org.awaitility.Awaitility.await("interest in " + topic)
                    .atMost(LIMIT)
                    .until(() -> publishing.client().publish(topic, "now").getSubscriberCount() > 0);
            subscription.awaitMessages(1, LIMIT);
        }
    }
}
