package io.nexusd.dialer;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Links;
import io.nexusd.bus.Links.OwnBeat;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Retention;
import io.nexusd.dialer.Candidate.Source;
import io.nexusd.model.Endpoint;
import io.nexusd.model.IpAddress;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import io.nexusd.model.Settings;
import io.nexusd.wire.MonotonicClock;
import io.nexusd.wire.SparingLog;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Dials what is due, each endpoint on its own, and says how it went. Owns the timer of the next dial. In: endpoints, this node's
 * beat. Out: links into the channels, LINK_UP, what to try again into the book. Lives on dialer's event loop.
 */
final class DialLoop {
    private static final Logger LOG = LoggerFactory.getLogger(DialLoop.class);
    private static final long NO_TIMER = -1;

    /** Lines about endpoints that a forged datagram can name; the rest is told at DEBUG. */
    private static final int STRANGER_LINES = 10;

    private static final long STRANGER_WINDOW_MS = 60_000;

    private final Vertx vertx;
    private final Bus bus;
    private final Meters meters;
    private final NodeId self;
    private final Supplier<Settings> settings;
    private final DialBook book;
    private final Dialing dialing;
    private final Channels channels;
    private final Consumer<Object> tried;
    private final SparingLog strangers;
    /** Names of nodes that are or were linked; bounded by forgetting all when it grows too large. */
    private final Map<NodeId, String> nameByLinked = new HashMap<>();

    private OwnBeat ownBeat;
    private long wakeTimer = NO_TIMER;
    private boolean stopped;

    /**
     * Makes it; nothing is dialed before the first beat.
     *
     * @param tried is told of each endpoint that was dialed, whatever came of it
     */
    DialLoop(
            Vertx vertx,
            Bus bus,
            Meters meters,
            NodeId self,
            Supplier<Settings> settings,
            DialBook book,
            Dialing dialing,
            Channels channels,
            Consumer<Object> tried) {
        this.vertx = vertx;
        this.bus = bus;
        this.meters = meters;
        this.self = self;
        this.settings = settings;
        this.book = book;
        this.dialing = dialing;
        this.channels = channels;
        this.tried = tried;
        strangers = new SparingLog(
                vertx,
                STRANGER_LINES,
                STRANGER_WINDOW_MS,
                untold -> LOG.info(
                        "more endpoints that are configured nowhere were not reached lines_left_untold={}", untold));
    }

    /** From now on links begin with this. */
    void useBeat(OwnBeat beat) {
        ownBeat = beat;
    }

    /** Dials nobody any more. */
    void stop() {
        stopped = true;
    }

    /** Offers an endpoint of a node that is not linked yet. */
    void offer(Endpoint endpoint, Source source, NodeId id, long delayMs) {
        if (!id.equals(self) && !channels.isLinked(id) && isDialable(endpoint)) {
            book.offer(endpoint, source, id, delayMs, MonotonicClock.nowMs());
        }
    }

    /** What a node says of its address may be wrong or unreachable from here; where it was heard from is the second choice. */
    void offerBoth(Endpoint said, String fromIp, Source source, NodeId id) {
        offer(said, source, id, 0);
        Endpoint from = fromIp.isEmpty() ? said : new Endpoint(fromIp, said.port());
        if (!from.equals(said)) {
            offer(from, source, id, isDialable(said) ? DialBook.ALTERNATIVE_DELAY_MS : 0);
        }
        wake();
    }

    /** A link-local address that another node states lacks the interface of this host behind which it is. */
    private static boolean isDialable(Endpoint endpoint) {
        return IpAddress.parse(endpoint.host()).filter(IpAddress::lacksZone).isEmpty();
    }

