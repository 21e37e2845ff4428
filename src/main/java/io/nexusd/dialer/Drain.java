package io.nexusd.dialer;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.function.LongSupplier;

/** Waits until nothing waits any more, or time is up. */
final class Drain {
    /** What is on its way to a peer that leaves has this long; its own drain is not much longer. */
    static final int LEAVING_PEER_MS = 1_000;

    private static final long POLL_MS = 5;

    private Drain() {}

    /** Returns how much was left in the end. */
    static Future<Long> until(Vertx vertx, LongSupplier waiting, int withinMs) {
        long deadlineNs = System.nanoTime() + withinMs * 1_000_000L;
        Promise<Long> done = Promise.promise();
        if (waiting.getAsLong() == 0 || withinMs <= 0) {
            return Future.succeededFuture(waiting.getAsLong());
        }
        vertx.setPeriodic(POLL_MS, timer -> {
            long left = waiting.getAsLong();
            if (left == 0 || System.nanoTime() > deadlineNs) {
                vertx.cancelTimer(timer);
                done.tryComplete(left);
            }
        });
        return done.future();
    }
}
