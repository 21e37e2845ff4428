package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.client.ForeignSubscription;
import io.nexusd.proto.sidecar.SubscribeRequest;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Faults of three seconds at random moments in the middle of 100,000 messages, with the default timeouts: each message arrives
 * once and in order. {@code -Dnexusd.rounds=10} for more rounds than one.
 */
@Tag("load")
@ExtendWith(ShowLogs.class)
class FaultyLinkLabIT {
    private static final int ROUNDS = Integer.getInteger("nexusd.rounds", 1);
    private static final int MESSAGES = 100_000;
    private static final int PER_SECOND = 25_000;
    private static final long FAULT_MS = 3_000;
    private static final Duration SOON = Duration.ofSeconds(60);

    private final long seed = Long.getLong("nexusd.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private interface Fault {
        void on();

        void off();
    }

    @Test
    void shouldDeliverEachMessageOnceAndInOrderThoughTheCableIsPulled() {
        try (Lab lab = Lab.withHosts(2)) {
            List<LabDaemon> daemons = start(lab, "NEXUSD_MESH_OUTBOUND_QUEUE_LIMIT", "200000");
            rounds(daemons, new Fault() {
                @Override
                public void on() {
                    lab.cut(lab.host(1));
                }

                @Override
                public void off() {
                    lab.heal(lab.host(1));
                }
            });
        }
    }

    @Test
    void shouldMakePublishersWaitWhereThePolicySaysSo() {
        try (Lab lab = Lab.withHosts(2)) {
            List<LabDaemon> daemons = start(lab, "NEXUSD_DELIVERY_BACKPRESSURE_POLICY", "block");
            rounds(daemons, new Fault() {
                @Override
                public void on() {
                    lab.cut(lab.host(1));
                }

                @Override
                public void off() {
                    lab.heal(lab.host(1));
                }
            });
        }
    }

    @Test
    void shouldDeliverEachMessageOnceAndInOrderThoughTheReceiverIsHalted() {
        try (Lab lab = Lab.withHosts(2)) {
            List<LabDaemon> daemons = start(lab, "NEXUSD_MESH_OUTBOUND_QUEUE_LIMIT", "200000");
            rounds(daemons, new Fault() {
                @Override
                public void on() {
                    daemons.get(1).freeze();
                }

                @Override
                public void off() {
                    daemons.get(1).thaw();
                }
            });
        }
    }

    @Test
    void shouldDeliverEachMessageOnceAndInOrderOverALossyCable() {
        try (Lab lab = Lab.withHosts(2)) {
            List<LabDaemon> daemons = start(lab, "NEXUSD_MESH_OUTBOUND_QUEUE_LIMIT", "200000");
            lab.loss(lab.host(1), 1);
            rounds(daemons, new Fault() {
                @Override
                public void on() {
                    lab.cut(lab.host(1));
                }

                @Override
                public void off() {
                    lab.heal(lab.host(1));
                    lab.loss(lab.host(1), 1);
                }
            });
        }
    }

    private static List<LabDaemon> start(Lab lab, String key, String value) {
        Host.Options options =
                Host.Options.of("--peers", lab.host(0).endpoint()).with(key, value);
        List<LabDaemon> daemons =
                lab.hosts().stream().map(host -> host.start(options)).toList();
        Mesh.awaitFull(SOON, daemons);
        return daemons;
    }

    private void rounds(List<LabDaemon> daemons, Fault fault) {
        List<String> expected =
                IntStream.range(0, MESSAGES).mapToObj(Integer::toString).toList();
        for (int round = 0; round < ROUNDS; round++) {
            String topic = "round/" + round;
            // The application on the receiving node keeps up; what is tried here is the link.
            ForeignSubscription subscription = daemons.get(1)
                    .client()
                    .subscribe(SubscribeRequest.newBuilder()
                            .addTopics(topic)
                            .setAcceptBatches(true)
                            .build());
            Mesh.awaitInterest(daemons.get(0), topic, 1, SOON);
            Flood flood = Flood.start(daemons.get(0).client(), topic, MESSAGES, PER_SECOND);
            int after = random.nextInt(MESSAGES * 3 / 4);
            await().atMost(SOON).pollInterval(Duration.ofMillis(1)).until(() -> flood.published() >= after);
            fault.on();
            await().pollDelay(Duration.ofMillis(FAULT_MS)).until(() -> true);
            fault.off();
            assertThat(flood.awaitEnd(Duration.ofSeconds(60))).isEqualTo(MESSAGES);
            subscription.awaitMessages(MESSAGES, Duration.ofSeconds(60));
            assertThat(subscription.payloads())
                    .as("seed %d, round %d, fault after %d", seed, round, after)
                    .isEqualTo(expected);
            subscription.close();
            daemons.forEach(Ledger::awaitBalance);
        }
    }
}
