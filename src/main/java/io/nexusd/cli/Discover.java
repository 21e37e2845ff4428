package io.nexusd.cli;

import io.nexusd.cli.Beacons.Heard;
import io.nexusd.model.Endpoint;
import io.nexusd.proto.admin.GetInfoRequest;
import io.nexusd.proto.admin.GetInfoResponse;
import io.nexusd.proto.discovery.Beacon;
import io.nexusd.proto.sidecar.GetPeersRequest;
import io.nexusd.proto.sidecar.GetPeersResponse;
import io.nexusd.proto.sidecar.GetTopicsRequest;
import io.nexusd.proto.sidecar.GetTopicsResponse;
import io.nexusd.wire.CommandFailure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows the daemons that are heard by multicast. What a beacon does not say, the daemon is asked, if it can be reached. */
@Command(
        name = "DISCOVER",
        aliases = {"DISC", "LS"},
        description = "Shows the daemons that are heard on multicast.")
final class Discover extends Subcommand {
    /** A beacon comes each second, and one may be lost. */
    private static final int USUAL_WAIT_MS = 2200;

    /** A daemon has this long to answer, or as long as beacons were listened for. */
    private static final int ASK_TIMEOUT_MS = 1000;

    private static final int ASKED_AT_ONCE = 8;

    @Option(
            names = {"--wait", "--timeout"},
            paramLabel = "MS",
            description = "How long to listen, milliseconds; 2200 unless given.")
    private int waitMs = USUAL_WAIT_MS;

    @Option(
            names = "--mcast-addr",
            paramLabel = "GROUP",
            defaultValue = "",
            description = "Multicast group, as the daemons have it.")
    private String group;

    @Option(names = "--mcast-port", paramLabel = "PORT", description = "Port of the beacons, as the daemons have it.")
    private int port;

    /** A daemon, and what it said where it could be asked; {@code app} is null where it announces no application port. */
    record Found(
            Heard heard, Endpoint app, GetInfoResponse info, Integer topics, Integer subscriptions, Integer peers) {}

    @Override
    void run() {
        atLeast("--wait (--timeout)", waitMs, 1);
        List<Found> found = ask(Beacons.listen(group, port, waitMs), Math.max(ASK_TIMEOUT_MS, waitMs));
        output().table(table(found));
        if (found.isEmpty()) {
            output().note(
                            "nobody was heard: are daemons running here with multicast on, and does the network let it pass?");
        }
    }

    /** Returns a row for each; the address of a daemon that announces no application port is not known. */
    static Table table(List<Found> found) {
        Table table = new Table(
                "index=#",
                "address",
                "name",
                "version",
                "cluster",
                "uptime_ms=uptime",
                "topics",
                "subscriptions",
                "peers",
                "mesh",
                "id~");
        for (int i = 0; i < found.size(); i++) {
            row(table, i + 1, found.get(i));
        }
        return table;
    }

    private static void row(Table table, int index, Found found) {
        GetInfoResponse info = found.info;
        var beacon = found.heard.beacon();
        table.row(
                index,
                found.app == null ? null : found.app.toString(),
                info == null ? null : info.getName(),
                info == null ? null : info.getVersion(),
                beacon.getClusterId() + (beacon.getLeaving() ? " (leaving)" : ""),
                info == null ? null : Cell.duration(info.getNowMs() - info.getStartedAtMs()),
                found.topics,
                found.subscriptions,
                found.peers,
                meshOf(beacon),
                beacon.getInstanceUuid());
    }

    /** What a stranger's datagram says need not be an endpoint. */
    private static String meshOf(Beacon beacon) {
        try {
            return Endpoint.advertised(beacon.getRpcIp(), beacon.getRpcPort()).toString();
        } catch (IllegalArgumentException e) {
            return beacon.getRpcIp() + ":" + beacon.getRpcPort();
        }
    }

