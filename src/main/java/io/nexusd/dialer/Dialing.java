package io.nexusd.dialer;

import io.nexusd.bus.Links.OwnBeat;
import io.nexusd.bus.Meters;
import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeIdentity;
import io.nexusd.model.Settings;
import io.nexusd.proto.mesh.NodeState;
import io.nexusd.wire.ConnectTo;
import io.nexusd.wire.ConnectionActivity;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.SilenceLimit;
import io.nexusd.wire.SilenceWatch;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.grpc.common.GrpcStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** One attempt to reach a peer: resolve, connect, exchange identities. Knows nothing of earlier attempts. */
final class Dialing {
    /** Connect timeouts that were ever configured; what comes beyond them connects by the last of these. */
    private static final int MAX_CLIENTS = 32;

    private static final long LEAST_SHARE_MS = 1_000;

    /** An attempt that is heard of and never ends, as of somebody who only keeps it open, is given up. */
    private static final long LONGEST_MS = 300_000;

    private static final int WINDOW_BYTES = 1024 * 1024;

    private final Vertx vertx;
    private final Resolver resolver;
    /** By connect timeout, which a client has for life; links of earlier ones live on. */
    private final Map<Integer, HttpClientAgent> clients = new HashMap<>();

    private HttpClientAgent client;
    private Settings settings;
    private final Meters meters;
    private final ToldOnce told = new ToldOnce();

    Dialing(Vertx vertx, Resolver resolver, Settings settings, Meters meters) {
        this.vertx = vertx;
        this.resolver = resolver;
        this.settings = settings;
        this.meters = meters;
        useClient();
    }

    private void useClient() {
        int timeoutMs = settings.peers().dialTimeoutMs();
        if (clients.size() < MAX_CLIENTS || clients.containsKey(timeoutMs)) {
            client = clients.computeIfAbsent(timeoutMs, this::newClient);
        }
    }

