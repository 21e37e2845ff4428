package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.client.ForeignSubscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How soon everybody knows what somebody wants. */
@Tag("load")
@ExtendWith(ShowLogs.class)
class InterestSpreadLabIT {
    private static final int ROUNDS = 50;
    private static final Duration SOON = Duration.ofSeconds(20);

    /** A promise of the product, not of this machine: the beacon interval is ten times longer. */
    private static final long MEDIAN_LIMIT_MS = 100;

    /** Rounds before those that count, in which code is compiled here and there. */
    private static final int WARM_UP_ROUNDS = 20;

    /** What else runs on the machine can only add to the time, so the least disturbed of some series counts. */
    private static final int MAX_SERIES = 10;

    /** Asks all of them in turn without a pause, so that next to nothing of the time is the asking. */
    private static long untilAllKnow(List<LabDaemon> daemons, LabDaemon subscriber, String filter) {
        long startNs = System.nanoTime();
        List<LabDaemon> unaware = new ArrayList<>(daemons);
        unaware.remove(subscriber);
        while (!unaware.isEmpty()) {
            unaware.removeIf(daemon -> Mesh.interested(daemon, filter) == 1);
            assertThat(System.nanoTime() - startNs).as(filter).isLessThan(SOON.toNanos());
        }
        return (System.nanoTime() - startNs) / 1_000_000;
    }

    @Test
    void shouldSpreadInterestToAllOfFiveNodesAtOnce() {
        try (Lab lab = Lab.withHosts(5)) {
            List<LabDaemon> daemons =
                    lab.hosts().stream().map(host -> host.start()).toList();
            Mesh.awaitFull(SOON, daemons);
            series(daemons, "warm-up", WARM_UP_ROUNDS);
            List<Long> medians = new ArrayList<>();
            while (medians.isEmpty() || (Collections.min(medians) >= MEDIAN_LIMIT_MS && medians.size() < MAX_SERIES)) {
                medians.add(series(daemons, "series" + medians.size(), ROUNDS));
            }
            assertThat(Collections.min(medians)).as("medians %s ms", medians).isLessThan(MEDIAN_LIMIT_MS);
        }
    }

    /** Returns the median of so many rounds, in milliseconds. */
    private static long series(List<LabDaemon> daemons, String name, int rounds) {
        List<Long> tookMs = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            LabDaemon subscriber = daemons.get(round % daemons.size());
            String filter = "spread/" + name + "/" + round;
            try (ForeignSubscription ignored = subscriber.client().subscribe(filter)) {
                tookMs.add(untilAllKnow(daemons, subscriber, filter));
            }
        }
        tookMs.sort(null);
        return tookMs.get(rounds / 2);
    }
}
