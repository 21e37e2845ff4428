package io.nexusd.routing;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Drain;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Membership;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Routing;
import io.nexusd.bus.Routing.Deliver;
import io.nexusd.bus.Routing.Forwarding;
import io.nexusd.bus.Routing.FullQueues;
import io.nexusd.bus.Routing.Handed;
import io.nexusd.bus.Routing.Handover;
import io.nexusd.bus.Routing.Incoming;
import io.nexusd.bus.Routing.PeerMessages;
import io.nexusd.bus.Routing.Pick;
import io.nexusd.bus.Routing.Publish;
import io.nexusd.bus.Routing.Published;
import io.nexusd.bus.Routing.Receiver;
import io.nexusd.bus.Routing.Subscribe;
import io.nexusd.bus.Routing.Subscribed;
import io.nexusd.bus.Routing.Topics;
import io.nexusd.bus.Spans;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import io.nexusd.model.Settings;
import io.nexusd.model.Share;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides where a message goes. Owns the interest of the local subscriptions and of every peer, the history and the retained
 * messages. In: publishes, messages of peers, subscriptions, the interest of peers. Out: deliveries to appapi, forwardings to
 * dialer, this node's interest to gossip.
 */
public final class RouterVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(RouterVerticle.class);

    /** Message ids remembered from base peers: minutes of their traffic, about 10 MB at most. */
    private static final int SEEN_IDS_LIMIT = 65_536;

    private static final Future<List<FullQueues>> NOTHING_FULL = Future.succeededFuture(List.of());

    private final Bus bus;
    private final Meters meters;
    private final NodeId self;
    private final RouteTable routes = new RouteTable();
    private final Interest interest = new Interest();
    private final TellingPace tellingPace = new TellingPace();
    private final SeenIds seen = new SeenIds(SEEN_IDS_LIMIT);
    private final History history;
    private final RetainedStore retainedStore;
    private final EarlyPublishes early;
    private final AtomicInteger activeTopics = new AtomicInteger();
    private Settings settings;
    private final TopicMeters topicMeters;
    private final Forwarder forwarder;
    private final Handovers handovers;
    private Retaining retaining;
    private Sightings sightings;
    private boolean interestTimerSet;
    private long reapTimer;

    /**
     * Creates the router of one node.
     *
     * @param startedAtMs this node's start as it tells it to others, wall clock
     */
    public RouterVerticle(Bus bus, Settings settings, NodeId self, long startedAtMs, Meters meters) {
        this.bus = bus;
        this.settings = settings;
        this.self = self;
        this.meters = meters;
        history = new History(
                settings.history().messagesPerTopic(), settings.history().maxBytes());
        retainedStore = new RetainedStore(
                settings.retained().maxMessages(), settings.retained().maxBytes());
        forwarder = new Forwarder(bus, meters);
        handovers = new Handovers(bus, meters, self, routes, history, forwarder);
        topicMeters = new TopicMeters(meters.registry(), settings.metrics().topics());
        early = new EarlyPublishes(
                startedAtMs,
                settings.mesh().outboundQueueLimit(),
                settings.mesh().outboundQueueBytes());
    }

    @Override
    public Future<?> start() {
        meters.gauge("nexusd.active.topics", "Distinct filters held by local subscriptions", activeTopics);
        retaining = new Retaining(vertx, bus, meters, routes, retainedStore);
        Replays replays = new Replays(history, retaining::matching);
        sightings = new Sightings(vertx, bus);
        new Inspector(vertx, routes, interest, history, retainedStore).answerOn(bus, sightings);
        bus.answer(Routing.PUBLISH, this::onPublish);
        bus.answer(Routing.PEER_MESSAGES, this::onPeerMessages);
        bus.answer(Routing.SUBSCRIBE, this::onSubscribe);
        bus.answer(Routing.REPLAY, replay -> Future.succeededFuture(replays.of(replay, System.nanoTime())));
        bus.on(Routing.UNSUBSCRIBE, unsubscribe -> onUnsubscribe(unsubscribe.handle()));
        bus.on(Routing.HANDOVER, handovers::handOver);
        bus.answer(Routing.TOPICS, () -> Future.succeededFuture(new Topics(interest.counts())));
        bus.on(Membership.PEER_UP, up -> {
            routes.addPeer(up.peer().id());
            early.memberUp(up.peer());
        });
        bus.on(Membership.PEER_DOWN, down -> {
            routes.removePeer(down.id());
            retaining.peerGone(down.id());
        });
        bus.on(Membership.PEER_INTEREST, this::onPeerInterest);
        bus.on(Lifecycle.CONFIG_CHANGED, changed -> apply(changed.after()));
        bus.on(Lifecycle.LISTENER_BOUND, bound -> {
            if (bound.listener() == Lifecycle.Listener.APP) {
                early.begin(System.nanoTime());
            }
        });
        bus.answer(
                Lifecycle.FLUSH_ROUTES,
                flush -> Drain.until(vertx, forwarder::underWay, flush.withinMs())
                        .map(Lifecycle.Flushed::new));
        reapAfter(settings.delivery().ttlReaperIntervalMs());
        return Future.succeededFuture();
    }

    private void onPeerInterest(Membership.PeerInterest known) {
        routes.setPeerInterest(known.id(), known.filters());
        bus.publish(Routing.PEER_ROUTES, new Routing.PeerRoutes(known.id(), known.filters()));
        List<Forwarding> owed = early.claim(known.id(), known.filters(), System.nanoTime());
        if (!owed.isEmpty()) {
            LOG.info("publishes of the first moments go to a peer peer={} messages={}", known.id(), owed.size());
            meters.targets(owed.size());
            forwarder.forward(owed);
        }
    }

    /** Applies changed limits; what is too much now goes. */
    private void apply(Settings changed) {
        boolean otherReaping =
                settings.delivery().ttlReaperIntervalMs() != changed.delivery().ttlReaperIntervalMs();
        settings = changed;
        if (otherReaping) {
            vertx.cancelTimer(reapTimer);
            reapAfter(changed.delivery().ttlReaperIntervalMs());
        }
        topicMeters.setLimit(changed.metrics().topics());
        history.setLimits(
                changed.history().messagesPerTopic(), changed.history().maxBytes());
        early.setLimits(changed.mesh().outboundQueueLimit(), changed.mesh().outboundQueueBytes());
        retaining.setLimits(changed.retained().maxMessages(), changed.retained().maxBytes());
    }

    private void reapAfter(int intervalMs) {
        reapTimer = vertx.setTimer(intervalMs, timer -> {
            long nowNs = System.nanoTime();
            history.reap(nowNs);
            retaining.reap(nowNs);
            reapAfter(settings.delivery().ttlReaperIntervalMs());
        });
    }

    private Future<Published> onPublish(Publish publish) {
        List<Integer> receivers = new ArrayList<>(publish.envelopes().size());
        Burst burst = new Burst(history, meters, false);
        long nowNs = System.nanoTime();
        Spans.Maker spans = bus.spans().maker();
        for (Envelope accepted : publish.envelopes()) {
            Spans.Span span = spans == null ? null : spans.begin(Spans.Step.ROUTE, accepted);
            meters.payload(accepted.payload().size());
            topicMeters.count(accepted, false);
            Envelope envelope = accepted.retain() ? retaining.published(accepted) : accepted;
            RouteTable.Route route = routes.route(envelope.topic());
            List<Pick> picks = route.shares().isEmpty() ? List.of() : new ArrayList<>();
            ReceiverList peers = new ReceiverList(route.peers());
            for (String share : route.shares()) {
                Optional<Long> member = routes.shares().pickMember(share);
                if (member.isPresent()) {
                    pick(picks, member.get(), share, 0);
                } else {
                    routes.shares().pickNode(share).ifPresent(id -> peers.share(id, share));
                }
            }
            receivers.add(route.subscriptions().size() + picks.size() + peers.size());
            if (envelope.retain()) {
                peers.addAll(routes.peers());
            }
            burst.deliver(receivers.size() - 1, envelope, route.subscriptions(), picks);
            List<Receiver> to = peers.receivers();
            early.add(envelope, to, route.shares(), nowNs);
            burst.forward(receivers.size() - 1, envelope, to);
            if (span != null) {
                span.put("nexusd.subscriptions", route.subscriptions().size() + picks.size());
                span.put("nexusd.peers", to.size());
                span.end();
            }
            sightings.saw(envelope, false, route.subscriptions().size() + picks.size(), to.size());
        }
        sightings.flush();
        meters.published(receivers.size());
        burst.countTargets();
        Future<List<FullQueues>> atSubscribers = deliver(burst);
        Future<List<FullQueues>> atLinks = forward(burst);
        return atSubscribers.compose(here ->
                atLinks.map(there -> new Published(receivers, there.isEmpty() ? here : both(here, there))));
    }

    private Future<List<FullQueues>> deliver(Burst burst) {
        return burst.deliveries().isEmpty()
                ? NOTHING_FULL
                : bus.request(Routing.DELIVER, new Deliver(burst.deliveries()))
                        .map(delivered -> burst.ofDeliveries(delivered.full()))
                        .otherwise(List.of());
    }

    /** Does not wait for the links as long as they keep up. */
    private Future<List<FullQueues>> forward(Burst burst) {
        if (burst.forwardings().isEmpty()) {
            return NOTHING_FULL;
        }
        boolean wait =
                forwarder.isBehind() || settings.delivery().backpressurePolicy() == Settings.BackpressurePolicy.BLOCK;
        Future<List<FullQueues>> queued = forwarder
                .forward(burst.forwardings())
                .map(forwarded -> burst.ofForwardings(forwarded.full()))
                .otherwise(List.of());
        return wait ? queued : NOTHING_FULL;
    }

    private static List<FullQueues> both(List<FullQueues> some, List<FullQueues> others) {
        List<FullQueues> all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }

    private Future<Void> onPeerMessages(PeerMessages messages) {
        Burst burst = new Burst(history, meters, true);
        List<Handed> homeless = new ArrayList<>(0);
        GroupNumbers numbers = null;
        Spans.Maker spans = bus.spans().maker();
        for (int i = 0; i < messages.messages().size(); i++) {
            Incoming incoming = messages.messages().get(i);
            Envelope envelope = incoming.envelope();
            if (messages.fromBase() && !seen.isNew(envelope.messageId())) {
                continue;
            }
            Spans.Span span = spans == null ? null : spans.begin(Spans.Step.ROUTE, envelope);
            topicMeters.count(envelope, true);
            RouteTable.Route route = routes.route(envelope.topic());
            List<Long> subscriptions = incoming.plain() ? route.subscriptions() : List.of();
            if (envelope.retain()) {
                subscriptions = retaining.pushed(envelope, subscriptions);
            }
            List<String> shares = messages.fromBase() ? sharesToTake(route) : incoming.shares();
            List<Pick> picks = shares.isEmpty() ? List.of() : new ArrayList<>();
            for (String share : shares) {
                Optional<Long> member = routes.shares().pickMember(share);
                if (member.isPresent()) {
                    pick(picks, member.get(), share, incoming.hops());
                } else {
                    meters.targets(1);
                    homeless.add(new Handed(envelope, share, incoming.hops(), 0));
                }
            }
            if (incoming.plain()) {
                burst.deliver(i, envelope, subscriptions, picks);
            } else if (!picks.isEmpty()) {
                numbers = numbers == null ? new GroupNumbers(history, routes) : numbers;
                boolean handedOver = incoming.hops() > 0;
                burst.deliverNumbered(
                        i, envelope, handedOver ? numbers.ofHandedOver(envelope) : numbers.ofNew(envelope), picks);
            }
            if (span != null) {
                span.put("nexusd.subscriptions", subscriptions.size() + picks.size());
                span.end();
            }
            sightings.saw(envelope, true, subscriptions.size() + picks.size(), 0);
        }
        sightings.flush();
        burst.countTargets();
        if (!homeless.isEmpty()) {
            handovers.handOver(new Handover(homeless));
        }
        if (burst.deliveries().isEmpty()) {
            return Future.succeededFuture();
        }
        return bus.request(Routing.DELIVER, new Deliver(burst.deliveries())).mapEmpty();
    }

    private List<String> sharesToTake(RouteTable.Route route) {
        return route.shares().stream()
                .filter(share -> routes.shares().isFirst(share, self))
                .toList();
    }

    private Future<Subscribed> onSubscribe(Subscribe subscribe) {
        List<String> held = subscribe.group().isEmpty()
                ? subscribe.filters()
                : subscribe.filters().stream()
                        .map(filter -> new Share(subscribe.group(), filter).interest())
                        .toList();
        routes.addSubscription(subscribe.handle(), held);
        boolean changed = false;
        for (String one : held) {
            changed |= interest.add(one);
        }
        if (changed) {
            interestChanged();
        }
        boolean retained = subscribe.wantsRetained() && subscribe.group().isEmpty();
        return Future.succeededFuture(
                new Subscribed(retained ? retaining.subscribed(subscribe.handle(), subscribe.filters()) : List.of()));
    }

    private void onUnsubscribe(long handle) {
        retaining.unsubscribed(handle);
        boolean changed = false;
        for (String one : routes.removeSubscription(handle)) {
            changed |= interest.remove(one);
        }
        if (changed) {
            interestChanged();
        }
    }

    private void interestChanged() {
        activeTopics.set(interest.size());
        if (!interestTimerSet) {
            interestTimerSet = true;
            vertx.setTimer(tellingPace.waitMs(System.nanoTime()), timer -> {
                interestTimerSet = false;
                long beganNs = System.nanoTime();
                bus.publish(Routing.LOCAL_INTEREST, interest.snapshot());
                tellingPace.told(beganNs, System.nanoTime());
            });
        }
    }

    /** A subscription that was picked for two shares still gets the message once. */
    private static void pick(List<Pick> picks, long handle, String share, int hops) {
        if (picks.stream().noneMatch(pick -> pick.handle() == handle)) {
            picks.add(new Pick(handle, share, hops));
        }
    }
}
