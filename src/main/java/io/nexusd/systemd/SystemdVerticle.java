package io.nexusd.systemd;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Configuration;
import io.nexusd.bus.Configuration.ReloadResult;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Lifecycle.Listener;
import io.nexusd.bus.Lifecycle.ListenerBound;
import io.nexusd.bus.Lifecycle.ReadinessChanged;
import io.nexusd.model.Endpoint;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The notifications to systemd, by the protocol of sd_notify(3). Owns the notification socket. In: listeners, readiness, reloads that
 * were asked for, the drain; whether all event loops turn, asked of admin. Out: READY, STATUS, RELOADING, STOPPING, and WATCHDOG as
 * long as the liveness probe would answer well, so that systemd restarts a daemon with a stuck event loop. Deployed first, so that it
 * hears all of them, and only where systemd asks for notifications.
 */
public final class SystemdVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(SystemdVerticle.class);
    private static final long RETRY_MS = 100;
    /** Notifications that wait for room in the receiver's queue at most; the oldest make way. */
    private static final int MAX_UNSENT = 32;
    /** Added to the time for the drain: sockets are closed and the virtual machine ends. */
    private static final int EXIT_MS = 5000;

    private final Bus bus;
    private final ServiceManager manager;
    private final Map<Listener, String> addresses = new EnumMap<>(Listener.class);
    private final Deque<String> unsent = new ArrayDeque<>();
    private NotificationSocket socket;
    private boolean wasReady;
    private boolean isDraining;
    private boolean isRetrying;
    private boolean isAskingLiveness;
    private boolean isUnreachable;
    private String readiness = "starting";
    private String lastReload = "";

    public SystemdVerticle(Bus bus, ServiceManager manager) {
        this.bus = bus;
        this.manager = manager;
    }

    @Override
    public Future<?> start() {
        try {
            socket = NotificationSocket.open(manager.socket());
        } catch (IOException e) {
            LOG.warn("the service manager cannot be notified socket={} error=\"{}\"", manager.socket(), e.getMessage());
            return Future.succeededFuture();
        }
        report(status());
        bus.on(Lifecycle.LISTENER_BOUND, this::onListenerBound);
        bus.on(Lifecycle.READINESS_CHANGED, this::onReadinessChanged);
        bus.on(Lifecycle.DRAINING, draining -> onDraining(draining.timeoutMs()));
        bus.on(Configuration.RELOADING, this::onReloading);
        bus.on(Configuration.RELOADED, this::onReloaded);
        if (manager.watchdogUs() > 0) {
            vertx.setPeriodic(Math.max(1, manager.watchdogUs() / 2000), timer -> onWatchdogDue());
        }
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() throws IOException {
        if (socket != null) {
            socket.close();
        }
        return Future.succeededFuture();
    }

    private void onListenerBound(ListenerBound bound) {
        addresses.put(bound.listener(), new Endpoint(bound.host(), bound.port()).toString());
        if (wasReady) {
            report(status());
        }
    }

    private void onReadinessChanged(ReadinessChanged changed) {
        if (isDraining) {
            return;
        }
        readiness = changed.ready() ? "ready" : "not ready: " + String.join(", ", changed.reasons());
        if (changed.ready() && !wasReady) {
            wasReady = true;
            report("READY=1\n" + status());
        } else {
            report(status());
        }
    }

    /** A drain may be configured to take longer than systemd waits for a service to stop. */
    private void onDraining(int timeoutMs) {
        isDraining = true;
        readiness = "draining for " + timeoutMs + " ms at most";
        long us = 1000L * (timeoutMs + EXIT_MS);
        report("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + us + "\n" + status());
    }

    /** The nanoseconds of the virtual machine are the monotonic clock's, by which systemd distinguishes reloads. */
    private void onReloading() {
        if (wasReady) {
            report("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000 + "\nSTATUS=reloading the configuration");
        }
    }

    private void onReloaded(ReloadResult result) {
        lastReload = result.successful() ? "" : "; the last reload was rejected, see the log";
        report(wasReady ? "READY=1\n" + status() : status());
    }

    /** Asks where the liveness probe is answered. An answer that does not come is no sign of life either. */
    private void onWatchdogDue() {
        if (isAskingLiveness) {
            return;
        }
        isAskingLiveness = true;
        bus.request(Lifecycle.LIVENESS).onComplete(answer -> {
            isAskingLiveness = false;
            boolean isAlive = answer.succeeded() && answer.result().stuck().isEmpty();
            // One that waits for room already is enough, and must not make the others wait.
            if (isAlive && unsent.isEmpty()) {
                report("WATCHDOG=1");
            }
        });
    }

    private String status() {
        StringBuilder status = new StringBuilder("STATUS=").append(readiness);
        if (readiness.equals("ready")) {
            status.append("; applications on ").append(addresses.get(Listener.APP));
            status.append(", nodes on ").append(addresses.get(Listener.MESH));
        }
        return status.append(lastReload).toString();
    }

    private void report(String state) {
        if (unsent.size() == MAX_UNSENT) {
            unsent.remove();
        }
        unsent.add(state);
        sendUnsent();
    }

    private void sendUnsent() {
        try {
            while (!unsent.isEmpty()) {
                if (!socket.send(unsent.peek())) {
                    retryLater();
                    return;
                }
                unsent.remove();
            }
            isUnreachable = false;
        } catch (IOException e) {
            unsent.clear();
            if (!isUnreachable) {
                isUnreachable = true;
                LOG.warn(
                        "the service manager does not take notifications socket={} error=\"{}\"",
                        manager.socket(),
                        e.getMessage());
            }
        }
    }

    private void retryLater() {
        if (!isRetrying) {
            isRetrying = true;
            vertx.setTimer(RETRY_MS, timer -> {
                isRetrying = false;
                sendUnsent();
            });
        }
    }
}
