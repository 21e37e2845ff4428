package io.nexusd.lab;

import static org.awaitility.Awaitility.await;

import io.nexusd.client.ForeignSubscription;
import io.nexusd.proto.sidecar.PeerInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A mesh that falls apart, changes on both sides, and grows together. */
@ExtendWith(ShowLogs.class)
class PartitionLabIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration AFTER_HEALING = Duration.ofSeconds(60);

    @Test
    void shouldKnowEveryInterestAgainAfterAPartition() {
        try (Lab lab = Lab.withHosts(5)) {
            String seeds = lab.host(0).endpoint() + "," + lab.host(4).endpoint();
            Host.Options options = Host.Options.of("--peers", seeds)
                    .with("NEXUSD_DISCOVERY_BEACON_INTERVAL_MS", "500")
                    .with("NEXUSD_DISCOVERY_PEER_TIMEOUT_MS", "2000");
            List<LabDaemon> daemons =
                    lab.hosts().stream().map(host -> host.start(options)).toList();
            Mesh.awaitFull(SOON, daemons);
            Map<Integer, List<ForeignSubscription>> held = new TreeMap<>();
            for (int i = 0; i < 5; i++) {
                held.put(
                        i,
                        new ArrayList<>(List.of(
                                daemons.get(i).client().subscribe("kept/" + i),
                                daemons.get(i).client().subscribe("dropped/" + i))));
            }
            awaitInterestEverywhere(lab, daemons, held, SOON);

            lab.partition(lab.hosts().subList(0, 3), lab.hosts().subList(3, 5));
            Mesh.awaitPeers(2, SOON, daemons.subList(0, 3));
            Mesh.awaitPeers(1, SOON, daemons.subList(3, 5));
            for (int i = 0; i < 5; i++) {
                held.get(i).remove(1).cancel();
                held.get(i).add(daemons.get(i).client().subscribe("added/" + i + "/#"));
            }

            lab.healAll();
            awaitInterestEverywhere(lab, daemons, held, AFTER_HEALING);
            Mesh.assertMessagesCross(daemons);
        }
    }

    private static void awaitInterestEverywhere(
            Lab lab, List<LabDaemon> daemons, Map<Integer, List<ForeignSubscription>> held, Duration limit) {
        Map<String, TreeSet<String>> wanted = new TreeMap<>();
        held.forEach((i, subscriptions) -> wanted.put(
                lab.host(i).endpoint(),
                subscriptions.stream()
                        .flatMap(subscription ->
                                subscription.events().get(0).getSubscriptionInfo().getTopicsList().stream())
                        .collect(Collectors.toCollection(TreeSet::new))));
        long deadlineNs = System.nanoTime() + limit.toNanos();
        for (int i = 0; i < daemons.size(); i++) {
            LabDaemon daemon = daemons.get(i);
            Map<String, TreeSet<String>> others = new TreeMap<>(wanted);
            others.remove(lab.host(i).endpoint());
            await("interest as " + daemon + " knows it")
                    .atMost(Duration.ofNanos(Math.max(1_000_000, deadlineNs - System.nanoTime())))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> known(daemon), others::equals);
        }
    }

    private static Map<String, TreeSet<String>> known(LabDaemon daemon) {
        return daemon.client().peers().stream()
                .collect(Collectors.toMap(
                        PeerInfo::getEndpoint, peer -> new TreeSet<>(peer.getTopicsList()), (a, b) -> a, TreeMap::new));
    }
}
