package io.nexusd.scale;

import io.nexusd.bench.ProcessUse;
import io.nexusd.model.Endpoint;
import java.util.List;
import java.util.function.Supplier;

/** Meshes of growing size: how soon they are complete, what everybody knows how soon, and what they use while nothing happens. */
final class MeshScale {
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
            double startS = Waiting.secondsSince(startedNs);
            startedNs = System.nanoTime();
            int count = fleet.appPorts().size();
            MeshProbe probe = MeshProbe.connect(
                    applications,
                    fleet.appPorts().stream()
                            .map(port -> new Endpoint("127.0.0.1", port))
                            .toList());
            probe.awaitAllAlive();
            Waiting.until("all links", () -> fleet.links() == count * (count - 1));
            double completeS = Waiting.secondsSince(startedNs);
            double heapMb = fleet.heapAfterCollection() / 1e6 / count;
            long bytesBefore = Idle.loopbackBytes();
            long packetsBefore = Idle.loopbackPackets();
            long idleSinceNs = System.nanoTime();
            double cpu = Idle.percentOfACore(fleet.pids(), idleSeconds);
            double idleS = Waiting.secondsSince(idleSinceNs);
            double kbPerS = (Idle.loopbackBytes() - bytesBefore) / 1000.0 / idleS / count;
            double packetsPerS = (Idle.loopbackPackets() - packetsBefore) / idleS / count;
            double residentMb = ProcessUse.of(fleet.pids()).residentBytes() / 1e6 / count;
            List<Double> spreadMs = probe.spreadMs();
            probe.assertMessagesCross();
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
                    spreadMs.get(spreadMs.size() / 2),
                    spreadMs.get(spreadMs.size() - 1),
                    fleet.disturbances());
        }
    }
}
