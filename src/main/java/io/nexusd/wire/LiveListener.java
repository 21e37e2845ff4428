package io.nexusd.wire;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Configuration;
import io.nexusd.bus.Configuration.NotApplied;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Lifecycle.Listener;
import io.nexusd.bus.Lifecycle.ListenerBound;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import java.net.BindException;
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
 * the old one stays, that is told, and the new one is tried again. In: addresses. Out: LISTENER_BOUND, NOT_APPLIED. Lives on
 * the event loop of its verticle.
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

    private final Vertx vertx;
    private final Bus bus;
    private final Listener listener;
    /** First part of the keys. */
    private final String section;

    private final String keys;
    private final String remedy;
    private final Supplier<HttpServer> servers;
    /** Connections over the sockets of this and earlier addresses. */
    private final Set<HttpConnection> connections = new HashSet<>();

    private long noticeMs;
    private Runnable onRetired = () -> {};
    private HttpServer server;
    private Address inForce;
    private Address wanted;
    private boolean moving;
    private boolean closed;
    private String told = "";
    private long retryTimer = NO_TIMER;

    /**
     * Makes a listener that is not open yet.
     *
     * @param servers makes a server with its request handler, not listening
     */
    public LiveListener(Vertx vertx, Bus bus, Listener listener, Supplier<HttpServer> servers) {
        this.vertx = vertx;
        this.bus = bus;
        this.listener = listener;
        this.servers = servers;
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
                .onSuccess(bound -> {
                    inForce(first, bound);
                    LOG.info("listening listener={} address={}", section, first.host() + ":" + bound.actualPort());
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
        Future<Void> done = server == null ? Future.succeededFuture() : server.close();
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
            if (server != null) {
                LOG.info("listener closed listener={} address={}", section, inForce);
                retire(server);
                server = null;
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
        HttpServer before = server;
        boolean samePort = before != null && next.port() == before.actualPort();
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
                            new Address(next.host(), server.actualPort()));
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
    private Future<HttpServer> takeOver(HttpServer before, Address next) {
        Address old = new Address(inForce.host(), before.actualPort());
        Address configured = inForce;
        retire(before);
        server = null;
        return bindWhenFree(next, PORT_FREE_TRIES)
                .recover(e -> bindWhenFree(old, PORT_FREE_TRIES).compose(again -> {
                    inForce(configured, again);
                    return Future.failedFuture(e);
                }));
    }

    private Future<HttpServer> bindWhenFree(Address address, int triesLeft) {
        return vertx.timer(PORT_FREE_POLL_MS, TimeUnit.MILLISECONDS)
                .compose(tick -> bind(address))
                .recover(e ->
                        isTaken(e) && triesLeft > 1 ? bindWhenFree(address, triesLeft - 1) : Future.failedFuture(e));
    }

    /** Tells a port that is in use from an address that this host does not have, for which it is the same exception. */
    private static boolean isTaken(Throwable e) {
        return e instanceof BindException && String.valueOf(e.getMessage()).contains("in use");
    }

    private Future<HttpServer> bind(Address address) {
        HttpServer fresh = servers.get();
        fresh.connectionHandler(connection -> {
            connections.add(connection);
            TurnFlush.apply(connection);
            connection.closeHandler(v -> connections.remove(connection));
        });
        return fresh.listen(address.port(), address.host());
    }

    private void inForce(Address address, HttpServer bound) {
        server = bound;
        inForce = address;
        bus.publish(Lifecycle.LISTENER_BOUND, new ListenerBound(listener, address.host(), bound.actualPort()));
    }

    private void retireAfterNotice(HttpServer old) {
        if (noticeMs == 0) {
            onRetired.run();
            retire(old);
        } else {
            vertx.setTimer(noticeMs, timer -> {
                onRetired.run();
                retire(old);
            });
        }
    }

    /** Closes the socket at once; what came over it goes on. */
    private static void retire(HttpServer old) {
        old.shutdown(LET_CALLS_END_MS, TimeUnit.MILLISECONDS);
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
