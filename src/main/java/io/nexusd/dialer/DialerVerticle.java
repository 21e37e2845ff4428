package io.nexusd.dialer;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Drain;
import io.nexusd.bus.Inspection;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Links;
import io.nexusd.bus.Links.BeaconHeard;
import io.nexusd.bus.Links.KnownMembers;
import io.nexusd.bus.Links.NodeState;
import io.nexusd.bus.Links.OwnBeat;
import io.nexusd.bus.Links.PeerArrived;
import io.nexusd.bus.Membership;
import io.nexusd.bus.Membership.PeerDown;
import io.nexusd.bus.Membership.Reason;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Retention;
import io.nexusd.bus.Routing;
import io.nexusd.dialer.Candidate.Source;
import io.nexusd.model.NodeId;
import io.nexusd.model.Settings;
import io.nexusd.wire.MonotonicClock;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.grpc.common.GrpcStatus;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reaches peers and keeps a link to each. Owns every outbound link and what waits to go over it. In: endpoints from the
 * configuration, DNS, datagrams, inbound links and other members; the membership; messages to forward. Out: links up and down,
 * beats, states and members of peers.
 */
public final class DialerVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(DialerVerticle.class);

    /** What is on its way to a peer that leaves has this long; its own drain is not much longer. */
    private static final int LEAVING_PEER_MS = 1_000;

    private final Bus bus;
    private Settings settings;
    private final NodeId self;
    private final Meters meters;
    private final DialBook book;
    private final FirstRound firstRound = new FirstRound();
    private final Farewells<Link> farewells = new Farewells<>();

    private Channels channels;
    private SilentLinks silent;
    private Resolver resolver;
    private Dialing dialing;
    private DialLoop loop;
    private ConfiguredPeers configured;
    private long reapTimer;
    private OwnBeat ownBeat;
    /** Written here, read by a metrics scrape on another thread. */
    private final AtomicLong waiting = new AtomicLong();

    private boolean stopping;

    public DialerVerticle(Bus bus, Settings settings, NodeId self, Meters meters) {
        this.bus = bus;
        this.settings = settings;
        this.self = self;
        this.meters = meters;
        Settings.Peers peers = settings.peers();
        this.book = new DialBook(backoff(peers), peers.retryMaxIntervalMs());
    }

    private static Backoff backoff(Settings.Peers peers) {
        return new Backoff(
                peers.retryCount(), peers.retryIntervalMs(), peers.retryMaxIntervalMs(), new SplittableRandom());
    }

    @Override
    public Future<?> start() {
        channels = new Channels(vertx, bus, meters, () -> settings, this::onBroken);
        resolver = new Resolver(context);
        dialing = new Dialing(vertx, resolver, settings, meters);
        loop = new DialLoop(vertx, bus, meters, self, () -> settings, book, dialing, channels, this::tried);
        silent = new SilentLinks(bus, meters, self, dialing, channels, () -> settings, this::onBroken);
        bus.on(Links.OWN_BEAT, this::onOwnBeat);
        bus.on(Links.BEACON_HEARD, this::onBeacon);
        bus.on(Links.PEER_ARRIVED, this::onPeerArrived);
        bus.on(Links.PEER_LEARNED, learned -> onPeerLearned(learned.member()));
        bus.on(Lifecycle.CONFIG_CHANGED, changed -> apply(changed.after()));
        bus.on(Membership.PEER_UP, up -> onPeerUp(up.peer().id()));
        bus.on(Membership.PEER_DOWN, this::onPeerDown);
        bus.on(Membership.PEER_SUSPECTED, silent::onSuspected);
        bus.answer(Routing.FORWARD, forward -> channels.forward(forward).map(Routing.Forwarded::new));
        bus.on(Routing.PEER_ROUTES, channels::routed);
        bus.answer(Retention.FETCH_DIGEST, fetch -> {
            Link link = channels.link(fetch.id());
            return link == null
                    ? notLinked(fetch.id())
                    : link.fetchRetainedDigest(fetch.bucketHashes(), fetch.fromBucket());
        });
        bus.answer(Retention.FETCH_MESSAGES, fetch -> {
            Link link = channels.link(fetch.id());
            return link == null ? notLinked(fetch.id()) : link.fetchRetained(fetch.topics());
        });
        meters.gauge("nexusd.messages.queued", Meters.QUEUED, waiting, "where", "links");
        reapAfter(settings.delivery().ttlReaperIntervalMs());
        bus.on(Lifecycle.DRAINING, draining -> {
            stopping = true;
            loop.stop();
            silent.stop();
        });
        bus.answer(Links.FETCH_STATE, fetch -> fetchState(fetch.id()));
        bus.answer(Links.FETCH_MEMBERS, fetch -> fetchMembers(fetch.id()));
        bus.answer(Inspection.FETCH_VIEW, fetch -> {
            Link link = channels.link(fetch.id());
            return link == null ? notLinked(fetch.id()) : link.fetchView();
        });
        bus.answer(Inspection.QUEUES, () -> Future.succeededFuture(new Inspection.Queues(channels.queues())));
        bus.answer(
                Lifecycle.FLUSH_LINKS,
                flush -> Drain.until(vertx, channels::waiting, flush.withinMs()).map(Lifecycle.Flushed::new));
        configured = new ConfiguredPeers(vertx, bus, settings, book, resolver, firstRound, loop::wake, this::tried);
        configured.start();
        startFirstRound();
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        resolver.close();
        dialing.close();
        return Future.succeededFuture();
    }

    private void startFirstRound() {
        Settings.Peers peers = settings.peers();
        boolean isConfigured = !peers.staticPeers().isEmpty() || !peers.dns().isEmpty();
        int roundMs =
                isConfigured ? peers.dialTimeoutMs() : settings.discovery().beaconIntervalMs();
        vertx.setTimer(roundMs, timer -> {
            if (firstRound.finish()) {
                bus.publish(Lifecycle.FIRST_ROUND_DONE);
            }
        });
    }

    /** Links that nothing speaks against are not touched. */
    private void apply(Settings changed) {
        Settings before = settings;
        Settings.Peers peers = changed.peers();
        settings = changed;
        if (before.delivery().ttlReaperIntervalMs() != changed.delivery().ttlReaperIntervalMs()) {
            vertx.cancelTimer(reapTimer);
            reapAfter(changed.delivery().ttlReaperIntervalMs());
        }
        channels.applyLimits();
        dialing.apply(changed);
        if (!peers.equals(before.peers())) {
            int longestWaitMs = Math.max(peers.retryIntervalMs(), peers.retryMaxIntervalMs());
            book.setTimes(backoff(peers), peers.retryMaxIntervalMs(), longestWaitMs, MonotonicClock.nowMs());
            configured.apply(before, changed);
        }
        loop.wake();
    }

    private void onOwnBeat(OwnBeat beat) {
        boolean first = ownBeat == null;
        OwnBeat before = ownBeat;
        ownBeat = beat;
        loop.useBeat(beat);
        if (!first && !before.self().clusterId().equals(beat.self().clusterId())) {
            onClusterChanged();
        } else if (!first && !before.self().equals(beat.self())) {
            channels.links().forEach(link -> link.identify(beat));
        }
        channels.links().forEach(link -> link.beat(beat));
        silent.onBeat(beat);
        if (first) {
            loop.wake();
        }
    }

    private void onBeacon(BeaconHeard heard) {
        NodeId id = heard.beat().id();
        Link link = channels.link(id);
        configured.named(id);
        if (link != null) {
            link.heardElsewhere(heard.beat().topicHash());
        } else if (!heard.beat().leaving()) {
            loop.offerBoth(heard.beat().mesh(), heard.fromIp(), Source.MULTICAST, id);
        }
    }

    private void onClusterChanged() {
        // Members were given up when gossip left the cluster, and what still goes out to them may; others are closed.
        book.startAgain(MonotonicClock.nowMs());
        channels.closeStrangers();
        loop.wake();
    }

    /** Hearsay: not believed of a node that was let go, and of a linked one taken for its next address. */
    private void onPeerLearned(Links.Member member) {
        if (!configured.isLetGo(member.id())) {
            loop.offer(member.mesh(), Source.LEARNED, member.id(), 0);
            member.observed()
                    .forEach(endpoint ->
                            loop.offer(endpoint, Source.LEARNED, member.id(), DialBook.ALTERNATIVE_DELAY_MS));
            loop.wake();
        }
    }

    private void onPeerArrived(PeerArrived arrived) {
        configured.named(arrived.peer().id());
        if (channels.isLinked(arrived.peer().id())) {
            // It may have moved: when the link breaks it is dialed there.
            book.offer(arrived.peer().mesh(), Source.INBOUND, arrived.peer().id(), 0, MonotonicClock.nowMs());
            loop.wake();
        } else {
            loop.offerBoth(
                    arrived.peer().mesh(),
                    arrived.fromIp(),
                    Source.INBOUND,
                    arrived.peer().id());
        }
    }

    private void tried(Object endpointOrName) {
        firstRound.tried(endpointOrName);
        if (firstRound.endsNow()) {
            bus.publish(Lifecycle.FIRST_ROUND_DONE);
        }
    }

    private void onBroken(NodeId id, String reason) {
        if (stopping) {
            // This node ends its links itself; nobody is left to be told.
            LOG.debug("link down peer={} reason={}", id, reason);
            return;
        }
        LOG.info("link down, dialing again peer={} name={} reason={}", id, loop.nameOf(id), reason);
        bus.publish(Links.LINK_DOWN, new Links.LinkDown(id));
        book.linkLost(id, MonotonicClock.nowMs());
        // The peer was told by its configuration to let this node go; who has it configured here dials on.
        if (reason.startsWith(GrpcStatus.ABORTED.name()) && !book.isNamed(id)) {
            book.forget(id);
            configured.letGo(id);
        }
        loop.wake();
    }

    private void onPeerUp(NodeId id) {
        if (farewells.isBackOverOldLink(id, channels.link(id))) {
            channels.unlink(id);
            book.linkLost(id, MonotonicClock.nowMs());
            loop.wake();
        }
        channels.memberUp(id);
    }

    private void onPeerDown(PeerDown down) {
        NodeId id = down.id();
        silent.forget(id);
        boolean mayDrain = down.reason() == Reason.LEFT || down.reason() == Reason.DISMISSED;
        if (mayDrain && !stopping) {
            // It drains, or is let go: what is on its way to it may still arrive. New messages are not for it any more.
            Farewells.Farewell<Link> farewell = farewells.left(id, channels.link(id));
            Drain.until(vertx, () -> channels.waitingFor(id), LEAVING_PEER_MS).onComplete(done -> {
                if (farewells.isOver(id, farewell)) {
                    giveUp(id, true, Optional.empty());
                }
            });
        } else {
            giveUp(id, down.reason() == Reason.REPLACED, down.successor());
        }
    }

    private void reapAfter(int intervalMs) {
        reapTimer = vertx.setTimer(intervalMs, timer -> {
            channels.reap(System.nanoTime());
            waiting.set(channels.waiting());
            reapAfter(settings.delivery().ttlReaperIntervalMs());
        });
    }

    private void giveUp(NodeId id, boolean forGood, Optional<NodeId> successor) {
        channels.memberDown(id, successor);
        long nowMono = MonotonicClock.nowMs();
        book.linkLost(id, nowMono);
        successor.ifPresent(instance -> book.replaced(id, instance, nowMono));
        if (forGood) {
            book.forget(id);
        }
        loop.wake();
    }

    private Future<NodeState> fetchState(NodeId id) {
        Link link = channels.link(id);
        return link == null ? notLinked(id) : link.fetchState();
    }

    private Future<KnownMembers> fetchMembers(NodeId id) {
        Link link = channels.link(id);
        return link == null ? notLinked(id) : link.fetchMembers();
    }

    private static <T> Future<T> notLinked(NodeId id) {
        return Future.failedFuture("no link to " + id);
    }
}