    private HttpClientAgent newClient(int connectTimeoutMs) {
        return vertx.createHttpClient(new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setInitialSettings(new Http2Settings()
                        .setInitialWindowSize(WINDOW_BYTES)
                        .setMaxFrameSize(GrpcFrames.HTTP2_FRAME_BYTES))
                .setConnectTimeout(connectTimeoutMs)
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true));
    }

    /** The node that answered belongs to another cluster; the text names both. */
    static final class OtherClusterException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        OtherClusterException(String message) {
            super(message);
        }
    }

    /**
     * Tries the addresses of the endpoint one after the other until a peer answers, all within the time.
     *
     * @param isSelf tells whether a link leads back to this node; such an address is passed over while there are others
     */
    Future<Link> dial(Endpoint endpoint, OwnBeat own, Predicate<Link> isSelf, int withinMs) {
        return dial(endpoint, own, isSelf, withinMs, false);
    }

    /**
     * As above.
     *
     * @param current the peer is known to speak the current protocol, so it is not asked first
     */
    Future<Link> dial(Endpoint endpoint, OwnBeat own, Predicate<Link> isSelf, int withinMs, boolean current) {
        long deadlineNs = System.nanoTime() + withinMs * 1_000_000L;
        Future<List<String>> addresses =
                within(resolver.resolve(endpoint.host()), deadlineNs, 1, endpoint, new Reached(), late -> {});
        return addresses.compose(hosts -> next(
                endpoint, hosts, 0, (address, reached) -> reach(address, reached, own, current), isSelf, deadlineNs));
    }

    /** Dials by these rules from now on. */
    void apply(Settings changed) {
        settings = changed;
        useClient();
    }

    void close() {
        clients.values().forEach(HttpClientAgent::close);
    }

    private Future<Link> next(
            Endpoint endpoint,
            List<String> hosts,
            int index,
            BiFunction<Endpoint, Reached, Future<Link>> reach,
            Predicate<Link> isSelf,
            long deadlineNs) {
        Endpoint address = new Endpoint(hosts.get(index), endpoint.port());
        boolean last = index == hosts.size() - 1;
        Reached reached = new Reached();
        Future<Link> attempt = within(
                reach.apply(address, reached),
                deadlineNs,
                hosts.size() - index,
                address,
                reached,
                late -> late.close());
        if (last) {
            return attempt;
        }
        return attempt.transform(result -> {
            if (result.succeeded() && !isSelf.test(result.result())) {
                return Future.succeededFuture(result.result());
            }
            if (result.succeeded()) {
                result.result().close();
            }
            return next(endpoint, hosts, index + 1, reach, isSelf, deadlineNs);
        });
    }

    private Future<Link> reach(Endpoint address, Reached reached, OwnBeat own, boolean current) {
        return connect(address)
                .compose(connection -> greet(reached.by(new MeshClient(connection, address, told)), own, current)
                        .map(link -> sameCluster(link, own))
                        .onFailure(e -> connection.close())
                        .recover(e ->
                                Future.failedFuture(isRefusal(e) ? new OtherClusterException(e.getMessage()) : e)));
    }

    private Future<HttpClientConnection> connect(Endpoint address) {
        return ConnectTo.endpoint(client, address);
    }

    /** A base peer is asked for nothing but the base calls. */
    private Future<Link> greet(MeshClient client, OwnBeat own, boolean current) {
        if (current) {
            return link(client, own);
        }
        return client.identity()
                .compose(state -> state.getProtocolVersion() >= NodeIdentity.PROTOCOL_VERSION
                        ? link(client, own)
                        : base(client, state, own));
    }

    private Future<Link> link(MeshClient client, OwnBeat own) {
        return StreamLink.open(client, own, meters).map(link -> link);
    }

    private Future<Link> base(MeshClient client, NodeState state, OwnBeat own) {
        return BaseLink.open(
                        client,
                        state,
                        own.self().clusterId(),
                        () -> settings.discovery().beaconIntervalMs(),
                        meters)
                .map(link -> link);
    }

    private static Link sameCluster(Link link, OwnBeat own) {
        String ours = own.self().clusterId();
        String theirs = link.peer().clusterId();
        if (!theirs.equals(ours)) {
            throw new OtherClusterException("this node is in cluster '" + ours + "', the one at " + link.dialed()
                    + " in cluster '" + theirs + "'");
        }
        return link;
    }

    private static boolean isRefusal(Throwable e) {
        return e instanceof GrpcFailure failure && failure.status() == GrpcStatus.FAILED_PRECONDITION;
    }

    /** The connection that an attempt has made, once it has. */
    private static final class Reached {
        private ConnectionActivity activity;

        MeshClient by(MeshClient client) {
            activity = client.activity();
            return client;
        }

        ConnectionActivity activity() {
            return activity;
        }
    }

    /**
     * Fails when nothing is heard for the share of the time left: a base peer answers with its whole state, which may take longer
     * to come. What completes later is handed to be disposed of.
     */
    private <T> Future<T> within(
            Future<T> future, long deadlineNs, int shares, Endpoint address, Reached reached, Consumer<T> late) {
        long nowNs = System.nanoTime();
        // An address that was heard of late leaves the ones after it a chance.
        long leastMs = Math.min(LEAST_SHARE_MS, settings.peers().dialTimeoutMs());
        long shareMs = Math.max(leastMs, (deadlineNs - nowNs) / 1_000_000 / shares);
        Promise<T> promise = Promise.promise();
        SilenceLimit limit = new SilenceLimit(nowNs / 1_000_000, shareMs, 0);
        Future<T> watched = SilenceWatch.over(vertx, promise, limit, reached::activity, "dialing " + address);
        future.onComplete(result -> {
            if (result.failed()) {
                promise.tryFail(result.cause());
            } else if (!promise.tryComplete(result.result())) {
                late.accept(result.result());
            }
        });
        long timer = vertx.setTimer(
                LONGEST_MS,
                id -> promise.tryFail("dialing " + address + ": no link after " + LONGEST_MS / 1_000 + " s"));
        promise.future().onComplete(done -> vertx.cancelTimer(timer));
        return watched;
    }
}
