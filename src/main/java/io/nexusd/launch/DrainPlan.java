package io.nexusd.launch;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Lifecycle.Flush;
import io.nexusd.bus.Lifecycle.Flushed;
import io.nexusd.bus.Query;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node that stops has its rooms finish, in the order in which messages pass them. Each step may use a share of the time
 * that is left, so that the next ones get their turn whatever hangs; what a step leaves behind is logged and holds up nothing.
 */
final class DrainPlan {
    private static final Logger LOG = LoggerFactory.getLogger(DrainPlan.class);

    /** In this time what peers had sent before they heard of the drain comes in. */
    private static final int PEERS_NOTICE_MS = 100;

    private static final List<Step> STEPS = List.of(
            new Step("publishes", Lifecycle.FLUSH_PUBLISHES, 0.25, 0),
            new Step("routes", Lifecycle.FLUSH_ROUTES, 0.25, 0),
            new Step("links", Lifecycle.FLUSH_LINKS, 0.5, PEERS_NOTICE_MS),
            new Step("streams", Lifecycle.FLUSH_STREAMS, 1, 0));

    /**
     * One query to one room.
     *
     * @param what is flushed, as the log calls it
     * @param share of the time left that it may take, up to 1
     * @param pauseMs until the next step
     */
    private record Step(String what, Query<Flush, Flushed> query, double share, int pauseMs) {}

    private final Vertx vertx;
    private final Bus bus;
    private final long deadlineNs;

    DrainPlan(Vertx vertx, Bus bus, long deadlineNs) {
        this.vertx = vertx;
        this.bus = bus;
        this.deadlineNs = deadlineNs;
    }

    /** Goes through all steps; never fails. */
    Future<Void> run() {
        Future<Void> done = Future.succeededFuture();
        for (Step step : STEPS) {
            done = done.compose(v -> flush(step)).compose(v -> pause(step.pauseMs()));
        }
        return done;
    }

    private Future<Void> flush(Step step) {
        long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
        int withinMs = (int) Math.max(0, leftMs * step.share());
        return bus.request(step.query(), new Flush(withinMs))
                .onSuccess(flushed -> {
                    if (flushed.messagesLeft() > 0) {
                        LOG.warn("drain left messages behind what={} messages={}", step.what(), flushed.messagesLeft());
                    }
                })
                .onFailure(e -> LOG.warn("drain could not flush what={} error={}", step.what(), e.getMessage()))
                .<Void>mapEmpty()
                .otherwiseEmpty();
    }

    private Future<Void> pause(int ms) {
        return ms == 0
                ? Future.succeededFuture()
                : vertx.timer(ms, TimeUnit.MILLISECONDS).mapEmpty();
    }
}
