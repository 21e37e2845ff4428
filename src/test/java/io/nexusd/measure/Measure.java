package io.nexusd.measure;

import io.nexusd.bench.ProcessUse;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.k8s.PodMeasurements;
import io.nexusd.lab.FreePort;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.Mesh;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Prints the figures behind promises that carry a number: how fast interest spreads, what an idle daemon uses, how soon pods form a mesh.
 * Tests assert none of them, because on a busy machine they measure the machine.
 */
@Command(name = "nexusd-measure", sortOptions = false, usageHelpAutoWidth = true, mixinStandardHelpOptions = true)
public final class Measure implements Runnable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int NODES = 5;
    private static final int IDLE_NODES = 3;
    private static final int WARM_UP_ROUNDS = 20;

    @Option(
            names = "--only",
            split = ",",
            defaultValue = "interest,idle,pods",
            description = "What to measure; ${DEFAULT-VALUE}. pods needs root and network namespaces.")
    private List<String> only;

    @Option(
            names = "--rounds",
            defaultValue = "50",
            description = "Changes of interest in each series; ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = "--series",
            defaultValue = "5",
            description = "Series, of which each prints a line; ${DEFAULT-VALUE}.")
    private int series;

    @Option(names = "--seconds", defaultValue = "10", description = "Of idling or load; ${DEFAULT-VALUE}.")
    private int seconds;

    public static void main(String[] args) {
        System.exit(new CommandLine(new Measure()).execute(args));
    }

    @Override
    public void run() {
        if (only.contains("interest")) {
            interest();
        }
        if (only.contains("idle")) {
            idle();
        }
        if (only.contains("pods")) {
            PodMeasurements.starts(System.out, series);
            PodMeasurements.load(System.out, seconds);
        }
    }

    /** Promise: the median time until four other nodes hold a new filter is below 100 ms. */
    private void interest() {
        List<LabDaemon> daemons = mesh(NODES);
        try {
            median(daemons, "warm-up", WARM_UP_ROUNDS);
            for (int i = 0; i < series; i++) {
                System.out.printf(
                        "interest known to %d other nodes: median %.1f ms of %d changes%n",
                        NODES - 1, median(daemons, "series" + i, rounds), rounds);
            }
        } finally {
            daemons.forEach(LabDaemon::close);
        }
    }

    private static double median(List<LabDaemon> daemons, String name, int rounds) {
        List<Long> tookNs = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            LabDaemon subscriber = daemons.get(round % daemons.size());
            String filter = "spread/" + name + "/" + round;
            try (ForeignSubscription ignored = subscriber.client().subscribe(filter)) {
                tookNs.add(untilAllKnow(daemons, subscriber, filter));
            }
        }
        tookNs.sort(null);
        return tookNs.get(rounds / 2) / 1e6;
    }

    /** Asks the nodes in turn without a pause, so that little of the time is the asking. */
    private static long untilAllKnow(List<LabDaemon> daemons, LabDaemon subscriber, String filter) {
        long startNs = System.nanoTime();
        List<LabDaemon> unaware = new ArrayList<>(daemons);
        unaware.remove(subscriber);
        while (!unaware.isEmpty()) {
            unaware.removeIf(daemon -> Mesh.interested(daemon, filter) == 1);
            if (System.nanoTime() - startNs > PATIENCE.toNanos()) {
                throw new IllegalStateException(filter + " is not known to " + unaware);
            }
        }
        return System.nanoTime() - startNs;
    }

    /** Promise: an idle daemon in a mesh of three uses less than 1% of a core and less than 150 MiB, without any JVM option. */
    private void idle() {
        List<LabDaemon> daemons = mesh(IDLE_NODES);
        List<Long> pids = daemons.stream().map(LabDaemon::pid).toList();
        try {
            for (int i = 0; i < series; i++) {
                ProcessUse before = ProcessUse.of(pids);
                long startNs = System.nanoTime();
                pause(seconds);
                ProcessUse used = ProcessUse.of(pids).since(before);
                System.out.printf(
                        "idle daemon: %.2f%% of a core, %d MiB resident (mean of %d)%n",
                        used.cpuSeconds() * 1e11 / (System.nanoTime() - startNs) / IDLE_NODES,
                        (used.residentBytes() >> 20) / IDLE_NODES,
                        IDLE_NODES);
            }
        } finally {
            daemons.forEach(LabDaemon::close);
        }
    }

    private static List<LabDaemon> mesh(int nodes) {
        int first = FreePort.tcp();
        List<LabDaemon> daemons = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            LabDaemon.Builder builder = LabDaemon.onLoopback("measured-" + i).javaOptions();
            daemons.add((i == 0
                            ? builder.environment("NEXUSD_MESH_PORT", String.valueOf(first))
                            : builder.environment("NEXUSD_PEERS_STATIC", "127.0.0.1:" + first))
                    .start());
        }
        daemons.forEach(LabDaemon::awaitReady);
        Mesh.awaitFull(PATIENCE, daemons);
        return daemons;
    }

    private static void pause(int seconds) {
        try {
            TimeUnit.SECONDS.sleep(seconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
