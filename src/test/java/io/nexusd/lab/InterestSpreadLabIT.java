package io.nexusd.lab;

import io.nexusd.client.ForeignSubscription;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A change of interest reaches every node without waiting for the next heartbeat: heartbeats here are ten minutes apart, far beyond the
 * patience of the test. {@code bin/nexusd-measure --only interest} measures the time.
 */
@ExtendWith(ShowLogs.class)
class InterestSpreadLabIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String HEARTBEAT_MS = "600000";

    @Test
    void shouldSpreadInterestToAllOfFiveNodesBeforeTheNextHeartbeat() {
        try (Lab lab = Lab.withHosts(5)) {
            Host.Options rare = Host.Options.of()
                    .with("NEXUSD_DISCOVERY_BEACON_INTERVAL_MS", HEARTBEAT_MS)
                    .with("NEXUSD_DISCOVERY_PEER_TIMEOUT_MS", String.valueOf(5 * 600_000))
                    .with("NEXUSD_PEERS_STATIC", lab.host(0).endpoint());
            List<LabDaemon> daemons =
                    lab.hosts().stream().map(host -> host.start(rare)).toList();
            Mesh.awaitFull(SOON, daemons);
            for (int round = 0; round < daemons.size(); round++) {
                LabDaemon subscriber = daemons.get(round);
                String filter = "spread/" + round;
                ForeignSubscription subscription = subscriber.client().subscribe(filter);
                awaitInterested(daemons, subscriber, filter, 1);
                subscription.close();
            }
        }
    }

    private static void awaitInterested(List<LabDaemon> daemons, LabDaemon subscriber, String filter, int nodes) {
        daemons.stream()
                .filter(daemon -> daemon != subscriber)
                .forEach(daemon -> Mesh.awaitInterest(daemon, filter, nodes, SOON));
    }
}
