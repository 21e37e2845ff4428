package io.nexusd.routing;

import io.nexusd.bus.Meters;
import io.nexusd.bus.Routing.Delivery;
import io.nexusd.bus.Routing.Forwarding;
import io.nexusd.bus.Routing.FullQueues;
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
    /** For each delivery, which message of the burst it is, from 0. */
    private final List<Integer> delivered = new ArrayList<>();
    /** For each forwarding, which message of the burst it is. */
    private final List<Integer> forwarded = new ArrayList<>();

    private long targets;

    Burst(History history, Meters meters, boolean fromPeer) {
        this.history = history;
        this.meters = meters;
        this.fromPeer = fromPeer;
    }

    /**
     * Adds a message for local subscriptions, if there are any.
     *
     * @param index which message of the burst it is, from 0
     */
    void deliver(int index, Envelope envelope, List<Long> subscriptions, List<Pick> picks) {
        if (!subscriptions.isEmpty() || !picks.isEmpty()) {
            add(index, new Delivery(envelope, history.record(envelope), subscriptions, picks, fromPeer));
        }
    }

    /**
     * Adds a message for members of groups alone.
     *
     * @param index which message of the burst it is, from 0
     * @param sequence its number, 0 for none
     */
    void deliverNumbered(int index, Envelope envelope, long sequence, List<Pick> picks) {
        add(index, new Delivery(envelope, sequence, List.of(), picks, fromPeer));
    }

    private void add(int index, Delivery delivery) {
        targets += delivery.targets();
        delivered.add(index);
        deliveries.add(delivery);
    }

    /**
     * Adds a message for peers, if there are any.
     *
     * @param index which message of the burst it is, from 0
     */
    void forward(int index, Envelope envelope, List<Receiver> receivers) {
        if (!receivers.isEmpty()) {
            targets += receivers.size();
            forwarded.add(index);
            forwardings.add(new Forwarding(envelope, receivers));
        }
    }

    /** Counts the targets of all that was added. */
    void countTargets() {
        meters.targets(targets);
        targets = 0;
    }

    /** Returns what was said of deliveries by the messages they are. */
    List<FullQueues> ofDeliveries(List<FullQueues> full) {
        return by(delivered, full);
    }

    /** Returns what was said of forwardings by the messages they are. */
    List<FullQueues> ofForwardings(List<FullQueues> full) {
        return by(forwarded, full);
    }

    List<Delivery> deliveries() {
        return deliveries;
    }

    List<Forwarding> forwardings() {
        return forwardings;
    }

    private static List<FullQueues> by(List<Integer> indexes, List<FullQueues> full) {
        if (full.isEmpty()) {
            return full;
        }
        return full.stream()
                .map(one -> new FullQueues(indexes.get(one.index()), one.dropped(), one.blocked(), one.waiting()))
                .toList();
    }
}
