package io.nexusd.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.LiveFile;
import io.nexusd.lab.LongRun;
import io.nexusd.lab.Mesh;
import io.nexusd.lab.ShowLogs;
import io.nexusd.lab.Traffic;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What may happen to pods that run: edits of their ConfigMap, a network that is away, a process that hangs. */
@ExtendWith(ShowLogs.class)
@LongRun
class PodLifeLabIT {
    private static final Duration SOON = ScalingLabIT.SOON;
    private static final Duration POLL = Duration.ofMillis(20);

    @Test
    void shouldApplyGoodEditsAndNoBadOneAndStayReadyAlone() {
        try (Cluster cluster = Cluster.withPods(3)) {
            cluster.apply(Manifests.render(KustomizationTest.BASE));
            List<Pod> pods = cluster.awaitReady(3, SOON);
            List<LabDaemon> daemons = ScalingLabIT.daemons(cluster);
            Mesh.awaitFull(SOON, daemons);
            try (Traffic traffic =
                    new Traffic(daemons.get(0).client(), daemons.get(1).client(), "steady")) {
                traffic.awaitFlow();
                int missing = traffic.missing().size();
                editAndRefuse(cluster, daemons);
                traffic.awaitFlow();
                assertThat(traffic.missing()).hasSize(missing);
            }
            loseThePeers(cluster, pods.get(2));
            Mesh.awaitFull(SOON, daemons);
            pods.forEach(PodLifeLabIT::assertUndisturbed);
        }
    }

    private static void editAndRefuse(Cluster cluster, List<LabDaemon> daemons) {
        cluster.edit(
                "nexusd-config",
                "nexusd.yaml",
                yaml -> yaml.replace("level: INFO", "level: DEBUG")
                        .replace("max-bytes: 33554432", "max-bytes: 16777216"));
        for (LabDaemon daemon : daemons) {
            LiveFile.awaitInForce(daemon, "log.level", "DEBUG");
            LiveFile.awaitInForce(daemon, "history.max-bytes", 16777216);
        }
        cluster.edit(
                "nexusd-config",
                "nexusd.yaml",
                yaml -> yaml.replace("level: DEBUG", "level: LOUD")
                        .replace("max-bytes: 16777216", "max-bytes: 8388608"));
        for (LabDaemon daemon : daemons) {
            await("the refusal by " + daemon)
                    .atMost(SOON)
                    .pollInterval(POLL)
                    .until(() -> !LiveFile.lastReload(daemon).getBoolean("successful"));
            assertThat(LiveFile.inForce(daemon, "log.level")).isEqualTo("DEBUG");
            assertThat(LiveFile.inForce(daemon, "history.max-bytes")).isEqualTo("16777216");
        }
        cluster.edit("nexusd-config", "nexusd.yaml", yaml -> yaml.replace("level: LOUD", "level: INFO"));
        for (LabDaemon daemon : daemons) {
            LiveFile.awaitInForce(daemon, "log.level", "INFO");
            LiveFile.awaitInForce(daemon, "history.max-bytes", 8388608);
        }
    }

    /** Its probes still arrive, as those of a kubelet on the same machine do. */
    private static void loseThePeers(Cluster cluster, Pod pod) {
        cluster.lab().cut(pod.host());
        await(pod.name() + " without peers")
                .atMost(SOON)
                .until(() -> pod.daemon().client().peers().isEmpty());
        long beforeNs = System.nanoTime();
        // Longer than it takes for readiness to be lost.
        await("readiness for a while")
                .atMost(SOON)
                .pollInterval(POLL)
                .failFast(pod.name() + " is unready or restarted", () -> !pod.isReady() || pod.restarts() > 0)
                .until(() -> System.nanoTime() - beforeNs > 7_000_000_000L);
        assertThat(cluster.endpoints("nexusd-lb")).contains(pod.name());
        cluster.lab().heal(pod.host());
    }

    @Test
    void shouldRestartAPodThatHangsAndNoOther() {
        try (Cluster cluster = Cluster.withPods(2)) {
            cluster.apply(Manifests.render(KustomizationTest.BASE));
            cluster.scale(2);
            List<Pod> pods = cluster.awaitReady(2, SOON);
            Mesh.awaitFull(SOON, ScalingLabIT.daemons(cluster));
            Pod stays = pods.get(0);
            Pod hangs = pods.get(1);
            LabDaemon before = hangs.daemon();
            String address = hangs.address();
            before.freeze();
            await("the hanging pod to get no new connections")
                    .atMost(SOON)
                    .pollInterval(POLL)
                    .until(() -> cluster.endpoints("nexusd-lb").equals(List.of("nexusd-0")));
            assertThat(before.isAlive()).as("restarted before liveness failed").isTrue();
            await("the restart").atMost(SOON).pollInterval(POLL).until(() -> hangs.restarts() == 1);
            cluster.awaitReady(2, SOON);
            assertThat(hangs.daemon()).isNotSameAs(before);
            assertThat(hangs.address()).isEqualTo(address);
            Mesh.awaitFull(SOON, ScalingLabIT.daemons(cluster));
            Mesh.assertMessagesCross(ScalingLabIT.daemons(cluster));
            assertThat(hangs.restarts()).isEqualTo(1);
            assertUndisturbed(stays);
        }
    }

    private static void assertUndisturbed(Pod pod) {
        assertThat(pod.restarts()).as("restarts of %s", pod.name()).isZero();
        assertThat(pod.unreadyTimes()).as("times %s was unready", pod.name()).isZero();
    }
}
