package io.nexusd.k8s;

import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.Flood;
import io.nexusd.lab.Mesh;
import io.nexusd.proto.sidecar.SubscribeRequest;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;

/** Times of pods with the limits that the manifests give them. Needs what the labs need. */
public final class PodMeasurements {
    private static final int PER_SECOND = 10_000;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private PodMeasurements() {}

    /** Starts three pods some times; the times of each start go to standard output, the last line of each to the report. */
    public static void starts(PrintStream report, int rounds) {
        for (int round = 0; round < rounds; round++) {
            try (Cluster cluster = Cluster.withPods(3)) {
                report.printf(
                        "three pods: full mesh %d ms after the last container started%n",
                        ScalingLabIT.start(cluster).toMillis());
            }
        }
    }

    /** Offers 10,000 messages a second from one pod to another for this long. */
    public static void load(PrintStream report, int seconds) {
        try (Cluster cluster = Cluster.withPods(2)) {
            cluster.apply(Manifests.render(KustomizationTest.BASE));
            cluster.scale(2);
            List<Pod> pods = cluster.awaitReady(2, PATIENCE);
            Mesh.awaitFull(PATIENCE, ScalingLabIT.daemons(cluster));
            ForeignSubscription subscription = pods.get(1)
                    .daemon()
                    .client()
                    .subscribe(SubscribeRequest.newBuilder()
                            .addTopics("load")
                            .setAcceptBatches(true)
                            .build())
                    .counting();
            Mesh.awaitInterest(pods.get(0).daemon(), "load", 1, PATIENCE);
            int count = PER_SECOND * seconds;
            long startedNs = System.nanoTime();
            Flood.start(pods.get(0).daemon().client(), "load", count, PER_SECOND)
                    .awaitEnd(PATIENCE);
            report.printf(
                    "two pods, %d messages offered at %d/s: accepted in %.1f s, %d received by then, peak memory %d and %d MiB%n",
                    count,
                    PER_SECOND,
                    (System.nanoTime() - startedNs) / 1e9,
                    subscription.received(),
                    pods.get(0).files().peakBytes() >> 20,
                    pods.get(1).files().peakBytes() >> 20);
        }
    }
}
