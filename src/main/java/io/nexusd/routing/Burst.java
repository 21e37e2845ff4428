package io.nexusd.routing;

import io.nexusd.bus.Meters;
import io.nexusd.bus.Routing.AtLinks;
import io.nexusd.bus.Routing.Delivery;
import io.nexusd.bus.Routing.Forwarded;
import io.nexusd.bus.Routing.Forwarding;
import io.nexusd.bus.Routing.Pick;
import io.nexusd.bus.Routing.Receiver;
import io.nexusd.model.Envelope;
import java.util.ArrayList;
import java.util.List;

/** What a burst of messages leads to. Numbers what is delivered here, and counts the targets. */
final class Burst {
    private final History history;
    private final Meters meters;
    private final boolean fromPeer;
    private final List<Delivery> deliveries = new ArrayList<>();
    private final List<Forwarding> forwardings = new ArrayList<>();
    /** For each forwarding, which of the publishes it is. */
    private final List<Integer> publishes = new ArrayList<>();

    private long targets;

    Burst(History history, Meters meters, boolean fromPeer) {
        this.history = history;
        this.meters = meters;
        this.fromPeer = fromPeer;
    }

    /** Adds a message for local subscriptions, if there are any. */
    void deliver(Envelope envelope, List<Long> subscriptions, List<Pick> picks) {
        if (!subscriptions.isEmpty() || !picks.isEmpty()) {
            long sequence = history.record(envelope);
            targets += subscriptions.size() + picks.size();
            deliveries.add(new Delivery(envelope, sequence, subscriptions, picks, fromPeer));
        }
    }

    /**
     * Adds a message for peers, if there are any.
     *
     * @param publish which publish of the burst it is, from 0
     */
    void forward(int publish, Envelope envelope, List<Receiver> receivers) {
        if (!receivers.isEmpty()) {
            targets += receivers.size();
            publishes.add(publish);
            forwardings.add(new Forwarding(envelope, receivers));
        }
    }

    /** Counts the targets of all that was added. */
    void countTargets() {
        meters.targets(targets);
        targets = 0;
    }

    /** Returns what was said of forwardings by the publishes they are. */
    List<AtLinks> byPublish(Forwarded forwarded) {
        return forwarded.atLinks().stream()
                .map(at -> new AtLinks(publishes.get(at.index()), at.dropped(), at.blocked()))
                .toList();
    }

    List<Delivery> deliveries() {
        return deliveries;
    }

    List<Forwarding> forwardings() {
        return forwardings;
    }
}
