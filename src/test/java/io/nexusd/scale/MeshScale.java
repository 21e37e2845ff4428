package io.nexusd.scale;

import io.nexusd.bench.ProcessUse;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Meshes of growing size: how soon they are complete, what everybody knows how soon, and what they use while nothing happens. */
final class MeshScale {
    private static final int SPREAD_ROUNDS = 20;

    /** Rounds before those that count, in which code is compiled here and there. */
    private static final int WARM_UP_ROUNDS = 10;

    private final int idleSeconds;
    private final Table table;

    /** Runs with so long a look at each idle mesh. */
    MeshScale(String title, int beaconIntervalMs, int idleSeconds) {
        this.idleSeconds = idleSeconds;
        table = new Table(
                title + ", a beat every " + beaconIntervalMs + " ms",
                "daemons",
                "processes",
                "s to start them",
                "s from then to all links",
                "links",
                "heap, MB per daemon",
                "resident, MB per daemon",
                "idle: kB/s per daemon",
                "packets/s per daemon",
                "CPU of all, % of a core",
                "ms until all know a new filter: median",
                "most",
                "suspicions, broken links");
    }

    Table table() {
        return table;
    }

    void measure(Supplier<Fleet> start) {
        long startedNs = System.nanoTime();
        try (Fleet fleet = start.get();
                Applications applications = new Applications()) {
            double startS = secondsSince(startedNs);
            startedNs = System.nanoTime();
            int count = fleet.appPorts().size();
            List<Applications.Connection> connections = Applications.await(
                    "connecting",
                    applications.forEach(
                            count,
                            count,
                            i -> applications.connect(fleet.appPorts().get(i))));
            awaitComplete(fleet, applications, connections);
            double completeS = secondsSince(startedNs);
            double heapMb = fleet.heapAfterCollection() / 1e6 / count;
            long bytesBefore = Idle.loopbackBytes();
            long packetsBefore = Idle.loopbackPackets();
            long idleSinceNs = System.nanoTime();
            double cpu = Idle.percentOfACore(fleet.pids(), idleSeconds);
            double idleS = secondsSince(idleSinceNs);
            double kbPerS = (Idle.loopbackBytes() - bytesBefore) / 1000.0 / idleS / count;
            double packetsPerS = (Idle.loopbackPackets() - packetsBefore) / idleS / count;
            double residentMb = ProcessUse.of(fleet.pids()).residentBytes() / 1e6 / count;
            List<Double> spreadMs = spread(applications, connections);
            assertMessagesCross(applications, connections);
            table.row(
                    count,
                    fleet.pids().size(),
                    startS,
                    completeS,
                    fleet.links(),
                    heapMb,
                    residentMb,
                    kbPerS,
                    packetsPerS,
                    cpu,
                    spreadMs.get(SPREAD_ROUNDS / 2),
                    spreadMs.get(SPREAD_ROUNDS - 1),
                    fleet.disturbances());
        }
    }

    /** Everybody takes everybody for alive, and has dialed everybody; who says so once is not asked again. */
    private static void awaitComplete(
            Fleet fleet, Applications applications, List<Applications.Connection> connections) {
        int others = connections.size() - 1;
        List<Applications.Connection> incomplete = new ArrayList<>(connections);
        Waiting.until("a mesh of " + connections.size(), () -> {
            while (!incomplete.isEmpty()) {
                if (Applications.await("asking", applications.alivePeers(incomplete.get(0))) < others) {
                    return false;
                }
                incomplete.remove(0);
            }
            return fleet.links() == connections.size() * others;
        });
    }

    /** Asks them in turn, so that next to nothing of the time is the asking; returns the times in order of length. */
    private static List<Double> spread(Applications applications, List<Applications.Connection> connections) {
        List<Double> tookMs = new ArrayList<>();
        for (int round = -WARM_UP_ROUNDS; round < SPREAD_ROUNDS; round++) {
            String filter = "scale/spread/" + round;
            Applications.Connection subscriber = connections.get(Math.floorMod(round, connections.size()));
            Applications.await("subscribing", applications.subscribe(subscriber, List.of(filter), false, events -> {}));
            long startedNs = System.nanoTime();
            Future<Void> known = Future.succeededFuture();
            for (Applications.Connection connection : connections) {
                if (connection != subscriber) {
                    known = known.compose(v -> applications.untilWanted(connection, filter));
                }
            }
            Applications.await("the spread of a filter", known);
            if (round >= 0) {
                tookMs.add(secondsSince(startedNs) * 1000);
            }
        }
        tookMs.sort(null);
        return tookMs;
    }

    /** A message published at each daemon comes exactly once to a subscriber at each. */
    private static void assertMessagesCross(Applications applications, List<Applications.Connection> connections) {
        int count = connections.size();
        String topic = "scale/cross";
        int[] received = new int[count];
        Applications.await(
                "subscribing",
                applications.forEach(
                        count,
                        count,
                        i -> applications.subscribe(
                                connections.get(i), List.of(topic), false, events -> received[i] += events.size())));
        int[] published = new int[1];
        Waiting.until("everybody knowing everybody's filter", () -> {
            List<Integer> receivers = Applications.await(
                    "publishing",
                    applications.forEach(count, count, i -> applications.publish(connections.get(i), topic)));
            published[0] += receivers.stream().mapToInt(Integer::intValue).sum();
            return receivers.stream().allMatch(reached -> reached == count);
        });
        Applications.await(
                "delivery",
                applications.until(() -> java.util.Arrays.stream(received).sum() >= published[0]));
        if (java.util.Arrays.stream(received).sum() != published[0]) {
            throw new IllegalStateException("more was received than was published: " + published[0]);
        }
    }

    private static double secondsSince(long startedNs) {
        return (System.nanoTime() - startedNs) / 1e9;
    }
}
