package io.nexusd.appapi;

import io.nexusd.bus.Overflows;
import io.nexusd.bus.Routing.Delivered;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What becomes of the messages of one DELIVER: what full queues do to them, and what the answer still waits for. Lives on
 * appapi's event loop.
 */
final class Outcome {
    private final Promise<Delivered> settled = Promise.promise();
    private final Overflows overflows = new Overflows();
    private final Set<Subscription> behind = new LinkedHashSet<>();
    private int waits = 1;

    /** Notes that a subscriber dropped something for the message with this index. */
    void noteDropped(int index) {
        overflows.dropped(index);
    }

    /** Notes that a subscriber makes the message with this index wait; {@link #release(int, boolean)} follows exactly once. */
    void noteBlocked(int index) {
        overflows.blocked(index);
        await();
    }

    /** Notes that a subscriber of the message with this index has no stream, and only notes what it misses. */
    void noteWaiting(int index) {
        overflows.waiting(index);
    }

    /** Notes that a subscriber is behind but keeps up: whoever sends should wait a moment. */
    void noteBehind(Subscription subscription) {
        behind.add(subscription);
    }

    /** Returns the subscribers that are behind, each once. */
    Set<Subscription> behind() {
        return behind;
    }

    /** A subscriber that made a message wait does so no longer; forced when that cost it an older message. */
    void release(int index, boolean forced) {
        if (forced) {
            noteDropped(index);
        }
        release();
    }

    /** The answer waits for one more thing; {@link #release()} follows exactly once. */
    void await() {
        waits++;
    }

    /** One of the things that the answer waits for has happened. */
    void release() {
        waits--;
        if (waits == 0) {
            settled.complete(new Delivered(overflows.list()));
        }
    }

    /** All messages are offered; the answer comes when there is nothing to wait for any more. */
    Future<Delivered> offered() {
        release();
        return settled.future();
    }
}
