package io.nexusd.routing;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Membership;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Routing;
import io.nexusd.bus.Routing.Deliver;
import io.nexusd.bus.Routing.Delivery;
import io.nexusd.bus.Routing.Forward;
import io.nexusd.bus.Routing.Forwarding;
import io.nexusd.bus.Routing.PeerMessages;
import io.nexusd.bus.Routing.PeerMessagesTaken;
import io.nexusd.bus.Routing.Publish;
import io.nexusd.bus.Routing.Published;
import io.nexusd.bus.Routing.Subscribe;
import io.nexusd.bus.Routing.Subscribed;
import io.nexusd.bus.Routing.Topics;
import io.nexusd.model.Envelope;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Decides where a message goes. Owns the interest of the local subscriptions and of every peer. In: publishes, messages of
 * peers, subscriptions, the interest of peers. Out: deliveries to appapi, forwardings to dialer, this node's interest to gossip.
 */
public final class RouterVerticle extends VerticleBase {
    /** Within this time several changes of interest are told once; far below what a human or a mesh notices. */
    private static final long INTEREST_COALESCE_MS = 3;

    /** Message ids remembered from base peers: minutes of their traffic, about 10 MB at most. */
    private static final int SEEN_IDS_LIMIT = 65_536;

    /** Messages on their way to dialer before publishers are made to wait. */
    private static final int MAX_FORWARDINGS_UNDER_WAY = 8192;

    private final Bus bus;
    private final Meters meters;
    private final RouteTable routes = new RouteTable();
    private final Interest interest = new Interest();
    private final SeenIds seen = new SeenIds(SEEN_IDS_LIMIT);
    private final AtomicInteger activeTopics = new AtomicInteger();
    private int forwardingsUnderWay;
    private boolean interestTimerSet;

    public RouterVerticle(Bus bus, Meters meters) {
        this.bus = bus;
        this.meters = meters;
    }

    @Override
    public Future<?> start() {
        meters.registry().gauge("nexusd.active.topics", activeTopics);
        bus.answer(Routing.PUBLISH, this::onPublish);
        bus.answer(Routing.PEER_MESSAGES, this::onPeerMessages);
        bus.answer(Routing.SUBSCRIBE, this::onSubscribe);
        bus.on(Routing.UNSUBSCRIBE, unsubscribe -> onUnsubscribe(unsubscribe.handle()));
        bus.answer(Routing.TOPICS, wanted -> Future.succeededFuture(new Topics(interest.counts())));
        bus.on(Membership.PEER_UP, up -> routes.addPeer(up.peer().id()));
        bus.on(Membership.PEER_DOWN, down -> routes.removePeer(down.id()));
        bus.on(Membership.PEER_INTEREST, known -> routes.setPeerInterest(known.id(), known.filters()));
        return Future.succeededFuture();
    }

    private Future<Published> onPublish(Publish publish) {
        List<Integer> receivers = new ArrayList<>(publish.envelopes().size());
        List<Delivery> deliveries = new ArrayList<>();
        List<Forwarding> forwardings = new ArrayList<>();
        for (Envelope envelope : publish.envelopes()) {
            meters.published(envelope.payload().size());
            RouteTable.Route route = routes.route(envelope.topic());
            receivers.add(route.receivers());
            if (!route.subscriptions().isEmpty()) {
                deliveries.add(new Delivery(envelope, route.subscriptions(), false));
            }
            if (!route.peers().isEmpty()) {
                forwardings.add(new Forwarding(envelope, route.peers()));
            }
        }
        if (!deliveries.isEmpty()) {
            bus.publish(Routing.DELIVER, new Deliver(deliveries));
        }
        Published published = new Published(receivers);
        if (forwardings.isEmpty()) {
            return Future.succeededFuture(published);
        }
        Future<?> queued = forward(forwardings);
        // Publishers wait for the links' queues only when the links fall behind; it costs a hop there and back.
        return forwardingsUnderWay > MAX_FORWARDINGS_UNDER_WAY
                ? queued.transform(done -> Future.succeededFuture(published))
                : Future.succeededFuture(published);
    }

    private Future<?> forward(List<Forwarding> forwardings) {
        forwardingsUnderWay += forwardings.size();
        return bus.request(Routing.FORWARD, new Forward(forwardings)).onComplete(result -> {
            forwardingsUnderWay -= forwardings.size();
            if (result.failed()) {
                // The node is stopping.
                long targets = forwardings.stream()
                        .mapToLong(forwarding -> forwarding.peers().size())
                        .sum();
                meters.dropped(Meters.Dropped.PEER_DOWN, targets);
            }
        });
    }

    private Future<PeerMessagesTaken> onPeerMessages(PeerMessages messages) {
        List<Delivery> deliveries = new ArrayList<>(messages.envelopes().size());
        for (Envelope envelope : messages.envelopes()) {
            if (messages.mayRepeat() && !seen.isNew(envelope.messageId())) {
                continue;
            }
            List<Long> subscriptions = routes.route(envelope.topic()).subscriptions();
            if (!subscriptions.isEmpty()) {
                deliveries.add(new Delivery(envelope, subscriptions, true));
            }
        }
        if (deliveries.isEmpty()) {
            return Future.succeededFuture(new PeerMessagesTaken());
        }
        return bus.request(Routing.DELIVER_FROM_PEER, new Deliver(deliveries))
                .map(delivered -> new PeerMessagesTaken());
    }

    private Future<Subscribed> onSubscribe(Subscribe subscribe) {
        routes.addSubscription(subscribe.handle(), subscribe.filters());
        boolean changed = false;
        for (String filter : subscribe.filters()) {
            changed |= interest.add(filter);
        }
        if (changed) {
            interestChanged();
        }
        return Future.succeededFuture(new Subscribed());
    }

    private void onUnsubscribe(long handle) {
        boolean changed = false;
        for (String filter : routes.removeSubscription(handle)) {
            changed |= interest.remove(filter);
        }
        if (changed) {
            interestChanged();
        }
    }

    private void interestChanged() {
        activeTopics.set(interest.size());
        if (!interestTimerSet) {
            interestTimerSet = true;
            vertx.setTimer(INTEREST_COALESCE_MS, timer -> {
                interestTimerSet = false;
                bus.publish(Routing.LOCAL_INTEREST, interest.snapshot());
            });
        }
    }
}
