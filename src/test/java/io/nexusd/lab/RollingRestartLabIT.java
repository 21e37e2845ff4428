package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.nexusd.client.ForeignClient;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.proto.sidecar.GapRecoveryMode;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.ResumeSubscribeRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Every node but one is restarted in turn while applications publish on all of them. {@code -Dnexusd.rounds=3} for more rounds
 * than one.
 */
@ExtendWith(ShowLogs.class)
@LongRun
class RollingRestartLabIT {
    private static final int ROUNDS = Integer.getInteger("nexusd.rounds", 1);
    private static final int NODES = 5;
    private static final long PAUSE_NS = 3_000_000;
    private static final Duration SOON = Duration.ofSeconds(60);

    /** An application that publishes on one node and tries again when that is away. */
    private static final class Publisher {
        private final String topic;
        private final LabDaemonRef daemon;
        private final List<String> accepted = new ArrayList<>();
        private final Thread thread = new Thread(this::run, "publisher");
        private volatile boolean stop;
        private volatile AssertionError failure;

        Publisher(String topic, LabDaemonRef daemon) {
            this.topic = topic;
            this.daemon = daemon;
            thread.start();
        }

        private void run() {
            for (int i = 0; !stop; i++) {
                try {
                    daemon.client().publish(topic, Integer.toString(i));
                    accepted.add(Integer.toString(i));
                } catch (StatusRuntimeException e) {
                    if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                        failure = new AssertionError(topic + " " + i, e);
                        return;
                    }
                }
                LockSupport.parkNanos(PAUSE_NS);
            }
        }

        List<String> end() throws InterruptedException {
            stop = true;
            thread.join(20_000);
            if (failure != null) {
                throw failure;
            }
            return accepted;
        }
    }

    /** The daemon that runs on a host at the moment. */
    private static final class LabDaemonRef {
        private volatile LabDaemon daemon;

        LabDaemonRef(LabDaemon daemon) {
            this.daemon = daemon;
        }

        ForeignClient client() {
            return daemon.client();
        }
    }

    @Test
    void shouldLoseNothingForWhoStays() throws InterruptedException {
        try (Lab lab = Lab.withHosts(NODES)) {
            Host.Options options = Host.Options.of(
                            "--peers",
                            lab.host(0).endpoint() + "," + lab.host(1).endpoint())
                    .with("NEXUSD_PEERS_RETRY_INTERVAL_MS", "300");
            List<LabDaemonRef> nodes = new ArrayList<>();
            for (Host host : lab.hosts()) {
                nodes.add(new LabDaemonRef(host.start(options)));
            }
            List<LabDaemon> daemons = nodes.stream().map(node -> node.daemon).toList();
            Mesh.awaitFull(SOON, daemons);
            ForeignSubscription stays = daemons.get(0).client().subscribe("load/+");
            daemons.subList(1, NODES).forEach(daemon -> Mesh.awaitInterest(daemon, "load/+", 1, SOON));
            List<Publisher> publishers = new ArrayList<>();
            for (int i = 0; i < NODES; i++) {
                publishers.add(new Publisher("load/" + i, nodes.get(i)));
            }
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 1; i < NODES; i++) {
                    restart(lab.host(i), nodes.get(i), options);
                }
            }
            Map<String, List<String>> accepted = new HashMap<>();
            for (Publisher publisher : publishers) {
                accepted.put(publisher.topic, publisher.end());
            }
            accepted.forEach((topic, published) -> {
                await(topic).atMost(SOON).untilAsserted(() -> {
                    Set<String> missing = new TreeSet<>(published);
                    missing.removeAll(Set.copyOf(received(stays, topic)));
                    assertThat(missing).isEmpty();
                });
                List<String> got = received(stays, topic);
                assertThat(got).doesNotHaveDuplicates();
                assertThat(got.stream().map(Integer::valueOf).toList()).isSorted();
            });
            Ledger.awaitBalance(daemons.get(0));
        }
    }

    /** The application on the restarted node comes back as well, and is told that it missed something. */
    private static void restart(Host host, LabDaemonRef node, Host.Options options) {
        ForeignSubscription before = node.client().subscribe("load/+");
        before.awaitMessages(1);
        node.daemon.terminate();
        assertThat(before.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(node.daemon.exitCode(SOON)).isZero();
        node.daemon = host.start(options).awaitReady();
        ForeignSubscription after = node.client()
                .resume(ResumeSubscribeRequest.newBuilder()
                        .setSubscriptionId(before.id())
                        .addTopics("load/+")
                        .setGapRecoveryMode(GapRecoveryMode.GAP_RECOVERY_REPLAY_BUFFER)
                        .build());
        assertThat(after.info().getGapDetected()).isTrue();
        after.awaitMessages(1);
        assertThat(node.client().unsubscribe(after.id()).getSuccess()).isTrue();
    }

    private static List<String> received(ForeignSubscription subscription, String topic) {
        return subscription.messages().stream()
                .filter(message -> message.getTopic().equals(topic))
                .map((Message message) -> message.getPayload().toStringUtf8())
                .toList();
    }
}
