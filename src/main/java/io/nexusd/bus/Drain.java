package io.nexusd.bus;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.function.LongSupplier;

/** Waits until nothing waits any more, or time is up. */
public final class Drain {
    private static final long POLL_MS = 5;

    private Drain() {}

    /**
     * Looks again and again, on the calling verticle's event loop.
     *
     * @param waiting how much waits now
     * @return how much was left in the end
     */
    public static Future<Long> until(Vertx vertx, LongSupplier waiting, int withinMs) {
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
