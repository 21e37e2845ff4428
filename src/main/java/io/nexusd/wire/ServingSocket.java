package io.nexusd.wire;

import io.nexusd.wire.LiveListener.Site;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One listening socket and the event loops that serve its connections: the first one alone, or all of them in turn. Owns a
 * server on each of these loops. In: whether to spread. Out: each connection, on its loop. Lives on the first loop.
 */
final class ServingSocket {
    private static final Logger LOG = LoggerFactory.getLogger(ServingSocket.class);

    /** Calls over a socket that is closed may last as long as their applications like; this is some twenty days. */
    private static final long LET_CALLS_END_MS = Integer.MAX_VALUE;

    private final List<Site> sites;
    /** The first loop, where this lives. */
    private final Executor home;

    private final String host;
    private final int port;
    private final BiConsumer<HttpConnection, Site> onConnection;
    /** On other loops than the first, while it is spread. */
    private final List<HttpServer> others = new ArrayList<>();

    private HttpServer first;
    private boolean spread;
    private boolean retired;

    private ServingSocket(List<Site> sites, String host, int port, BiConsumer<HttpConnection, Site> onConnection) {
        this.sites = sites;
        this.home = EventLoops.on(sites.get(0).loop());
        this.host = host;
        this.port = port;
        this.onConnection = onConnection;
    }

    /**
     * Opens a socket.
     *
     * @param port 0 takes any free port for the first loop alone; a negative one takes any for all of them, and sockets that are
     *     open at the same time need different ones
     * @param onConnection gets each connection and where it is served, on that event loop
     */
    static Future<ServingSocket> open(
            List<Site> sites, String host, int port, BiConsumer<HttpConnection, Site> onConnection) {
        ServingSocket socket = new ServingSocket(sites, host, port, onConnection);
        return socket.serve(sites.get(0)).map(server -> {
            socket.first = server;
            return socket;
        });
    }

    /** Returns the port that it listens on. */
    int port() {
        return first.actualPort();
    }

    /** Has all loops take new connections in turn, or only the first. */
    void spread(boolean wanted) {
        if (retired || spread == wanted) {
            return;
        }
        spread = wanted;
        if (!wanted) {
            others.forEach(ServingSocket::retire);
            others.clear();
            return;
        }
        for (Site site : sites.subList(1, sites.size())) {
            serve(site)
                    .onSuccess(server -> {
                        if (spread && !retired) {
                            others.add(server);
                        } else {
                            retire(server);
                        }
                    })
                    .onFailure(e -> LOG.warn("an event loop takes no connections error={}", e.getMessage()));
        }
    }

    /** Closes the socket at once; what came over it goes on. */
    void retire() {
        retired = true;
        retire(first);
        others.forEach(ServingSocket::retire);
    }

    /** Closes the socket and its connections. */
    Future<Void> close() {
        retired = true;
        List<Future<Void>> closed = new ArrayList<>(List.of(first.close()));
        others.forEach(server -> closed.add(server.close()));
        return Future.join(closed).mapEmpty();
    }

    private static void retire(HttpServer server) {
        server.shutdown(LET_CALLS_END_MS, TimeUnit.MILLISECONDS);
    }

    /** Servers on different loops share the socket because they say the same address. */
    private Future<HttpServer> serve(Site site) {
        Promise<HttpServer> listening = Promise.promise();
        site.loop().runOnContext(v -> {
            HttpServer server = site.servers().get();
            server.connectionHandler(connection -> onConnection.accept(connection, site));
            server.listen(port, host).onComplete(result -> home.execute(() -> listening.handle(result)));
        });
        return listening.future();
    }
}
