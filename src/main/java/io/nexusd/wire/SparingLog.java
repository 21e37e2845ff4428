package io.nexusd.wire;

import io.vertx.core.Vertx;
import java.util.function.LongConsumer;

/**
 * Keeps what strangers can cause from flooding the log: so many lines within a window of time, then one that says how many were
 * left untold, which counts as the first of the next window. Owns the counts. Lives on the event loop of its user.
 */
public final class SparingLog {
    private final Vertx vertx;
    private final int linesPerWindow;
    private final long windowMs;
    private final LongConsumer tellUntold;
    private int told;
    private long untold;

    /**
     * Makes it.
     *
     * @param tellUntold logs how many lines were left untold; runs at the end of a window in which there were any
     */
    public SparingLog(Vertx vertx, int linesPerWindow, long windowMs, LongConsumer tellUntold) {
        this.vertx = vertx;
        this.linesPerWindow = linesPerWindow;
        this.windowMs = windowMs;
        this.tellUntold = tellUntold;
    }

    /** Tells whether a line may be logged now, which then counts as done. */
    public boolean admits() {
        if (told == 0) {
            vertx.setTimer(windowMs, timer -> endWindow());
        }
        if (told < linesPerWindow) {
            told++;
            return true;
        }
        untold++;
        return false;
    }

    private void endWindow() {
        long left = untold;
        told = 0;
        untold = 0;
        if (left > 0) {
            admits();
            tellUntold.accept(left);
        }
    }
}
