package io.nexusd.wire;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Configuration;
import io.nexusd.bus.Configuration.NotApplied;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Lifecycle.Listener;
import io.nexusd.bus.Lifecycle.ListenerBound;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import java.net.BindException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listening HTTP server whose address can change while it serves. The new socket is opened before the old one is closed,
 * unless both want the same port; calls that came over the old one go on until they end. Where the new address cannot be had
 * the old one stays, that is told, and the new one is tried again. Connections go in turn to the event loops that it is given.
 * In: addresses. Out: LISTENER_BOUND, NOT_APPLIED. Lives on the event loop of its verticle.
 */
public final class LiveListener {
    private static final Logger LOG = LoggerFactory.getLogger(LiveListener.class);

    /** Calls over a socket that is closed may last as long as their applications like; this is some twenty days. */
    private static final long LET_CALLS_END_MS = Integer.MAX_VALUE;

    private static final long TRY_AGAIN_MS = 5_000;
    /** A closed socket gives its port back within this time. */
    private static final int PORT_FREE_TRIES = 50;

    private static final long PORT_FREE_POLL_MS = 20;
    private static final long NO_TIMER = -1;

    /** An address as it is configured; port 0 takes any free one. */
    private record Address(String host, int port) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /**
     * An event loop that serves connections.
     *
     * @param servers makes a server with its request handler, not listening; called on that loop
     */
    public record Site(Context loop, Supplier<HttpServer> servers) {}

    /** The servers of all sites, which share a socket. */
    private record Bound(List<HttpServer> servers) {
        int port() {
            return servers.get(0).actualPort();
        }

        /** Closes the socket at once; what came over it goes on. */
        void retire() {
            servers.forEach(server -> server.shutdown(LET_CALLS_END_MS, TimeUnit.MILLISECONDS));
        }

        Future<Void> close() {
            return Future.join(servers.stream().map(HttpServer::close).toList()).mapEmpty();
        }
    }

    private final Vertx vertx;
    private final Bus bus;
    private final Listener listener;
    private final Context home;
    /** First part of the keys. */
    private final String section;

    private final String keys;
    private final String remedy;
    private final List<Site> sites;
    /** Connections over the sockets of this and earlier addresses. */
    private final Set<HttpConnection> connections = new HashSet<>();

    private long noticeMs;
    private Runnable onRetired = () -> {};
    private Bound bound;
    private int binds;
    private Address inForce;
    private Address wanted;
    private boolean moving;
    private boolean closed;
    private String told = "";
    private long retryTimer = NO_TIMER;

    /**
     * Makes a listener on the calling verticle's event loop that is not open yet, and whose connections are on that loop too.
     *
     * @param servers makes a server with its request handler, not listening
     */
    public LiveListener(Vertx vertx, Bus bus, Listener listener, Supplier<HttpServer> servers) {
        this(vertx, bus, listener, List.of(new Site(vertx.getOrCreateContext(), servers)));
    }

    /** As above, with connections on one or more event loops, the first one on the first. */
    public LiveListener(Vertx vertx, Bus bus, Listener listener, List<Site> sites) {
        this.vertx = vertx;
        this.bus = bus;
        this.listener = listener;
        this.sites = List.copyOf(sites);
        home = vertx.getOrCreateContext();
        section = listener.name().toLowerCase(Locale.ROOT);
        keys = section + ".bind:" + section + ".port";
        remedy = "free the port or configure another one"
                + (listener == Listener.ADMIN ? ", or turn it off with " + section + ".port 0" : "");
    }

    /**
     * Keeps the old socket open for so long after the new one is told of, so that who knows only the old address can hear of
     * it; then runs the handler and closes it.
     */
    public LiveListener onRetired(long afterMs, Runnable handler) {
        noticeMs = afterMs;
        onRetired = handler;
        return this;
    }

    /** Opens the first address; fails with a text for people. */
    public Future<Void> open(String host, int port) {
        wanted = new Address(host, port);
        Address first = wanted;
        return bind(first)
                .onSuccess(fresh -> {
                    inForce(first, fresh);
                    LOG.info("listening listener={} address={}", section, new Address(first.host(), fresh.port()));
                })
                .recover(e -> Future.failedFuture(new IllegalStateException(cannot(first, e) + "; " + remedy, e)))
                .mapEmpty();
    }

    /** Moves to another address, as soon as it can be had. */
    public void move(String host, int port) {
        wanted = new Address(host, port);
        settle();
    }

    /** Stops listening until the next move. */
    public void turnOff() {
        wanted = null;
        settle();
    }

    /** Tells whether the connection came over one of this listener's addresses and is open. */
    public boolean isOpen(HttpConnection connection) {
        return connections.contains(connection);
    }

    /** Closes everything. */
    public Future<Void> close() {
        closed = true;
        cancelRetry();
        Future<Void> done = bound == null ? Future.succeededFuture() : bound.close();
        return done.eventually(() -> {
            List.copyOf(connections).forEach(HttpConnection::close);
            return Future.succeededFuture();
        });
    }

