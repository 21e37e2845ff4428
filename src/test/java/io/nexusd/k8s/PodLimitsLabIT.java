package io.nexusd.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.Flood;
import io.nexusd.lab.Ledger;
import io.nexusd.lab.Mesh;
import io.nexusd.lab.ShowLogs;
import io.nexusd.proto.sidecar.SubscribeRequest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Pods with the memory and the share of a core that the manifests give them, offered 10,000 messages a second from one to the other.
 * Whatever share of it the machine can carry, every message is accounted for and the limits hold; {@code bin/nexusd-measure} prints how
 * many arrive. {@code -Dnexusd.pod-load-seconds=60} for longer than the default.
 */
@Tag("load")
@ExtendWith(ShowLogs.class)
class PodLimitsLabIT {
    private static final int PER_SECOND = 10_000;
    private static final int SECONDS = Integer.getInteger("nexusd.pod-load-seconds", 5);

    /** Between the two daemons and at the subscriber something may wait, but not more than their queues hold. */
    private static final Duration LIMIT = Duration.ofSeconds(120L + 3L * SECONDS);

    @Test
    void shouldLiveWithinItsLimitsUnderLoad() {
        try (Cluster cluster = Cluster.withPods(2)) {
            cluster.apply(Manifests.render(KustomizationTest.BASE));
            cluster.scale(2);
            List<Pod> pods = cluster.awaitReady(2, ScalingLabIT.SOON);
            Mesh.awaitFull(ScalingLabIT.SOON, ScalingLabIT.daemons(cluster));
            int count = PER_SECOND * SECONDS;
            ForeignSubscription subscription = pods.get(1)
                    .daemon()
                    .client()
                    .subscribe(SubscribeRequest.newBuilder()
                            .addTopics("load")
                            .setAcceptBatches(true)
                            .build())
                    .counting();
            Mesh.awaitInterest(pods.get(0).daemon(), "load", 1, ScalingLabIT.SOON);
            Flood flood = Flood.start(pods.get(0).daemon().client(), "load", count, PER_SECOND);
            assertThat(flood.awaitEnd(LIMIT)).isEqualTo(count);
            await("each message received or counted as dropped")
                    .atMost(LIMIT)
                    .until(() -> subscription.received() + dropped(pods) == count);
            for (Pod pod : pods) {
                Ledger.awaitBalance(pod.daemon());
            }
            System.out.printf("received %d, dropped %d of %d%n", subscription.received(), dropped(pods), count);
            for (Pod pod : pods) {
                long peakBytes = pod.files().peakBytes();
                System.out.printf(
                        "%s: peak %d MiB of %d MiB, limits enforced: %s%n",
                        pod.name(),
                        peakBytes >> 20,
                        pod.memoryLimitBytes() >> 20,
                        pod.files().isLimited());
                assertThat(pod.restarts()).as("restarts of %s", pod.name()).isZero();
                assertThat(pod.isReady()).as("%s ready", pod.name()).isTrue();
                assertThat(peakBytes).isLessThan(pod.memoryLimitBytes());
            }
        }
    }

    private static long dropped(List<Pod> pods) {
        return pods.stream()
                .mapToLong(pod -> (long) pod.daemon().metric("nexusd_messages_dropped_total", ""))
                .sum();
    }
}
