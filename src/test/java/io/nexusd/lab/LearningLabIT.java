package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Nodes that are told little and learn the rest. */
@ExtendWith(ShowLogs.class)
class LearningLabIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @Test
    void shouldMakeAFullMeshWhereEachKnowsOneOther() {
        try (Lab lab = Lab.withHosts(4)) {
            lab.dropMulticast();
            // n0 knows nobody; n1 knows n0, n2 knows n1, n3 knows n2.
            List<LabDaemon> daemons = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                daemons.add(
                        i == 0
                                ? lab.host(0).start("--multicast", "false")
                                : lab.host(i).start("--peers", lab.host(i - 1).endpoint()));
            }
            daemons.forEach(LabDaemon::awaitServing);
            Mesh.awaitFull(SOON, daemons);
            Mesh.assertMessagesCross(daemons);
        }
    }

    @Test
    void shouldRefuseANodeOfAnotherClusterAndSayOnceWhy() {
        try (Lab lab = Lab.withHosts(2)) {
            LabDaemon red = lab.host(0).start("--cluster", "red", "--multicast", "false");
            LabDaemon blue = lab.host(1)
                    .start("--cluster", "blue", "--peers", lab.host(0).endpoint(), "--peer-retry-interval", "100");
            red.awaitServing();
            blue.awaitReady();
            await("both sides to say why").atMost(SOON).until(() -> lines(red) > 0 && lines(blue) > 0);
            double refused = red.metric("nexusd_mesh_rpc_requests_total", "FAILED_PRECONDITION");
            await("more attempts")
                    .atMost(SOON)
                    .until(() -> red.metric("nexusd_mesh_rpc_requests_total", "FAILED_PRECONDITION") >= refused + 3);
            assertThat(lines(red)).isEqualTo(1);
            assertThat(lines(blue)).isEqualTo(1);
            assertThat(red.client().peers()).isEmpty();
            assertThat(blue.client().peers()).isEmpty();
        }
    }

    private static long lines(LabDaemon daemon) {
        return daemon.logLines().stream()
                .filter(line -> line.contains("'red'") && line.contains("'blue'"))
                .count();
    }
}
