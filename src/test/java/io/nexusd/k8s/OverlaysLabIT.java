package io.nexusd.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.LiveFile;
import io.nexusd.lab.LongRun;
import io.nexusd.lab.Mesh;
import io.nexusd.lab.ShowLogs;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The other ways of running in Kubernetes: a static list, multicast, and the deployment from before there was a headless look-up. */
@ExtendWith(ShowLogs.class)
@LongRun
class OverlaysLabIT {
    @Test
    void shouldMeshByTheStaticListFromTheNumberOfReplicas() {
        try (Cluster cluster = Cluster.withPods(3)) {
            cluster.apply(Manifests.render(KustomizationTest.STATIC));
            List<LabDaemon> daemons = meshed(cluster, 3);
            assertThat(LiveFile.inForce(daemons.get(0), "peers.static"))
                    .contains("nexusd-0.nexusd-headless:5671", "nexusd-2.nexusd-headless:5671")
                    .doesNotContain("nexusd-3");
        }
    }

    @Test
    void shouldMeshByMulticastOnTheNetworkOfTheMachines() {
        try (Cluster cluster = Cluster.onLan(2)) {
            cluster.apply(Manifests.render(KustomizationTest.MULTICAST));
            cluster.scale(2);
            List<LabDaemon> daemons = meshed(cluster, 2);
            assertThat(daemons.get(0).metric("nexusd_discovery_beacons_received_total"))
                    .isPositive();
        }
    }

    @Test
    void shouldServeTheEarlierDeploymentUnchanged() {
        try (Cluster cluster = Cluster.withPods(3)) {
            // No word on the order of the start there: one pod after the other, each when the one before is ready.
            cluster.apply(Manifests.read(Path.of("src/test/resources/k8s/earlier.yaml")));
            List<LabDaemon> daemons = meshed(cluster, 3);
            assertThat(daemons.get(0).logLines()).anyMatch(line -> line.contains("[production/nexusd-0]"));
            List<Pod> pods = cluster.pods();
            assertThat(pods).allMatch(pod -> pod.restarts() == 0);
            assertThat(pods.get(1).startedAtNs()).isGreaterThan(pods.get(0).upAtNs());
        }
    }

    /** {@code src/test/resources/k8s/guide} has the objects as the guide of the earlier implementation prints them. */
    @Test
    void shouldServeTheManifestsOfTheEarlierGuide() {
        try (Cluster cluster = Cluster.withPods(3).withNamesOfPodsThatAreNotReady()) {
            for (String file :
                    List.of("namespace", "configmap", "headless-service", "statefulset", "loadbalancer-service")) {
                cluster.apply(Manifests.read(Path.of("src/test/resources/k8s/guide", file + ".yaml")));
            }
            List<LabDaemon> daemons = meshed(cluster, 3);
            List<Pod> pods = cluster.pods();
            assertThat(pods).allMatch(pod -> pod.restarts() == 0);
            assertThat(pods.get(1).startedAtNs()).isGreaterThan(pods.get(0).readyAtNs());
            assertThat(pods.get(2).startedAtNs()).isGreaterThan(pods.get(1).readyAtNs());
            assertThat(daemons.get(0).logLines())
                    .anyMatch(line -> line.contains("[k8s-production/nexusd-0]"))
                    .noneMatch(line -> line.contains("config warning"));
            assertThat(cluster.endpoints("nexusd-lb")).hasSize(3);
            assertThat(pods.get(0).exec("/app/nexusd-cli", "MESH", "PEERS")).contains("nexusd-1", "nexusd-2", "alive");
        }
    }

    /** Waits until so many pods are one mesh, and messages cross it. */
    static List<LabDaemon> meshed(Cluster cluster, int count) {
        cluster.awaitReady(count, ScalingLabIT.SOON);
        List<LabDaemon> daemons = ScalingLabIT.daemons(cluster);
        Mesh.awaitFull(ScalingLabIT.SOON, daemons);
        Mesh.assertMessagesCross(daemons);
        return daemons;
    }
}