    /** Dials what is due and sets the timer for what comes next. */
    void wake() {
        // On the way to another cluster nobody is dialed for the old one.
        if (ownBeat == null || stopped || ownBeat.beat().leaving()) {
            return;
        }
        long nowMono = MonotonicClock.nowMs();
        book.takeDue(channels::isLinked, nowMono).forEach(this::dial);
        if (wakeTimer != NO_TIMER) {
            vertx.cancelTimer(wakeTimer);
            wakeTimer = NO_TIMER;
        }
        book.nextDueMono()
                .ifPresent(due -> wakeTimer = vertx.setTimer(Math.max(1, due - nowMono), timer -> {
                    wakeTimer = NO_TIMER;
                    wake();
                }));
    }

    private void dial(Candidate candidate) {
        LOG.debug("dialing endpoint={} attempt={}", candidate.endpoint, candidate.failures + 1);
        int withinMs = settings.get().peers().dialTimeoutMs();
        NodeId expected = candidate.peer;
        OwnBeat stated = ownBeat;
        dialing.dial(candidate.endpoint, stated, link -> link.peer().id().equals(self), withinMs)
                .onComplete(result -> {
                    if (result.succeeded()) {
                        onReached(candidate, expected, stated, result.result());
                    } else {
                        onFailed(candidate, result.cause());
                    }
                    tried.accept(candidate.endpoint);
                    wake();
                });
    }

    private void onReached(Candidate candidate, NodeId expected, OwnBeat stated, Link link) {
        NodeId id = link.peer().id();
        long nowMono = MonotonicClock.nowMs();
        if (expected != null && !expected.equals(id)) {
            bus.publish(Links.ADDRESS_MISLED, new Links.AddressMisled(expected, candidate.endpoint, link.peer()));
        }
        if (id.equals(self)) {
            book.answeredBySelf(candidate, nowMono);
            link.close();
        } else if (!book.contains(candidate) || stopped) {
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
            linked(link);
            if (!stated.self().equals(ownBeat.self())) {
                // The name or the address has changed while the peer was dialed.
                link.identify(ownBeat);
            }
        }
    }

    private void linked(Link link) {
        NodeId id = link.peer().id();
        LOG.info(
                "link up peer={} name={} endpoint={} protocol={}",
                id,
                link.peer().name(),
                link.dialed(),
                link.peer().protocolVersion());
        countReconnect(link.peer());
        bus.publish(Links.LINK_UP, new Links.LinkUp(link.peer(), link.dialed(), link.topicHash(), link.ownIp()));
        link.beat(ownBeat);
        channels.linked(link);
        if (!link.retained().isEmpty()) {
            bus.publish(Retention.BASE_RETAINED, new Retention.BaseRetained(id, link.retained()));
        }
    }

    private void onFailed(Candidate candidate, Throwable e) {
        Settings.Peers peers = settings.get().peers();
        if (e instanceof Dialing.OtherClusterException) {
            if (book.refused(candidate, e.getMessage(), MonotonicClock.nowMs()) && isTold(candidate)) {
                LOG.warn("other cluster endpoint={}: {}", candidate.endpoint, e.getMessage());
            }
            return;
        }
        DialBook.Verdict verdict = book.failed(candidate, MonotonicClock.nowMs());
        switch (verdict != DialBook.Verdict.AGAIN && isTold(candidate) ? verdict : DialBook.Verdict.AGAIN) {
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
                        "peer not reached endpoint={} attempt={} verdict={} error={}",
                        candidate.endpoint,
                        candidate.failures,
                        verdict,
                        e.getMessage());
        }
    }

    /** An operator hears of each configured or proven peer; of what anybody can make up, some. */
    private boolean isTold(Candidate candidate) {
        return !candidate.isUnproven() || strangers.admits();
    }

    /** Returns the name of a node that is or was linked, empty when it is not known any more. */
    String nameOf(NodeId id) {
        return nameByLinked.getOrDefault(id, "");
    }

    private void countReconnect(NodeIdentity peer) {
        if (nameByLinked.size() > DialBook.MAX_CANDIDATES) {
            nameByLinked.clear();
        }
        if (nameByLinked.put(peer.id(), peer.name()) != null) {
            meters.reconnected();
        }
    }
}
