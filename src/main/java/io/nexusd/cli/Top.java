package io.nexusd.cli;

import io.nexusd.proto.admin.Client;
import io.nexusd.proto.admin.GetClientsRequest;
import io.nexusd.proto.admin.GetClientsResponse;
import io.nexusd.proto.admin.GetPeersRequest;
import io.nexusd.proto.admin.GetPeersResponse;
import io.nexusd.proto.admin.GetStatsRequest;
import io.nexusd.proto.admin.GetStatsResponse;
import io.nexusd.proto.admin.GetTrafficRequest;
import io.nexusd.proto.admin.GetTrafficResponse;
import io.nexusd.proto.admin.Peer;
import io.nexusd.proto.admin.TopicTraffic;
import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What happens now: rates of topics, peers and clients, looked at again and again. */
@Command(name = "TOP", description = "Rates per topic, peer and client, refreshed; Ctrl-C ends it.")
final class Top extends Subcommand {
    private static final String FORWARDED = "nexusd_messages_forwarded_total";

    /** Each look is four questions. */
    private static final int MIN_INTERVAL_MS = 100;

    @Option(
            names = "--interval",
            paramLabel = "MS",
            description = "Time between two looks, milliseconds; 1000 unless given.")
    private int intervalMs = 1000;

    @Option(names = "--count", paramLabel = "N", description = "End after so many looks.")
    private long count;

    @Option(names = "--rows", paramLabel = "N", description = "Rows of each table; 10 unless given.")
    private int rows = 10;

    private final Rates published = new Rates();
    private final Rates fromPeers = new Rates();
    private final Rates bytes = new Rates();
    private final Rates forwarded = new Rates();
    private final Rates delivered = new Rates();
    private final Rates dropped = new Rates();
    private final CountDownLatch interrupted = new CountDownLatch(1);

    @Override
    void run() {
        atLeast("--interval", intervalMs, MIN_INTERVAL_MS);
        atLeast("--count", count, 0);
        atLeast("--rows", rows, 1);
        session().onInterrupt(interrupted::countDown);
        try {
            look(0);
            long lastNs = System.nanoTime();
            for (long i = 0; (count == 0 || i < count) && !pause(); i++) {
                long nowNs = System.nanoTime();
                Look look = look(nowNs - lastNs);
                lastNs = nowNs;
                show(look);
                output().flush();
            }
        } finally {
            session().onInterrupt(null);
        }
    }

    /** What the daemon said at one moment. */
    private record Look(GetTrafficResponse traffic, List<Peer> peers, List<Client> clients) {}

    private Look look(long elapsedNs) {
        GetTrafficResponse traffic =
                daemon().admin("GetTraffic", GetTrafficRequest.getDefaultInstance(), GetTrafficResponse.parser());
        List<Peer> peers = daemon().admin("GetPeers", GetPeersRequest.getDefaultInstance(), GetPeersResponse.parser())
                .getPeersList();
        List<Client> clients = daemon().admin(
                        "GetClients", GetClientsRequest.getDefaultInstance(), GetClientsResponse.parser())
                .getClientsList();
        GetStatsResponse stats =
                daemon().admin("GetStats", GetStatsRequest.getDefaultInstance(), GetStatsResponse.parser());
        Map<String, Double> publishedNow = new HashMap<>();
        Map<String, Double> fromPeersNow = new HashMap<>();
        Map<String, Double> bytesNow = new HashMap<>();
        for (TopicTraffic topic : traffic.getTopicsList()) {
            publishedNow.put(topic.getTopic(), (double) topic.getPublished());
            fromPeersNow.put(topic.getTopic(), (double) topic.getFromPeers());
            bytesNow.put(topic.getTopic(), (double) topic.getBytes());
        }
        published.look(publishedNow, elapsedNs);
        fromPeers.look(fromPeersNow, elapsedNs);
        bytes.look(bytesNow, elapsedNs);
        Map<String, Double> forwardedNow = new HashMap<>();
        stats.getSamplesList().stream()
                .filter(sample -> sample.getName().equals(FORWARDED))
                .forEach(sample -> forwardedNow.put(sample.getLabelsOrDefault("peer", ""), sample.getValue()));
        forwarded.look(forwardedNow, elapsedNs);
        Map<String, Double> deliveredNow = new HashMap<>();
        Map<String, Double> droppedNow = new HashMap<>();
        for (Client client : clients) {
            deliveredNow.put(client.getSubscriptionId(), (double) client.getDelivered());
            droppedNow.put(client.getSubscriptionId(), (double) client.getDropped());
        }
        delivered.look(deliveredNow, elapsedNs);
        dropped.look(droppedNow, elapsedNs);
        return new Look(traffic, peers, clients);
    }

