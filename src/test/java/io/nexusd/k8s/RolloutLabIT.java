package io.nexusd.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.LongRun;
import io.nexusd.lab.Mesh;
import io.nexusd.lab.ShowLogs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** All pods are replaced, one after the other from the highest number, while applications publish and subscribe on each. */
@Tag("load")
@ExtendWith(ShowLogs.class)
@LongRun
class RolloutLabIT {
    private static final Duration SOON = ScalingLabIT.SOON;
    private static final Duration ROLLED_OUT = Duration.ofSeconds(150);

    @Test
    void shouldReplaceAllPodsWithoutLossForThoseThatStay() {
        try (Cluster cluster = Cluster.withPods(4)) {
            cluster.apply(Manifests.render(KustomizationTest.BASE));
            Map<String, Pod> before = byName(cluster.awaitReady(3, SOON));
            Mesh.awaitFull(SOON, ScalingLabIT.daemons(cluster));
            List<ForeignSubscription> subscriptions = new ArrayList<>();
            for (LabDaemon daemon : ScalingLabIT.daemons(cluster)) {
                subscriptions.add(daemon.client().subscribe("load/+"));
            }
            ScalingLabIT.daemons(cluster).forEach(daemon -> Mesh.awaitInterest(daemon, "load/+", 2, SOON));
            List<SteadyPublisher> publishers = new ArrayList<>();
            for (String name : before.keySet()) {
                publishers.add(new SteadyPublisher(
                        "load/" + name, () -> cluster.pod(name).daemon()));
            }
            subscriptions.forEach(subscription -> subscription.awaitMessages(30));

            cluster.restartRollout();
            Map<String, Pod> after = byName(cluster.awaitReady(3, ROLLED_OUT));
            Mesh.awaitFull(SOON, ScalingLabIT.daemons(cluster));
            // A subscription lives as long as its pod; until its end it missed nothing of anybody's.
            for (ForeignSubscription subscription : subscriptions) {
                assertThat(subscription.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                for (SteadyPublisher publisher : publishers) {
                    assertThat(publisher.assertNoGap(subscription)).isPositive();
                }
            }
            try (ForeignSubscription late =
                    after.get("nexusd-2").daemon().client().subscribe("load/+")) {
                await("messages from all the new pods")
                        .atMost(SOON)
                        .until(() -> publishers.stream()
                                .allMatch(publisher -> publisher.received(late).size() > 10));
            }
            publishers.forEach(SteadyPublisher::close);
            before.forEach((name, pod) -> {
                assertThat(pod.isGone()).as(name).isTrue();
                assertThat(pod.lastExitCode())
                        .as("exit code of the old %s", name)
                        .isZero();
                assertThat(pod.unreadyTimes())
                        .as("times the old %s was unready", name)
                        .isZero();
                assertThat(after.get(name).address()).isNotEqualTo(pod.address());
            });
            after.forEach((name, pod) -> {
                assertThat(pod.restarts()).as("restarts of %s", name).isZero();
                assertThat(pod.unreadyTimes()).as("times %s was unready", name).isZero();
            });
        }
    }

    private static Map<String, Pod> byName(List<Pod> pods) {
        return pods.stream().collect(Collectors.toMap(Pod::name, Function.identity()));
    }
}
