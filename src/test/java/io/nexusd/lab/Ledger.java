package io.nexusd.lab;

import static org.awaitility.Awaitility.await;

import java.time.Duration;

/**
 * The books of one daemon: every pair of a message and a subscription or peer it was for is delivered, forwarded, dropped or
 * still queued.
 */
public record Ledger(long published, long targets, long delivered, long forwarded, long dropped, long queued) {
    public static Ledger of(LabDaemon daemon) {
        return new Ledger(
                (long) daemon.metric("nexusd_messages_published_total", ""),
                (long) daemon.metric("nexusd_messages_targets_total", ""),
                (long) daemon.metric("nexusd_messages_delivered_total", ""),
                (long) daemon.metric("nexusd_messages_forwarded_total", ""),
                (long) daemon.metric("nexusd_messages_dropped_total", ""),
                (long) daemon.metric("nexusd_messages_queued", ""));
    }

    public boolean isBalanced() {
        return targets == delivered + forwarded + dropped + queued;
    }

    /** Waits until the books of a daemon at rest balance; the queues are counted once a second. */
    public static void awaitBalance(LabDaemon daemon) {
        await("the ledger of " + daemon)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .conditionEvaluationListener(condition -> {})
                .untilAsserted(() -> {
                    Ledger ledger = of(daemon);
                    if (!ledger.isBalanced()) {
                        throw new AssertionError("not balanced: " + ledger);
                    }
                });
    }
}
