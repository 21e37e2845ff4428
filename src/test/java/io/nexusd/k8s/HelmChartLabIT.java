package io.nexusd.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.LiveFile;
import io.nexusd.lab.LongRun;
import io.nexusd.lab.Mesh;
import io.nexusd.lab.ShowLogs;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Releases of the Helm chart: one with the default values, and one of other names whose configuration an upgrade changes. */
@ExtendWith(ShowLogs.class)
@LongRun
class HelmChartLabIT {
    @Test
    void shouldMeshWithTheDefaultValues() {
        try (Cluster cluster = Cluster.withPods(3)) {
            cluster.apply(HelmChart.NEXUSD.render(""));
            List<LabDaemon> daemons = OverlaysLabIT.meshed(cluster, 3);
            assertThat(cluster.endpoints("nexusd-lb")).containsExactly("nexusd-0", "nexusd-1", "nexusd-2");
            assertThat(LiveFile.inForce(daemons.get(0), "peers.dns")).isEqualTo("nexusd-headless:5671");
        }
    }

    @Test
    void shouldApplyAnUpgradeOfTheConfigurationToRunningPods() {
        HelmChart chart = new HelmChart("orders", "messaging");
        try (Cluster cluster = Cluster.withPods(2, chart.namespace())) {
            cluster.apply(chart.render("replicas: 2"));
            List<LabDaemon> daemons = OverlaysLabIT.meshed(cluster, 2);
            List<Pod> pods = cluster.pods();
            assertThat(pods).extracting(Pod::name).containsExactly("orders-nexusd-0", "orders-nexusd-1");
            assertThat(LiveFile.inForce(daemons.get(0), "cluster.id")).isEqualTo("orders-nexusd");

            cluster.apply(chart.render("{replicas: 2, config: {log: {level: DEBUG}, history: {max-bytes: 16M}}}"));
            for (LabDaemon daemon : daemons) {
                LiveFile.awaitInForce(daemon, "log.level", "DEBUG");
                LiveFile.awaitInForce(daemon, "history.max-bytes", 16777216);
            }
            Mesh.assertMessagesCross(daemons);
            assertThat(cluster.awaitReady(2, ScalingLabIT.SOON)).isEqualTo(pods);
            assertThat(pods).allSatisfy(pod -> {
                assertThat(pod.restarts()).as("restarts of %s", pod.name()).isZero();
                assertThat(pod.unreadyTimes())
                        .as("times %s was unready", pod.name())
                        .isZero();
            });
        }
    }
}
