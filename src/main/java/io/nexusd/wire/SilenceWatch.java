package io.nexusd.wire;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import java.util.function.Supplier;

/**
 * The timer that ends exchanges on a connection by a {@link SilenceLimit}. Lives on the event loop of the connection; every method
 * that is given a promise fails it with DEADLINE_EXCEEDED unless it is completed in time.
 */
public final class SilenceWatch<T> {
    /** A timer that is later than this was held up by this process. */
    private static final long OWN_PAUSE_MS = 250;

    private final Vertx vertx;
    private final Promise<T> promise;
    private final SilenceLimit limit;
    /** Gives null while there is no connection. */
    private final Supplier<ConnectionActivity> activity;

    private final String what;
    private final long bytesBefore;
    private long dueMono;
    private long timer;

    private SilenceWatch(
            Vertx vertx, Promise<T> promise, SilenceLimit limit, Supplier<ConnectionActivity> activity, String what) {
        this.vertx = vertx;
        this.promise = promise;
        this.limit = limit;
        this.activity = activity;
        this.what = what;
        this.dueMono = limit.startedMono() + limit.silenceMs();
        ConnectionActivity now = activity.get();
        this.bytesBefore = now == null ? 0 : now.bytesRead();
    }

    /**
     * Watches a promise until it is completed.
     *
     * @param activity gives null while there is no connection
     * @param what begins the text of the failure
     * @return the future of the promise
     */
    public static <T> Future<T> over(
            Vertx vertx, Promise<T> promise, SilenceLimit limit, Supplier<ConnectionActivity> activity, String what) {
        SilenceWatch<T> watch = new SilenceWatch<>(vertx, promise, limit, activity, what);
        watch.check();
        return promise.future().onComplete(result -> vertx.cancelTimer(watch.timer));
    }

    private void check() {
        if (promise.future().isComplete()) {
            return;
        }
        ConnectionActivity heard = activity.get();
        long nowMono = MonotonicClock.nowMs();
        long bytes = heard == null ? 0 : heard.bytesRead() - bytesBefore;
        long remainingMs = limit.remainingMs(nowMono, heard == null ? Long.MIN_VALUE : heard.lastReadMono(), bytes);
        if (remainingMs <= 0 && nowMono - dueMono > OWN_PAUSE_MS) {
            // This process did not run itself: what has come meanwhile is read first.
            remainingMs = OWN_PAUSE_MS;
        }
        if (remainingMs > 0) {
            dueMono = nowMono + remainingMs;
            timer = vertx.setTimer(remainingMs, fired -> check());
        } else {
            promise.tryFail(new GrpcFailure(
                    GrpcStatus.DEADLINE_EXCEEDED,
                    what + ": no answer after " + (nowMono - limit.startedMono()) + " ms, " + bytes
                            + " bytes were read; the limit without a byte is " + limit.silenceMs() + " ms"));
        }
    }
}
