package io.nexusd.routing;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Meters.Dropped;
import io.nexusd.bus.Routing;
import io.nexusd.bus.Routing.Forward;
import io.nexusd.bus.Routing.Forwarded;
import io.nexusd.bus.Routing.Forwarding;
import io.vertx.core.Future;
import java.util.List;

/**
 * The way of messages to dialer. Knows how many are on it, and whether the links keep up. In: messages for peers. Out: FORWARD. Lives
 * on router's event loop.
 */
final class Forwarder {
    /** Messages on their way to dialer before publishers are made to wait. */
    private static final int MAX_UNDER_WAY = 512;

    private final Bus bus;
    private final Meters meters;
    private int underWay;
    /** The newest messages met a full queue, so their publishers are to be told of it. */
    private boolean overflows;

    Forwarder(Bus bus, Meters meters) {
        this.bus = bus;
        this.meters = meters;
    }

    /** Sends messages on; the answer comes when they wait in the outbound queues, or are counted as dropped. */
    Future<Forwarded> forward(List<Forwarding> forwardings) {
        Forward forward = new Forward(forwardings);
        underWay += forwardings.size();
        return bus.request(Routing.FORWARD, forward).onComplete(result -> {
            underWay -= forwardings.size();
            overflows = result.succeeded() && !result.result().full().isEmpty();
            if (result.failed() && Bus.isUnanswered(result.cause())) {
                // The node is stopping. What dialer has taken it accounts for itself, even where its answer fails.
                meters.dropped(Dropped.PEER_DOWN, forward.targets());
            }
        });
    }

    /** Tells whether the links are behind, so that publishers had better wait for them; it costs a hop there and back. */
    boolean isBehind() {
        return overflows || underWay > MAX_UNDER_WAY;
    }

    /** Returns how many messages are on their way to dialer. */
    int underWay() {
        return underWay;
    }
}
