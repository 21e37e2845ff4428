package io.nexusd.bus;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.function.LongSupplier;

/** Waiting until a queue is empty, with a time limit. */
public final class Drain {
    private static final long POLL_MS = 5;

    private Drain() {}

    /**
     * Polls on the calling verticle's event loop until nothing waits or the time has passed.
     *
     * @param waiting the number of waiting messages
     * @return the number of messages that are left at the end
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