    /** Returns where the application port of the daemon is that DISCOVER shows under this number. */
    static Endpoint nth(int index) {
        List<Found> found = ask(Beacons.listen("", 0, USUAL_WAIT_MS), USUAL_WAIT_MS);
        if (index < 1 || index > found.size()) {
            throw new CommandFailure(
                    CommandFailure.USAGE,
                    "-n is " + index + ", but " + Text.count(found.size(), "daemon")
                            + " answered; DISCOVER shows them");
        }
        Found chosen = found.get(index - 1);
        if (chosen.app == null) {
            throw new CommandFailure(
                    CommandFailure.USAGE,
                    "-n is " + index + ", but the daemon at "
                            + chosen.heard.from().getHostAddress()
                            + " announces no application port; name it with -h and -p");
        }
        return chosen.app;
    }

    private static List<Found> ask(Collection<Heard> heard, int timeoutMs) {
        ExecutorService threads = Executors.newFixedThreadPool(ASKED_AT_ONCE);
        try {
            List<CompletableFuture<Found>> asked = new ArrayList<>();
            heard.forEach(one -> asked.add(CompletableFuture.supplyAsync(() -> ask(one, timeoutMs), threads)));
            List<Found> found = new ArrayList<>();
            asked.forEach(one -> found.add(one.join()));
            found.sort(Comparator.comparing(
                            (Found one) -> one.app == null ? one.heard.from().getHostAddress() : one.app.host())
                    .thenComparing(one -> one.app == null ? 0 : one.app.port())
                    .thenComparing(one -> one.heard.beacon().getInstanceUuid()));
            return found;
        } finally {
            threads.shutdown();
        }
    }

    /** A daemon on this host mostly listens on the loopback interface only. */
    private static Found ask(Heard heard, int timeoutMs) {
        int port = heard.beacon().getAppPort();
        if (port <= 0 || port > 65_535) {
            return unasked(heard);
        }
        List<String> hosts = heard.isHere()
                ? List.of("127.0.0.1", heard.from().getHostAddress(), "::1")
                : List.of(heard.from().getHostAddress());
        for (String host : hosts) {
            try (DaemonClient daemon = new DaemonClient(new Endpoint(host, port), timeoutMs)) {
                return ask(heard, daemon);
            } catch (CommandFailure e) {
                // The next address, or what the beacon says.
                continue;
            }
        }
        return unasked(heard);
    }

    private static Found ask(Heard heard, DaemonClient daemon) {
        try {
            GetInfoResponse info =
                    daemon.admin("GetInfo", GetInfoRequest.getDefaultInstance(), GetInfoResponse.parser());
            if (!info.getInstanceUuid().equals(heard.beacon().getInstanceUuid())) {
                throw new CommandFailure(CommandFailure.UNREACHABLE, "another daemon has its port there");
            }
            return new Found(heard, daemon.daemon(), info, info.getTopics(), info.getSubscriptions(), info.getPeers());
        } catch (CommandFailure e) {
            if (!e.isWithheld()) {
                throw e;
            }
            // It tells more on its own host only; this is what every application may ask.
            var topics = daemon.sidecar("GetTopics", GetTopicsRequest.getDefaultInstance(), GetTopicsResponse.parser());
            var peers = daemon.sidecar("GetPeers", GetPeersRequest.getDefaultInstance(), GetPeersResponse.parser());
            int subscriptions = topics.getTopicsMap().values().stream()
                    .mapToInt(Integer::intValue)
                    .sum();
            return new Found(
                    heard, daemon.daemon(), null, topics.getTopicsCount(), subscriptions, peers.getPeersCount());
        }
    }

    static Found unasked(Heard heard) {
        int port = heard.beacon().getAppPort();
        boolean announced = port > 0 && port <= 65_535;
        Endpoint app = announced ? new Endpoint(heard.from().getHostAddress(), port) : null;
        return new Found(heard, app, null, null, null, null);
    }
}
