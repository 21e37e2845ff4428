package io.nexusd.scale;

import com.google.protobuf.ByteString;
import io.nexusd.bench.ProcessUse;
import io.nexusd.lab.FreePort;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.Mesh;
import io.nexusd.proto.sidecar.PublishRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One application with many topic filters at one of two nodes: what they hold, how long it takes until both nodes know them, what
 * one more costs, and how fast messages go while they are there.
 */
final class FiltersScale {
    /** As many as a subscription may have unless configured otherwise. */
    private static final int FILTERS_PER_SUBSCRIPTION = 1000;

    private static final int SUBSCRIBING_AT_A_TIME = 4;
    private static final int SPREAD_ROUNDS = 5;
    private static final int WARM_UP_MESSAGES = 20_000;
    private static final int PAYLOAD_BYTES = 256;
    private static final Duration MESH_LIMIT = Duration.ofSeconds(30);

    private final int messages;
    private final Table table = new Table(
            "Topic filters at one node of two",
            "filters",
            "heap, bytes per filter: own node",
            "at the peer",
            "resident MiB: own node",
            "at the peer",
            "ms to subscribe",
            "ms until the peer knows",
            "ms until the peer knows one more",
            "messages/s on one topic",
            "on all topics in turn",
            "from the peer, all topics");

    /** Runs with so many messages for each rate. */
    FiltersScale(int messages) {
        this.messages = messages;
    }

    Table run(List<Integer> counts) {
        counts.forEach(this::measure);
        return table;
    }

    private void measure(int count) {
        int firstPort = FreePort.tcp();
        int secondPort = FreePort.tcp();
        try (LabDaemon own = daemon("filters-own", firstPort, secondPort);
                LabDaemon peer = daemon("filters-peer", secondPort, firstPort);
                Applications applications = new Applications()) {
            own.awaitReady();
            peer.awaitReady();
            Mesh.awaitFull(MESH_LIMIT, List.of(own, peer));
            new Run(count, own, peer, applications).measure();
        }
    }

    private static LabDaemon daemon(String name, int meshPort, int peerPort) {
        return LabDaemon.onLoopback(name)
                .environment("NEXUSD_MESH_PORT", String.valueOf(meshPort))
                .environment("NEXUSD_PEERS", "127.0.0.1:" + peerPort)
                .environment("NEXUSD_LOG_LEVEL", "WARN")
                .javaOptions("-Xmx2g")
                .start();
    }

    /** One number of filters on two fresh daemons. */
    private final class Run {
        private final int count;
        private final LabDaemon own;
        private final LabDaemon peer;
        private final Applications applications;
        private final Applications.Connection atOwn;
        private final Applications.Connection atPeer;
        private final Received received = new Received();

        Run(int count, LabDaemon own, LabDaemon peer, Applications applications) {
            this.count = count;
            this.own = own;
            this.peer = peer;
            this.applications = applications;
            atOwn = Applications.await("connecting", applications.connect(own.appPort()));
            atPeer = Applications.await("connecting", applications.connect(peer.appPort()));
        }

        void measure() {
            // What is loaded and made once is not of the filters.
            Applications.await(
                    "a first subscription",
                    applications.subscribe(atOwn, List.of("scale/first"), true, received::take));
            Applications.await("the peer's knowledge", applications.untilWanted(atPeer, "scale/first"));
            rateOf(atPeer, List.of("scale/first"), WARM_UP_MESSAGES);
            own.heapAfterCollection();
            peer.heapAfterCollection();
            long ownBefore = own.heapAfterCollection();
            long peerBefore = peer.heapAfterCollection();
            long startedNs = System.nanoTime();
            int subscriptions = (count + FILTERS_PER_SUBSCRIPTION - 1) / FILTERS_PER_SUBSCRIPTION;
            Applications.await(
                    "subscribing", applications.forEach(subscriptions, SUBSCRIBING_AT_A_TIME, this::subscribe));
            double subscribedMs = millisSince(startedNs);
            Applications.await("the peer's knowledge", applications.untilWanted(atPeer, topic(count - 1)));
            double knownMs = millisSince(startedNs);
            long ownHeap = (own.heapAfterCollection() - ownBefore) / count;
            long peerHeap = (peer.heapAfterCollection() - peerBefore) / count;
            double ownMib = residentMib(own);
            double peerMib = residentMib(peer);
            double oneMoreMs = untilOneMoreIsKnown();
            // Each message reaches the one subscription that wants it; the first rounds are for the compilers.
            rate(atOwn, count, messages);
            double oneTopic = rate(atOwn, 1, messages);
            double allTopics = rate(atOwn, count, Math.max(count, messages));
            double fromPeer = rate(atPeer, count, Math.max(count, messages));
            table.row(
                    count,
                    ownHeap,
                    peerHeap,
                    ownMib,
                    peerMib,
                    subscribedMs,
                    knownMs,
                    oneMoreMs,
                    oneTopic,
                    allTopics,
                    fromPeer);
        }

        private io.vertx.core.Future<io.nexusd.wire.ClientCall> subscribe(int index) {
            List<String> filters = new ArrayList<>();
            int end = Math.min(count, (index + 1) * FILTERS_PER_SUBSCRIPTION);
            for (int i = index * FILTERS_PER_SUBSCRIPTION; i < end; i++) {
                filters.add(topic(i));
            }
            return applications.subscribe(atOwn, filters, true, received::take);
        }

        private double untilOneMoreIsKnown() {
            List<Double> tookMs = new ArrayList<>();
            for (int round = 0; round < SPREAD_ROUNDS; round++) {
                String filter = "scale/more/" + round;
                long startedNs = System.nanoTime();
                Applications.await(
                        "subscribing once more", applications.subscribe(atOwn, List.of(filter), true, received::take));
                Applications.await("the peer's knowledge", applications.untilWanted(atPeer, filter));
                tookMs.add(millisSince(startedNs));
            }
            tookMs.sort(null);
            return tookMs.get(SPREAD_ROUNDS / 2);
        }

        /** Returns messages a second; fails when one is lost or comes twice. */
        private double rate(Applications.Connection at, int topics, int total) {
            return rateOf(
                    at, IntStream.range(0, topics).mapToObj(FiltersScale::topic).toList(), total);
        }

        private double rateOf(Applications.Connection at, List<String> topics, int total) {
            received.reset();
            List<PublishRequest> templates = topics.stream()
                    .map(topic -> PublishRequest.newBuilder().setTopic(topic).build())
                    .toList();
            double seconds = Feed.run(
                    applications,
                    at,
                    total,
                    1,
                    number -> templates.get(number % templates.size()).toBuilder()
                            .setPayload(payload(number))
                            .build(),
                    received::count);
            if (received.count() != total) {
                throw new IllegalStateException("published " + total + ", received " + received.count());
            }
            return total / seconds;
        }
    }

    private static ByteString payload(int number) {
        return Received.payload(number, PAYLOAD_BYTES);
    }

    private static String topic(int number) {
        return "scale/device-" + number + "/temperature";
    }

    private static double residentMib(LabDaemon daemon) {
        return ProcessUse.of(List.of(daemon.pid())).residentBytes() / 1048576.0;
    }

    private static double millisSince(long startedNs) {
        return (System.nanoTime() - startedNs) / 1e6;
    }
}
