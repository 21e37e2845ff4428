package io.nexusd.dialer;

import io.micrometer.core.instrument.Tags;
import io.nexusd.bus.Bus;
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
import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import io.nexusd.model.Settings;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.grpc.common.GrpcStatus;
import java.util.HashSet;
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

    private final Bus bus;
    private Settings settings;
    private final NodeId self;
    private final Meters meters;
    private final DialBook book;
    private final FirstRound firstRound = new FirstRound();
    /** Nodes that were linked before, for the count of reconnects; bounded by forgetting all when it grows too large. */
    private final HashSet<NodeId> linkedBefore = new HashSet<>();

    private Channels channels;
    private SilentLinks silent;
    private Resolver resolver;
    private Dialing dialing;
    private ConfiguredPeers configured;
    private long reapTimer;
    private OwnBeat ownBeat;
    /** Written here, read by a metrics scrape on another thread. */
    private final AtomicLong waiting = new AtomicLong();

    private long wakeTimer = -1;
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
        silent = new SilentLinks(bus, meters, self, dialing, channels, () -> settings, this::onBroken);
        bus.on(Links.OWN_BEAT, this::onOwnBeat);
        bus.on(Links.BEACON_HEARD, this::onBeacon);
        bus.on(Links.PEER_ARRIVED, this::onPeerArrived);
        bus.on(Links.PEER_LEARNED, learned -> onPeerLearned(learned.member()));
        bus.on(Lifecycle.CONFIG_CHANGED, changed -> apply(changed.after()));
        bus.on(Membership.PEER_UP, up -> channels.memberUp(up.peer().id()));
        bus.on(Membership.PEER_DOWN, this::onPeerDown);
        bus.on(Membership.PEER_SUSPECTED, silent::onSuspected);
        bus.answer(Routing.FORWARD, forward -> channels.forward(forward).map(v -> new Routing.Forwarded()));
        bus.on(Routing.PEER_ROUTES, channels::routed);
        bus.answer(Retention.FETCH_DIGEST, fetch -> {
            Link link = channels.link(fetch.id());
            return link == null ? notLinked(fetch.id()) : link.fetchRetainedDigest(fetch.bucketHashes());
        });
        bus.answer(Retention.FETCH_MESSAGES, fetch -> {
            Link link = channels.link(fetch.id());
            return link == null ? notLinked(fetch.id()) : link.fetchRetained(fetch.topics());
        });
        meters.registry().gauge("nexusd.messages.queued", Tags.of("where", "links"), waiting);
        reapAfter(settings.delivery().ttlReaperIntervalMs());
        bus.on(Lifecycle.DRAINING, draining -> {
            stopping = true;
            silent.stop();
        });
        bus.answer(Links.FETCH_STATE, fetch -> fetchState(fetch.id()));
        bus.answer(Links.FETCH_MEMBERS, fetch -> fetchMembers(fetch.id()));
        bus.answer(Inspection.FETCH_VIEW, fetch -> {
            Link link = channels.link(fetch.id());
            return link == null ? notLinked(fetch.id()) : link.fetchView();
        });
        bus.answer(Inspection.QUEUES, wanted -> Future.succeededFuture(new Inspection.Queues(channels.queues())));
        bus.answer(
                Lifecycle.FLUSH_LINKS,
                flush -> Drain.until(vertx, channels::waiting, flush.withinMs()).map(Lifecycle.Flushed::new));
        configured = new ConfiguredPeers(vertx, bus, settings, book, resolver, firstRound, this::wake, this::tried);
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
                bus.publish(Lifecycle.FIRST_ROUND_DONE, new Lifecycle.FirstRoundDone());
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
            book.setTimes(backoff(peers), peers.retryMaxIntervalMs(), longestWaitMs, monoMs());
            configured.apply(before, changed);
        }
        wake();
    }

    private void onOwnBeat(OwnBeat beat) {
        boolean first = ownBeat == null;
        OwnBeat before = ownBeat;
        ownBeat = beat;
        if (!first && !before.self().clusterId().equals(beat.self().clusterId())) {
            onClusterChanged();
        } else if (!first && !before.self().equals(beat.self())) {
            channels.links().forEach(link -> link.identify(beat));
        }
        channels.links().forEach(link -> link.beat(beat));
        silent.onBeat(beat);
        if (first) {
            wake();
        }
    }

    private void onBeacon(BeaconHeard heard) {
        NodeId id = heard.beat().id();
        Link link = channels.link(id);
        configured.named(id);
        if (link != null) {
            link.heardElsewhere(heard.beat().topicHash());
        } else if (!heard.beat().leaving()) {
            offerBoth(heard.beat().mesh(), heard.fromIp(), Source.MULTICAST, id);
        }
    }

    private void onClusterChanged() {
        // Members were given up when gossip left the cluster, and what still goes out to them may; others are closed.
        book.startAgain(monoMs());
        channels.closeStrangers();
        wake();
    }

    /** Hearsay: not believed of a node that was let go, and of a linked one taken for its next address. */
    private void onPeerLearned(Links.Member member) {
        if (!configured.isLetGo(member.id())) {
            offer(member.mesh(), Source.LEARNED, member.id(), 0);
            wake();
        }
    }

    private void onPeerArrived(PeerArrived arrived) {
        configured.named(arrived.peer().id());
        if (channels.isLinked(arrived.peer().id())) {
            // It may have moved: when the link breaks it is dialed there.
            book.offer(arrived.peer().mesh(), Source.INBOUND, arrived.peer().id(), 0, monoMs());
            wake();
        } else {
            offerBoth(
                    arrived.peer().mesh(),
                    arrived.fromIp(),
                    Source.INBOUND,
                    arrived.peer().id());
        }
    }

    /** What a node says of its address may be wrong or unreachable from here; where it was heard from is the second choice. */
    private void offerBoth(Endpoint said, String fromIp, Source source, NodeId id) {
        offer(said, source, id, 0);
        if (!fromIp.isEmpty() && !fromIp.equals(said.host())) {
            offer(new Endpoint(fromIp, said.port()), source, id, DialBook.ALTERNATIVE_DELAY_MS);
        }
        wake();
    }

    private void offer(Endpoint endpoint, Source source, NodeId id, long delayMs) {
        if (!id.equals(self) && !channels.isLinked(id)) {
            book.offer(endpoint, source, id, delayMs, monoMs());
        }
    }

    /** Dials what is due and sets the timer for what comes next. */
    private void wake() {
        // On the way to another cluster nobody is dialed for the old one.
        if (ownBeat == null || stopping || ownBeat.beat().leaving()) {
            return;
        }
        long nowMono = monoMs();
        book.takeDue(channels::isLinked, nowMono).forEach(this::dial);
        if (wakeTimer >= 0) {
            vertx.cancelTimer(wakeTimer);
            wakeTimer = -1;
        }
        book.nextDueMono()
                .ifPresent(due -> wakeTimer = vertx.setTimer(Math.max(1, due - nowMono), timer -> {
                    wakeTimer = -1;
                    wake();
                }));
    }

    private void dial(Candidate candidate) {
        LOG.debug("dialing endpoint={} attempt={}", candidate.endpoint, candidate.failures + 1);
        int withinMs = settings.peers().dialTimeoutMs();
        dialing.dial(candidate.endpoint, ownBeat, link -> link.peer().id().equals(self), withinMs)
                .onComplete(result -> {
                    if (result.succeeded()) {
                        onReached(candidate, result.result());
                    } else {
                        onFailed(candidate, result.cause());
                    }
                    tried(candidate.endpoint);
                    wake();
                });
    }

    private void onReached(Candidate candidate, Link link) {
        NodeId id = link.peer().id();
        long nowMono = monoMs();
        if (id.equals(self)) {
            book.answeredBySelf(candidate, nowMono);
            link.close();
        } else if (!book.contains(candidate) || stopping) {
            link.close();
        } else if (!link.peer().clusterId().equals(ownBeat.self().clusterId())) {
            // The dial was begun for another cluster than that of now.
            link.close();
            book.refused(candidate, "", nowMono);
        } else if (channels.isLinked(id)) {
            book.alias(candidate, id, nowMono);
            link.close();
        } else {
            book.linked(candidate, id, nowMono);
            LOG.info(
                    "link up peer={} name={} endpoint={} protocol={}",
                    id,
                    link.peer().name(),
                    link.dialed(),
                    link.peer().protocolVersion());
            countReconnect(id);
            bus.publish(Links.LINK_UP, new Links.LinkUp(link.peer(), link.dialed(), link.topicHash()));
            link.beat(ownBeat);
            channels.linked(link);
            if (!link.retained().isEmpty()) {
                bus.publish(Retention.BASE_RETAINED, new Retention.BaseRetained(id, link.retained()));
            }
        }
    }

    private void onFailed(Candidate candidate, Throwable e) {
        Settings.Peers peers = settings.peers();
        if (e instanceof Dialing.OtherClusterException) {
            if (book.refused(candidate, e.getMessage(), monoMs())) {
                LOG.warn("other cluster endpoint={}: {}", candidate.endpoint, e.getMessage());
            }
            return;
        }
        switch (book.failed(candidate, monoMs())) {
            case FIRST ->
                LOG.info("peer not reached, dialing on endpoint={} error={}", candidate.endpoint, e.getMessage());
            case EXHAUSTED ->
                LOG.warn(
                        "peer not reached in {} attempts, dialing on with waits of up to {} ms endpoint={} error={}",
                        peers.retryCount(),
                        peers.retryMaxIntervalMs(),
                        candidate.endpoint,
                        e.getMessage());
            case FORGOTTEN ->
                LOG.info("peer not reached, forgotten endpoint={} error={}", candidate.endpoint, e.getMessage());
            case AGAIN ->
                LOG.debug(
                        "peer not reached endpoint={} attempt={} error={}",
                        candidate.endpoint,
                        candidate.failures,
                        e.getMessage());
        }
    }

    private void tried(Object endpointOrName) {
        firstRound.tried(endpointOrName);
        if (firstRound.endsNow()) {
            bus.publish(Lifecycle.FIRST_ROUND_DONE, new Lifecycle.FirstRoundDone());
        }
    }

    private void countReconnect(NodeId id) {
        if (linkedBefore.size() > DialBook.MAX_CANDIDATES) {
            linkedBefore.clear();
        }
        if (!linkedBefore.add(id)) {
            meters.reconnected();
        }
    }

    private void onBroken(NodeId id, String reason) {
        if (stopping) {
            // This node ends its links itself; nobody is left to be told.
            LOG.debug("link down peer={} reason={}", id, reason);
            return;
        }
        LOG.info("link down peer={} reason={}", id, reason);
        bus.publish(Links.LINK_DOWN, new Links.LinkDown(id, reason));
        book.linkLost(id, monoMs());
        // The peer was told by its configuration to let this node go; who has it configured here dials on.
        if (reason.startsWith(GrpcStatus.ABORTED.name()) && !book.isNamed(id)) {
            book.forget(id);
            configured.letGo(id);
        }
        wake();
    }

    private void onPeerDown(PeerDown down) {
        NodeId id = down.id();
        silent.forget(id);
        boolean mayDrain = down.reason() == Reason.LEFT || down.reason() == Reason.DISMISSED;
        if (mayDrain && !stopping) {
            // It drains, or is let go: what is on its way to it may still arrive. New messages are not for it any more.
            Drain.until(vertx, () -> channels.waitingFor(id), Drain.LEAVING_PEER_MS)
                    .onComplete(done -> giveUp(id, true, Optional.empty()));
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
        book.linkLost(id, monoMs());
        if (forGood) {
            book.forget(id);
        }
        wake();
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

    private static long monoMs() {
        return System.nanoTime() / 1_000_000;
    }
}