    private void show(Look look) {
        if (output().isJson()) {
            // All rows of one look have the same time.
            JsonObject time = new JsonObject().put("timestamp_ms", System.currentTimeMillis());
            marked("topic", time).table(topics(look));
            marked("peer", time).table(peers(look));
            marked("client", time).table(clients(look));
            return;
        }
        output().clear();
        output().heading(session().target() + "  every " + Text.duration(intervalMs)
                + (output().screen().terminal() ? "; Ctrl-C ends it" : ""));
        output().line("");
        output().table(topics(look));
        output().line("");
        output().table(peers(look));
        output().line("");
        output().table(clients(look));
        output().line("");
    }

    private Output marked(String kind, JsonObject time) {
        return output().marked(new JsonObject().put("kind", kind).mergeIn(time));
    }

    private Table topics(Look look) {
        Table table = new Table(
                "topic", "published_per_s=published/s", "from_peers_per_s=from peers/s", "bytes_per_s=bytes/s");
        Map<String, Double> total = new HashMap<>();
        look.traffic
                .getTopicsList()
                .forEach(topic ->
                        total.put(topic.getTopic(), published.of(topic.getTopic()) + fromPeers.of(topic.getTopic())));
        total.entrySet().stream()
                .filter(topic -> topic.getValue() > 0)
                .sorted(Map.Entry.<String, Double>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(rows)
                .forEach(topic -> table.row(
                        topic.getKey(),
                        rate(published.of(topic.getKey())),
                        rate(fromPeers.of(topic.getKey())),
                        Cell.of(bytes.of(topic.getKey()), Text.bytes((long) bytes.of(topic.getKey())))));
        return table;
    }

    private Table peers(Look look) {
        Table table = new Table("peer", "state", "forwarded_per_s=forwarded/s", "waiting", "latency_us=latency");
        look.peers.stream()
                .sorted(Comparator.comparingDouble((Peer peer) -> -forwarded.of(peer.getName()))
                        .thenComparing(Peer::getName)
                        .thenComparing(Peer::getInstanceUuid))
                .limit(rows)
                .forEach(peer -> table.row(
                        peer.getName(),
                        Cell.state(peer.getState()),
                        rate(forwarded.of(peer.getName())),
                        peer.getWaiting(),
                        peer.hasRoundTripUs()
                                ? Cell.of(peer.getRoundTripUs(), Text.millis(peer.getRoundTripUs()))
                                : null));
        return table;
    }

    private Table clients(Look look) {
        Map<String, Client> byId = new HashMap<>();
        look.clients.forEach(client -> byId.put(client.getSubscriptionId(), client));
        Table table = new Table(
                "client", "topics", "delivered_per_s=delivered/s", "dropped_per_s=dropped/s", "queue_depth=queue");
        delivered.fastest().stream()
                .limit(rows)
                .map(byId::get)
                .forEach(client -> table.row(
                        client.getSubscriptionId(),
                        List.copyOf(client.getTopicsList()),
                        rate(delivered.of(client.getSubscriptionId())),
                        rate(dropped.of(client.getSubscriptionId())),
                        client.getQueueDepth()));
        return table;
    }

    private static Cell rate(double perSecond) {
        return Cell.of(perSecond, Text.rate(perSecond));
    }

    /** Waits for the next look; tells whether Ctrl-C came instead. */
    private boolean pause() {
        try {
            return interrupted.await(intervalMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return true;
        }
    }
}
