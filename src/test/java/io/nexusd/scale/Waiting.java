package io.nexusd.scale;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;

/** Waits for conditions, and tells how long something took. */
final class Waiting {
    private Waiting() {}

    /** Returns the seconds since a time of the monotonic clock. */
    static double secondsSince(long startedNs) {
        return (System.nanoTime() - startedNs) / 1e9;
    }

    static void until(String what, Callable<Boolean> condition) {
        Awaitility.await(what)
                .atMost(Duration.ofSeconds(Applications.LIMIT_S))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .until(condition);
    }
}
