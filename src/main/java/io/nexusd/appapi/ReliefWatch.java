package io.nexusd.appapi;

import io.vertx.core.Vertx;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Lets go on who was held back for a subscriber, soon after that one has caught up or was waited for long enough. Its timer runs
 * only while somebody waits. Lives on appapi's event loop.
 */
final class ReliefWatch {
    private static final long POLL_MS = 5;

    private final Vertx vertx;
    private final Set<Subscription> watched = new LinkedHashSet<>();
    private boolean scheduled;

    ReliefWatch(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Has the action run when the subscriber does not need it to wait any more. */
    void hold(Subscription subscription, Runnable action) {
        subscription.whenRelieved(action);
        watched.add(subscription);
        schedule();
    }

    /** The subscription is over. */
    void forget(Subscription subscription) {
        watched.remove(subscription);
    }

    private void schedule() {
        if (!scheduled && !watched.isEmpty()) {
            scheduled = true;
            vertx.setTimer(POLL_MS, timer -> look());
        }
    }

    private void look() {
        scheduled = false;
        long nowNs = System.nanoTime();
        List.copyOf(watched).forEach(subscription -> {
            if (!subscription.relieve(nowNs)) {
                watched.remove(subscription);
            }
        });
        schedule();
    }
}
