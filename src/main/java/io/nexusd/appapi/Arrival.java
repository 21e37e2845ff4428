package io.nexusd.appapi;

import io.nexusd.bus.Routing.Delivery;
import io.nexusd.model.Settings;
import io.nexusd.model.Settings.BackpressurePolicy;
import java.util.function.Consumer;

/**
 * One message of a DELIVER on its way to its subscribers. In: each of them, with the message as it gets it. Out: what their
 * queues did to it, noted in the outcome.
 *
 * @param index of the message in the DELIVER
 * @param rules what happens where a queue is full
 * @param outcome of the whole DELIVER
 */
record Arrival(Delivery delivery, int index, Settings.Delivery rules, Outcome outcome, long nowNs) {
    /** Puts the message into the buffer of one subscriber. */
    void offer(EncodedMessage message, Subscription subscription) {
        boolean mayBlock = !delivery.fromPeer() && rules.backpressurePolicy() == BackpressurePolicy.BLOCK;
        Consumer<Boolean> ticket = mayBlock ? forced -> outcome.release(index, forced) : null;
        SubscriberBuffer.Offered offered =
                subscription.offer(message, rules, delivery.envelope().expiresNs(), ticket, nowNs);
        if (offered == SubscriberBuffer.Offered.BLOCKED) {
            outcome.noteBlocked(index);
        } else if (offered == SubscriberBuffer.Offered.DROPPED && !delivery.fromPeer()) {
            outcome.noteDropped(index);
        }
        if (subscription.call() == null && !delivery.fromPeer()) {
            outcome.noteWaiting(index);
        }
        if (subscription.wantsRelief(nowNs)) {
            outcome.noteBehind(subscription);
        }
    }
}
