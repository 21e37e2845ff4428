package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.client.ForeignSubscription;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Links that stall or break for less than the queue holds: nothing is lost, nothing comes twice, order is kept. */
@ExtendWith(ShowLogs.class)
class BrokenLinkLabIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration RECOVERED = Duration.ofSeconds(60);
    private static final int STEP = 300;
    private static final int BAD_PERCENT = 10;

    private interface Fault {
        void on();

        void off();
    }

    @Test
    void shouldLoseAndRepeatNothingWhileACableIsOut() {
        try (Lab lab = Lab.withHosts(3)) {
            List<LabDaemon> daemons = start(lab);
            disturb(daemons, new Fault() {
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
    void shouldLoseAndRepeatNothingWhileAPeerIsStalled() {
        try (Lab lab = Lab.withHosts(3)) {
            List<LabDaemon> daemons = start(lab);
            disturb(daemons, new Fault() {
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
    void shouldLoseAndRepeatNothingOverABadCable() {
        try (Lab lab = Lab.withHosts(3)) {
            List<LabDaemon> daemons = start(lab);
            LabDaemon publisher = daemons.get(0);
            ForeignSubscription behind = daemons.get(1).client().subscribe("steady/#");
            ForeignSubscription beside = daemons.get(2).client().subscribe("steady/#");
            Mesh.awaitInterest(publisher, "steady/#", 2, SOON);
            lab.loss(lab.host(1), BAD_PERCENT);
            int published = publish(publisher, 0);
            published = publish(publisher, published);
            beside.awaitMessages(published);
            behind.awaitMessages(published, RECOVERED);
            List<String> expected =
                    IntStream.range(0, published).mapToObj(Integer::toString).toList();
            assertThat(behind.payloads()).isEqualTo(expected);
            assertThat(beside.payloads()).isEqualTo(expected);
        }
    }

    private static List<LabDaemon> start(Lab lab) {
        // A silent link is given up and dialed anew well before the peer counts as dead.
        Host.Options options = Host.Options.of("--peers", lab.host(0).endpoint())
                .with("NEXUSD_DISCOVERY_PEER_TIMEOUT_MS", "15000")
                .with("NEXUSD_PEERS_RETRY_INTERVAL_MS", "500");
        List<LabDaemon> daemons =
                lab.hosts().stream().map(host -> host.start(options)).toList();
        Mesh.awaitFull(SOON, daemons);
        return daemons;
    }

    private static void disturb(List<LabDaemon> daemons, Fault fault) {
        LabDaemon publisher = daemons.get(0);
        ForeignSubscription disturbed = daemons.get(1).client().subscribe("steady/#");
        ForeignSubscription undisturbed = daemons.get(2).client().subscribe("steady/#");
        Mesh.awaitInterest(publisher, "steady/#", 2, SOON);

        int published = publish(publisher, 0);
        disturbed.awaitMessages(published);
        fault.on();
        published = publish(publisher, published);
        undisturbed.awaitMessages(published);
        int before = disturbed.messages().size();
        // Long enough for retransmission timers to grow and for the node to be suspected.
        await("the node to be suspected")
                .atMost(Duration.ofSeconds(60))
                .until(() -> publisher.client().peers().stream()
                        .anyMatch(peer -> peer.getStatus().equals("suspected")));
        assertThat(before).isLessThan(published);
        fault.off();
        published = publish(publisher, published);

        undisturbed.awaitMessages(published);
        disturbed.awaitMessages(published, RECOVERED);
        List<String> expected =
                IntStream.range(0, published).mapToObj(Integer::toString).toList();
        assertThat(undisturbed.payloads()).isEqualTo(expected);
        assertThat(disturbed.payloads()).isEqualTo(expected);
        assertThat(publisher.metric("nexusd_messages_dropped_total")).isZero();
    }

    private static int publish(LabDaemon publisher, int from) {
        for (int i = from; i < from + STEP; i++) {
            assertThat(publisher
                            .client()
                            .publish("steady/a", Integer.toString(i))
                            .getSubscriberCount())
                    .isEqualTo(2);
        }
        return from + STEP;
    }
}