    private void settle() {
        if (moving || closed) {
            return;
        }
        cancelRetry();
        if (wanted == null) {
            if (bound != null) {
                LOG.info("listener closed listener={} address={}", section, inForce);
                bound.retire();
                bound = null;
                inForce = null;
            }
            tell("");
        } else if (wanted.equals(inForce)) {
            tell("");
        } else {
            moveNow(wanted);
        }
    }

    private void moveNow(Address next) {
        moving = true;
        Bound before = bound;
        boolean samePort = before != null && next.port() == before.port();
        bind(next)
                .recover(e -> samePort && isTaken(e) ? takeOver(before, next) : Future.failedFuture(e))
                .onComplete(result -> {
                    moving = false;
                    if (result.failed()) {
                        failed(next, result.cause());
                        return;
                    }
                    if (closed) {
                        result.result().close();
                        return;
                    }
                    Address old = inForce;
                    inForce(next, result.result());
                    LOG.info(
                            "listener moved listener={} old={} new={}",
                            section,
                            old == null ? "off" : old,
                            new Address(next.host(), bound.port()));
                    if (before != null) {
                        retireAfterNotice(before);
                    }
                    tell("");
                    settle();
                });
    }

    private void failed(Address next, Throwable e) {
        if (closed) {
            return;
        }
        if (next.equals(wanted)) {
            tell(cannot(next, e) + "; " + (inForce == null ? "it stays off" : "it still listens on " + inForce)
                    + " and tries again; " + remedy);
            retryTimer = vertx.setTimer(TRY_AGAIN_MS, timer -> {
                retryTimer = NO_TIMER;
                settle();
            });
        } else {
            settle();
        }
    }

    /** Both addresses need the same port, as 127.0.0.1 and 0.0.0.0 do, so one has to go first. */
    private Future<Bound> takeOver(Bound before, Address next) {
        Address old = new Address(inForce.host(), before.port());
        Address configured = inForce;
        before.retire();
        bound = null;
        return bindWhenFree(next, PORT_FREE_TRIES)
                .recover(e -> bindWhenFree(old, PORT_FREE_TRIES).compose(again -> {
                    inForce(configured, again);
                    return Future.failedFuture(e);
                }));
    }

    private Future<Bound> bindWhenFree(Address address, int triesLeft) {
        return vertx.timer(PORT_FREE_POLL_MS, TimeUnit.MILLISECONDS)
                .compose(tick -> bind(address))
                .recover(e ->
                        isTaken(e) && triesLeft > 1 ? bindWhenFree(address, triesLeft - 1) : Future.failedFuture(e));
    }

    /** Tells a port that is in use from an address that this host does not have, for which it is the same exception. */
    private static boolean isTaken(Throwable e) {
        return e instanceof BindException && String.valueOf(e.getMessage()).contains("in use");
    }

    /** Opens a socket and has all sites serve its connections. */
    private Future<Bound> bind(Address address) {
        // Servers that are to share whatever port is free say so with a negative number of their own.
        int port = address.port() == 0 && sites.size() > 1 ? - ++binds : address.port();
        List<HttpServer> servers = new ArrayList<>();
        Future<Void> done = Future.succeededFuture();
        for (Site site : sites) {
            done = done.compose(v -> bindOn(site, address.host(), port))
                    .onSuccess(servers::add)
                    .mapEmpty();
        }
        return done.map(v -> new Bound(List.copyOf(servers))).onFailure(e -> new Bound(List.copyOf(servers)).close());
    }

    private Future<HttpServer> bindOn(Site site, String host, int port) {
        Promise<HttpServer> listening = Promise.promise();
        site.loop().runOnContext(v -> {
            HttpServer fresh = site.servers().get();
            fresh.connectionHandler(connection -> {
                TurnFlush.apply(connection);
                connection.closeHandler(closed -> atHome(() -> connections.remove(connection)));
                atHome(() -> connections.add(connection));
            });
            fresh.listen(port, host).onComplete(result -> atHome(() -> listening.handle(result)));
        });
        return listening.future();
    }

    private void atHome(Runnable action) {
        home.runOnContext(v -> action.run());
    }

    private void inForce(Address address, Bound fresh) {
        bound = fresh;
        inForce = address;
        bus.publish(Lifecycle.LISTENER_BOUND, new ListenerBound(listener, address.host(), fresh.port()));
    }

    private void retireAfterNotice(Bound old) {
        if (noticeMs == 0) {
            onRetired.run();
            old.retire();
        } else {
            vertx.setTimer(noticeMs, timer -> {
                onRetired.run();
                old.retire();
            });
        }
    }

    private void tell(String problem) {
        if (!problem.isEmpty() && !told.equals(problem)) {
            LOG.warn("listener not moved: {}", problem);
        }
        if (!told.equals(problem)) {
            bus.publish(Configuration.NOT_APPLIED, new NotApplied(keys, problem));
        }
        told = problem;
    }

    private void cancelRetry() {
        if (retryTimer != NO_TIMER) {
            vertx.cancelTimer(retryTimer);
            retryTimer = NO_TIMER;
        }
    }

    private String cannot(Address address, Throwable e) {
        return "cannot listen on " + keys + " " + address + " (" + e.getMessage() + ")";
    }
}
