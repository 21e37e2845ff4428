package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.nexusd.client.ForeignSubscription;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Nodes that go, with and without a word, and come back. */
@ExtendWith(ShowLogs.class)
class RestartLabIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @Test
    void shouldReplaceARestartedNodeWithoutWaitingForATimeout() {
        try (Lab lab = Lab.withHosts(2)) {
            // So long that only the replacement itself can be what removes the old instance.
            Host.Options patient = Host.Options.of(
                            "--peers",
                            lab.host(0).endpoint() + "," + lab.host(1).endpoint())
                    .with("NEXUSD_DISCOVERY_PEER_TIMEOUT_MS", "120000")
                    .with("NEXUSD_PEERS_RETRY_INTERVAL_MS", "500");
            LabDaemon stays = lab.host(0).start(patient);
            LabDaemon dies = lab.host(1).start(patient);
            Mesh.awaitFull(SOON, List.of(stays, dies));
            Set<String> before = Mesh.uuids(stays);
            dies.kill();
            LabDaemon returned = lab.host(1).start(patient);
            await("the new instance in the place of the old one")
                    .atMost(SOON)
                    .ignoreExceptions()
                    .until(() -> Mesh.uuids(stays), now -> now.size() == 1 && !now.equals(before));
            Mesh.awaitFull(SOON, List.of(stays, returned));
            Mesh.assertMessagesCross(List.of(stays, returned));
        }
    }

    @Test
    void shouldLeaveAtOnceWhenAskedToStop() {
        try (Lab lab = Lab.withHosts(3)) {
            Host.Options patient = Host.Options.of().with("NEXUSD_DISCOVERY_PEER_TIMEOUT_MS", "120000");
            List<LabDaemon> daemons =
                    lab.hosts().stream().map(host -> host.start(patient)).toList();
            Mesh.awaitFull(SOON, daemons);
            LabDaemon leaving = daemons.get(2);
            ForeignSubscription subscription = leaving.client().subscribe("a/#");
            Mesh.awaitInterest(daemons.get(0), "a/#", 1, SOON);
            leaving.terminate();
            // Silence would be noticed after two minutes only.
            Mesh.awaitPeers(1, SOON, daemons.subList(0, 2));
            assertThat(subscription.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThatThrownBy(() -> leaving.client().publish("a/b", "too late"))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
            assertThat(leaving.exitCode(SOON)).isZero();
            assertThat(daemons.get(0).client().publish("a/b", "x").getSubscriberCount())
                    .isZero();
        }
    }
}
