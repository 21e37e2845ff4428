package io.nexusd.scale;

import io.nexusd.bench.ProcessUse;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Meshes of growing size over a network in memory, all in this process: how soon they are complete, what they use while nothing
 * happens, how soon everybody knows something, and how they come together again after the network was split in two.
 */
final class SimulationScale {
    private static final int TO_ALL_ROUNDS = 11;
    private static final double STILL_SHRINKING = 0.99;
    private static final long OWN_PID = ProcessHandle.current().pid();

    private final int beaconIntervalMs;
    private final int idleSeconds;
    private final Table table;

    /** Runs with so long a look at each idle mesh. */
    SimulationScale(int beaconIntervalMs, int idleSeconds) {
        this.beaconIntervalMs = beaconIntervalMs;
        this.idleSeconds = idleSeconds;
        table = new Table(
                "A mesh of daemons in one process over a network in memory, a beat every " + beaconIntervalMs + " ms",
                "daemons",
                "s to start them",
                "s from the last to all links",
                "links",
                "CPU, ms for each",
                "heap, MB per daemon",
                "idle: kB/s per daemon",
                "writes/s per daemon",
                "CPU of all, % of a core",
                "ms until all know a new filter: median",
                "most",
                "ms for a message to all",
                "suspicions, broken links",
                "s until both halves know of a split",
                "s from its end to all links",
                "s to all interest");
    }

    Table table() {
        return table;
    }

    void measure(int count) {
        long heapBefore = heapAfterCollection();
        double cpuBeforeS = cpuSeconds();
        long startedNs = System.nanoTime();
        try (Disturbances disturbances = Disturbances.watch();
                FakeFleet fleet = FakeFleet.start(count, beaconIntervalMs);
                Applications applications = new Applications(fleet.applications())) {
            List<Object> row = new ArrayList<>(List.of(count, Waiting.secondsSince(startedNs)));
            startedNs = System.nanoTime();
            MeshProbe probe = MeshProbe.connect(applications, fleet.appEndpoints());
            awaitWhole(fleet, probe);
            row.add(Waiting.secondsSince(startedNs));
            row.add(fleet.links());
            row.add((cpuSeconds() - cpuBeforeS) * 1000 / fleet.links());
            row.add((heapAfterCollection() - heapBefore) / 1e6 / count);
            row.addAll(idle(fleet, count));
            List<Double> spreadMs = probe.spreadMs();
            row.addAll(List.of(spreadMs.get(spreadMs.size() / 2), spreadMs.get(spreadMs.size() - 1)));
            probe.assertMessagesCross();
            row.add(medianToAllMs(probe, count));
            row.add(disturbances.count());
            row.addAll(splitAndHeal(fleet, probe, count));
            table.row(row.toArray());
        }
    }

    private static void awaitWhole(FakeFleet fleet, MeshProbe probe) {
        probe.awaitAllAlive();
        Waiting.until("all links", fleet::isLinked);
    }

    private List<Double> idle(FakeFleet fleet, int count) {
        long bytesBefore = fleet.sentBytes();
        long writesBefore = fleet.sentWrites();
        long sinceNs = System.nanoTime();
        double cpu = Idle.percentOfACore(List.of(OWN_PID), idleSeconds);
        double idleS = Waiting.secondsSince(sinceNs);
        return List.of(
                (fleet.sentBytes() - bytesBefore) / 1000.0 / idleS / count,
                (fleet.sentWrites() - writesBefore) / idleS / count,
                cpu);
    }

    private static double medianToAllMs(MeshProbe probe, int count) {
        List<Double> tookMs = new ArrayList<>();
        for (int round = 0; round < TO_ALL_ROUNDS; round++) {
            tookMs.add(probe.toAllMs(round % count));
        }
        tookMs.sort(null);
        return tookMs.get(TO_ALL_ROUNDS / 2);
    }

    /** Messages of each half stay in it while the network is split, and go to all when it is whole again. */
    private static List<Double> splitAndHeal(FakeFleet fleet, MeshProbe probe, int count) {
        int half = count / 2;
        List<Integer> some = IntStream.range(0, half).boxed().toList();
        List<Integer> rest = IntStream.range(half, count).boxed().toList();
        long splitNs = System.nanoTime();
        fleet.partition(half);
        probe.awaitAlive(some);
        probe.awaitAlive(rest);
        double apartS = Waiting.secondsSince(splitNs);
        probe.assertMessagesCross(some);
        probe.assertMessagesCross(rest);
        long healedNs = System.nanoTime();
        fleet.heal();
        awaitWhole(fleet, probe);
        double linkedS = Waiting.secondsSince(healedNs);
        probe.assertMessagesCross();
        return List.of(apartS, linkedS, Waiting.secondsSince(healedNs));
    }

    /** Collects as long as that is of use: what is let go by one collection may be freed by the next. */
    private static long heapAfterCollection() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        long before;
        long after = Long.MAX_VALUE;
        do {
            before = after;
            System.gc();
            after = memory.getHeapMemoryUsage().getUsed();
        } while (after < before * STILL_SHRINKING);
        return after;
    }

    private static double cpuSeconds() {
        return ProcessUse.of(List.of(OWN_PID)).cpuSeconds();
    }
}
