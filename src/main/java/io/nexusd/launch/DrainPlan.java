package io.nexusd.launch;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Lifecycle.Flush;
import io.nexusd.bus.Lifecycle.Flushed;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of a drain, in the order in which messages pass the components. Each step may take a share of the remaining time, so that
 * a step that hangs leaves time for the next ones. What a step leaves behind is logged.
 */
final class DrainPlan {
    private static final Logger LOG = LoggerFactory.getLogger(DrainPlan.class);

    /** Time for messages that peers sent before they learned of the drain. */
    private static final int PEERS_NOTICE_MS = 100;

    /** A query that lets one component flush its messages. */
    private interface Flusher {
        Future<Flushed> flush(Flush limit);
    }

    private final Vertx vertx;
    private final Bus bus;
    private final long deadlineNs;

    DrainPlan(Vertx vertx, Bus bus, long deadlineNs) {
        this.vertx = vertx;
        this.bus = bus;
        this.deadlineNs = deadlineNs;
    }

    /** Runs all steps; never fails. */
    Future<Void> run() {
        return flush("publishes", 0.25, limit -> bus.request(Lifecycle.FLUSH_PUBLISHES, limit))
                .compose(v -> flush("routes", 0.25, limit -> bus.request(Lifecycle.FLUSH_ROUTES, limit)))
                .compose(v -> flush("links", 0.5, limit -> bus.request(Lifecycle.FLUSH_LINKS, limit)))
                .compose(v -> vertx.timer(PEERS_NOTICE_MS, TimeUnit.MILLISECONDS))
                .compose(v -> flush("streams", 1, limit -> bus.request(Lifecycle.FLUSH_STREAMS, limit)));
    }

    /**
     * Runs one step.
     *
     * @param what is flushed, for the log
     * @param share of the remaining time that the step may take, up to 1
     */
    private Future<Void> flush(String what, double share, Flusher flusher) {
        long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
        int withinMs = (int) Math.max(0, leftMs * share);
        return flusher.flush(new Flush(withinMs))
                .onSuccess(flushed -> {
                    if (flushed.messagesLeft() > 0) {
                        LOG.warn("drain left messages behind what={} messages={}", what, flushed.messagesLeft());
                    }
                })
                .onFailure(e -> LOG.warn("drain could not flush what={} error={}", what, e.getMessage()))
                .<Void>mapEmpty()
                .otherwiseEmpty();
    }
}
