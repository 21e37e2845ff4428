package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.client.ForeignSubscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How soon everybody knows what somebody wants. */
@ExtendWith(ShowLogs.class)
class InterestSpreadLabIT {
    private static final int ROUNDS = 50;
    private static final Duration SOON = Duration.ofSeconds(20);

    /** A promise of the product, not of this machine: the beacon interval is ten times longer. */
    private static final long MEDIAN_LIMIT_MS = 100;

    @Test
    void shouldSpreadInterestToAllOfFiveNodesAtOnce() {
        try (Lab lab = Lab.withHosts(5)) {
            List<LabDaemon> daemons =
                    lab.hosts().stream().map(host -> host.start()).toList();
            Mesh.awaitFull(SOON, daemons);
            List<Long> tookMs = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                LabDaemon subscriber = daemons.get(round % daemons.size());
                String filter = "spread/" + round;
                try (ForeignSubscription ignored = subscriber.client().subscribe(filter)) {
                    long startNs = System.nanoTime();
                    for (LabDaemon daemon : daemons) {
                        if (daemon != subscriber) {
                            Mesh.awaitInterest(daemon, filter, 1, SOON);
                        }
                    }
                    tookMs.add((System.nanoTime() - startNs) / 1_000_000);
                }
            }
            tookMs.sort(null);
            assertThat(tookMs.get(ROUNDS / 2)).as("median of %s ms", tookMs).isLessThan(MEDIAN_LIMIT_MS);
        }
    }
}
