package io.nexusd.scale;

import io.nexusd.bench.ProcessUse;
import io.nexusd.lab.LabDaemon;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.wire.ClientCall;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;

/** Many subscribers of one topic at one daemon, over few connections and over many. */
final class SubscribersScale {
    private static final int PAYLOAD_BYTES = 256;
    private static final int OPENING_AT_A_TIME = 32;
    private static final String TOPIC = "scale/everybody";

    private final int deliveries;
    private final Table table = new Table(
            "Subscribers of one topic at one daemon, 256 bytes",
            "subscribers",
            "connections",
            "events",
            "deliveries/s",
            "daemon's CPU, µs per delivery",
            "heap, kB per subscriber",
            "resident, kB per subscriber");

    /** Runs with about so many deliveries each. */
    SubscribersScale(int deliveries) {
        this.deliveries = deliveries;
    }

    Table run(int subscribers, List<Integer> connections) {
        for (int count : connections) {
            measure(subscribers, count, false);
            measure(subscribers, count, true);
        }
        return table;
    }

    private void measure(int subscribers, int connectionCount, boolean batches) {
        try (LabDaemon daemon = LabDaemon.onLoopback("subscribers")
                        .environment("NEXUSD_LOG_LEVEL", "WARN")
                        .javaOptions("-Xmx2g")
                        .start();
                Applications applications = new Applications()) {
            daemon.awaitReady();
            Applications.Connection publisher =
                    Applications.await("connecting", applications.connect(daemon.appPort()));
            Applications.await("a first publish", applications.publish(publisher, TOPIC));
            daemon.heapAfterCollection();
            long heapBefore = daemon.heapAfterCollection();
            long residentBefore = use(daemon).residentBytes();
            List<Applications.Connection> connections = Applications.await(
                    "connecting",
                    applications.forEach(
                            connectionCount, OPENING_AT_A_TIME, i -> applications.connect(daemon.appPort())));
            Counts counts = new Counts(subscribers, batches);
            Applications.await(
                    "subscribing",
                    applications.forEach(
                            subscribers,
                            OPENING_AT_A_TIME,
                            i -> counts.subscribe(applications, connections.get(i % connectionCount), i)));
            double heapKb = (daemon.heapAfterCollection() - heapBefore) / 1000.0 / subscribers;
            double residentKb = (use(daemon).residentBytes() - residentBefore) / 1000.0 / subscribers;
            int messages = Math.max(10, deliveries / subscribers);
            publish(applications, publisher, counts, messages);
            ProcessUse before = use(daemon);
            double seconds = publish(applications, publisher, counts, messages);
            double cpuSeconds = use(daemon).since(before).cpuSeconds();
            double delivered = (double) messages * subscribers;
            table.row(
                    subscribers,
                    connectionCount,
                    batches ? "batches" : "single",
                    delivered / seconds,
                    cpuSeconds * 1e6 / delivered,
                    heapKb,
                    residentKb);
        }
    }

    private static double publish(
            Applications applications, Applications.Connection publisher, Counts counts, int messages) {
        counts.reset();
        double seconds = Feed.run(
                applications,
                publisher,
                messages,
                counts.singles.length,
                number -> PublishRequest.newBuilder()
                        .setTopic(TOPIC)
                        .setPayload(Received.payload(number, PAYLOAD_BYTES))
                        .build(),
                counts::ofTheLast);
        counts.check(messages);
        return seconds;
    }

    private static ProcessUse use(LabDaemon daemon) {
        return ProcessUse.of(List.of(daemon.pid()));
    }

    /** What each of the subscribers has. Single events are counted without being read, for there are very many of them. */
    private static final class Counts {
        private final boolean batches;
        private final long[] singles;
        private final List<Received> received = new ArrayList<>();

        Counts(int subscribers, boolean batches) {
            this.batches = batches;
            singles = new long[subscribers];
            for (int i = 0; i < subscribers; i++) {
                received.add(new Received());
            }
        }

        Future<ClientCall> subscribe(Applications applications, Applications.Connection connection, int index) {
            return applications.subscribe(connection, List.of(TOPIC), batches, events -> {
                if (batches) {
                    received.get(index).take(events);
                } else {
                    singles[index] += events.size();
                }
            });
        }

        long of(int index) {
            return batches ? received.get(index).count() : singles[index];
        }

        /** Returns how many messages the slowest of them has. */
        long ofTheLast() {
            long least = Long.MAX_VALUE;
            for (int i = 0; i < singles.length; i++) {
                least = Math.min(least, of(i));
            }
            return least;
        }

        void check(long messages) {
            for (int i = 0; i < singles.length; i++) {
                if (of(i) != messages) {
                    throw new IllegalStateException(
                            "published " + messages + ", subscriber " + i + " received " + of(i));
                }
            }
        }

        void reset() {
            java.util.Arrays.fill(singles, 0);
            received.forEach(Received::reset);
        }
    }
}
