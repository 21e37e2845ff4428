package io.nexusd.scale;

import io.nexusd.bench.ProcessUse;
import io.nexusd.lab.LabDaemon;
import io.nexusd.wire.ClientCall;
import io.vertx.core.Future;
import java.util.List;

/** Many applications at one daemon, each with a connection and a subscription. */
final class ConnectionsScale {
    private static final int OPENING_AT_A_TIME = 64;
    private static final int ROUNDS = 5;
    private static final String TOPIC = "scale/connections";

    private final int idleSeconds;
    private final Table table = new Table(
            "Connections to one daemon, one subscription on each",
            "connections",
            "s to connect and subscribe all",
            "connections/s",
            "daemon's CPU, ms per connection",
            "heap, kB per connection",
            "resident, kB per connection",
            "idle CPU, % of a core",
            "ms for one message to all",
            "s until the daemon has noticed that all are gone");

    /** Runs with so long a look at the idle daemon. */
    ConnectionsScale(int idleSeconds) {
        this.idleSeconds = idleSeconds;
    }

    Table run(List<Integer> counts) {
        counts.forEach(this::measure);
        return table;
    }

    private void measure(int count) {
        try (LabDaemon daemon = LabDaemon.onLoopback("connections")
                .environment("NEXUSD_LOG_LEVEL", "WARN")
                .environment("NEXUSD_APP_MAX_SUBSCRIPTIONS", String.valueOf(count))
                .javaOptions("-Xmx4g")
                .start()) {
            daemon.awaitReady();
            // What is loaded once is not of the connections.
            daemon.heapAfterCollection();
            long heapBefore = daemon.heapAfterCollection();
            ProcessUse before = use(daemon);
            Object[] row;
            try (Applications applications = new Applications()) {
                int[] received = {0};
                long startedNs = System.nanoTime();
                Applications.await(
                        "connecting",
                        applications.forEach(
                                count, OPENING_AT_A_TIME, i -> subscriber(applications, daemon.appPort(), received)));
                double seconds = Waiting.secondsSince(startedNs);
                double cpuMs = use(daemon).since(before).cpuSeconds() * 1000 / count;
                double heapKb = (daemon.heapAfterCollection() - heapBefore) / 1000.0 / count;
                double residentKb = (use(daemon).residentBytes() - before.residentBytes()) / 1000.0 / count;
                double idlePercent = Idle.percentOfACore(List.of(daemon.pid()), idleSeconds);
                double toAllMs = toAll(applications, daemon.appPort(), received, count);
                row = new Object[] {count, seconds, count / seconds, cpuMs, heapKb, residentKb, idlePercent, toAllMs};
            }
            table.row(concat(row, untilNobodyIsThere(daemon)));
        }
    }

    private static Future<ClientCall> subscriber(Applications applications, int port, int[] received) {
        return applications
                .connect(port)
                .compose(connection -> applications.subscribe(
                        connection, List.of(TOPIC), false, events -> received[0] += events.size()));
    }

    /** Returns the median time from a publish to the last event. */
    private static double toAll(Applications applications, int port, int[] received, int count) {
        Applications.Connection publisher = Applications.await("connecting", applications.connect(port));
        double[] tookMs = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            int expected = (round + 1) * count;
            long startedNs = System.nanoTime();
            int receivers = Applications.await("publishing", applications.publish(publisher, TOPIC));
            Applications.await("delivery to all", applications.until(() -> received[0] >= expected));
            tookMs[round] = Waiting.secondsSince(startedNs) * 1000;
            if (receivers != count || received[0] != expected) {
                throw new IllegalStateException(
                        "receivers " + receivers + ", received " + received[0] + " of " + expected);
            }
        }
        java.util.Arrays.sort(tookMs);
        return tookMs[ROUNDS / 2];
    }

    private static double untilNobodyIsThere(LabDaemon daemon) {
        long startedNs = System.nanoTime();
        while (daemon.metric("nexusd_active_subscriptions") > 0) {
            if (Waiting.secondsSince(startedNs) > Applications.LIMIT_S) {
                throw new IllegalStateException("subscriptions of closed connections are still active");
            }
        }
        return Waiting.secondsSince(startedNs);
    }

    private static Object[] concat(Object[] row, Object last) {
        Object[] whole = java.util.Arrays.copyOf(row, row.length + 1);
        whole[row.length] = last;
        return whole;
    }

    private static ProcessUse use(LabDaemon daemon) {
        return ProcessUse.of(List.of(daemon.pid()));
    }
}
