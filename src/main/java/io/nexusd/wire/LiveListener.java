package io.nexusd.wire;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Configuration;
import io.nexusd.bus.Configuration.NotApplied;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Lifecycle.Listener;
import io.nexusd.bus.Lifecycle.ListenerBound;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import java.net.BindException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listening HTTP server whose address can change while it serves. The new socket is opened before the old one is closed,
 * unless both want the same port; calls that came over the old one go on until they end. Where the new address cannot be had
 * the old one stays, that is told, and the new one is tried again. A few connections share the first event loop that it is
 * given; more go to all of them in turn. In: addresses. Out: LISTENER_BOUND, NOT_APPLIED. Lives on the event loop of its
 * verticle.
 */
public final class LiveListener {
    private static final Logger LOG = LoggerFactory.getLogger(LiveListener.class);

    /** From so many connections on, new ones go to all event loops in turn. */
    private static final int TOGETHER = 2;

    private static final long TRY_AGAIN_MS = 5_000;
    /** A closed socket gives its port back within this time. */
    private static final int PORT_FREE_TRIES = 50;

    private static final long PORT_FREE_POLL_MS = 20;
    private static final long NO_TIMER = -1;

    /** An address as it is configured; port 0 takes any free one. */
    private record Address(String host, int port) {
        @Override
        public String toString() {
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /**
     * An event loop that serves connections.
     *
     * @param servers makes a server with its request handler, not listening; called on that loop
     */
    public record Site(Context loop, Supplier<HttpServer> servers) {}

    private final Vertx vertx;
    private final Bus bus;
    private final Listener listener;
    /** First part of the keys. */
    private final String section;

    private final String keys;
    private final String remedy;
    private final List<Site> sites;
    private final Executor home;
    /** Connections over the sockets of this and earlier addresses. */
    private final Map<HttpConnection, Site> connections = new HashMap<>();

    private long noticeMs;
    private Runnable onRetired = () -> {};
    private ServingSocket socket;
    private int anyPorts;
    private Address inForce;
    private Address wanted;
    /** Whether the wanted address is a default that the daemon can do without. */
    private boolean isOptional;

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

    /** As above, with connections on one or more event loops, of which the calling verticle's is the first. */
    public LiveListener(Vertx vertx, Bus bus, Listener listener, List<Site> sites) {
        this.vertx = vertx;
        this.bus = bus;
        this.listener = listener;
        this.sites = List.copyOf(sites);
        home = EventLoops.on(this.sites.get(0).loop());
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

    /** As {@link #open}; while another process has the port, the listener is off, reports that and tries again. */
    public Future<Void> openWhenFree(String host, int port) {
        return open(host, port).recover(e -> {
            if (!isTaken(e.getCause())) {
                return Future.failedFuture(e);
            }
            isOptional = true;
            failed(wanted, e.getCause());
            return Future.succeededFuture();
        });
    }

    /** Moves to another address, as soon as it can be had. */
    public void move(String host, int port) {
        Address next = new Address(host, port);
        isOptional = isOptional && next.equals(wanted);
        wanted = next;
        settle();
    }

    /** Stops listening until the next move. */
    public void turnOff() {
        wanted = null;
        settle();
    }

    /** Tells whether the connection came over one of this listener's addresses and is open. */
    public boolean isOpen(HttpConnection connection) {
        return connections.containsKey(connection);
    }

    /** Closes everything. */
    public Future<Void> close() {
        closed = true;
        cancelRetry();
        Future<Void> done = socket == null ? Future.succeededFuture() : socket.close();
        return done.eventually(() -> {
            List.copyOf(connections.keySet()).forEach(HttpConnection::close);
            return Future.succeededFuture();
        });
    }

    private void settle() {
        if (moving || closed) {
            return;
        }
        cancelRetry();
        if (wanted == null) {
            if (socket != null) {
                LOG.info("listener closed listener={} address={}", section, inForce);
                socket.retire();
                socket = null;
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
        ServingSocket before = socket;
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
                            new Address(next.host(), socket.port()));
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
    private Future<ServingSocket> takeOver(ServingSocket before, Address next) {
        Address old = new Address(inForce.host(), before.port());
        Address configured = inForce;
        before.retire();
        socket = null;
        return bindWhenFree(next, PORT_FREE_TRIES)
                .recover(e -> bindWhenFree(old, PORT_FREE_TRIES).compose(again -> {
                    inForce(configured, again);
                    return Future.failedFuture(e);
                }));
    }

    private Future<ServingSocket> bindWhenFree(Address address, int triesLeft) {
        return vertx.timer(PORT_FREE_POLL_MS, TimeUnit.MILLISECONDS)
                .compose(tick -> bind(address))
                .recover(e ->
                        isTaken(e) && triesLeft > 1 ? bindWhenFree(address, triesLeft - 1) : Future.failedFuture(e));
    }

    /** Tells a port that is in use from an address that this host does not have, for which it is the same exception. */
    private static boolean isTaken(Throwable e) {
        return e instanceof BindException && String.valueOf(e.getMessage()).contains("in use");
    }

    private Future<ServingSocket> bind(Address address) {
        int port = address.port();
        if (port == 0 && sites.size() > 1) {
            // Servers that are to share whatever port is free say so with a negative number of their own.
            anyPorts++;
            port = -anyPorts;
        }
        return ServingSocket.open(sites, address.host(), port, this::onConnection);
    }

    /** Called on the event loop of the site. */
    private void onConnection(HttpConnection connection, Site site) {
        TurnFlush.apply(connection);
        connection.closeHandler(closed -> home.execute(() -> {
            connections.remove(connection);
            spread();
        }));
        home.execute(() -> {
            connections.put(connection, site);
            spread();
        });
    }

    /** Where a few connections talk to each other, one loop serves them better than two. */
    private void spread() {
        if (socket != null) {
            Site first = sites.get(0);
            socket.spread(connections.size() >= TOGETHER
                    || connections.values().stream().anyMatch(site -> site != first));
        }
    }

    private void inForce(Address address, ServingSocket fresh) {
        socket = fresh;
        inForce = address;
        bus.publish(Lifecycle.LISTENER_BOUND, new ListenerBound(listener, address.host(), fresh.port()));
    }

    private void retireAfterNotice(ServingSocket old) {
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
            LOG.warn("listener not {}: {}", inForce == null ? "open" : "moved", problem);
        }
        // An optional listener fails at the start, when nobody may be listening yet, so its report is repeated.
        if (!told.equals(problem) || (isOptional && !problem.isEmpty())) {
            bus.publish(Configuration.NOT_APPLIED, new NotApplied(keys, problem, isOptional));
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
