package io.nexusd.lab;

import static org.awaitility.Awaitility.await;

import io.nexusd.client.ForeignSubscription;
import io.nexusd.proto.sidecar.PeerInfo;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What labs wait for: who knows whom and what, as applications see it. */
public final class Mesh {
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Mesh() {}

    /** Waits until each of the daemons knows exactly so many others, all of them alive. */
    public static void awaitPeers(int count, Duration limit, List<LabDaemon> daemons) {
        for (LabDaemon daemon : daemons) {
            await(daemon + " knowing " + count + " peers")
                    .atMost(limit)
                    .pollInterval(POLL)
                    .ignoreExceptions()
                    .until(() -> alive(daemon), endpoints -> endpoints.size() == count);
        }
    }

    public static void awaitFull(Duration limit, List<LabDaemon> daemons) {
        awaitPeers(daemons.size() - 1, limit, daemons);
    }

    public static Set<String> alive(LabDaemon daemon) {
        return daemon.client().peers().stream()
                .filter(peer -> peer.getStatus().equals("alive"))
                .map(PeerInfo::getEndpoint)
                .collect(Collectors.toSet());
    }

    public static Set<String> uuids(LabDaemon daemon) {
        return daemon.client().peers().stream().map(PeerInfo::getInstanceUuid).collect(Collectors.toSet());
    }

    /** Waits until the daemon knows that so many other nodes want the filter. */
    public static void awaitInterest(LabDaemon daemon, String filter, int nodes, Duration limit) {
        await(daemon + " knowing of " + filter + " on " + nodes + " nodes")
                .atMost(limit)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> interested(daemon, filter), count -> count == nodes);
    }

    public static int interested(LabDaemon daemon, String filter) {
        return (int) daemon.client().peers().stream()
                .filter(peer -> peer.getTopicsList().contains(filter))
                .count();
    }

    /** Publishes on every daemon and waits until a subscriber on every daemon has each message exactly once. */
    public static void assertMessagesCross(List<LabDaemon> daemons) {
        String topic = "cross/" + System.nanoTime();
        List<ForeignSubscription> subscriptions =
                daemons.stream().map(daemon -> daemon.client().subscribe(topic)).toList();
        daemons.forEach(daemon -> awaitInterest(daemon, topic, daemons.size() - 1, PATIENCE));
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < daemons.size(); i++) {
            expected.add("from " + i);
            daemons.get(i).client().publish(topic, "from " + i);
        }
        for (ForeignSubscription subscription : subscriptions) {
            subscription.awaitMessages(daemons.size());
            if (!new HashSet<>(subscription.payloads()).equals(expected)) {
                throw new AssertionError("expected " + expected + " but got " + subscription.payloads());
            }
        }
        subscriptions.forEach(ForeignSubscription::close);
    }
}
