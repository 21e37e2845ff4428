package io.nexusd.dialer;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Links;
import io.nexusd.dialer.Candidate.Source;
import io.nexusd.model.NodeId;
import io.nexusd.model.Settings;
import io.nexusd.wire.MonotonicClock;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What peers.static and peers.dns name, while they change. In: settings, and peers that spoke for themselves. Out: candidates
 * for the book, and PEER_DISMISSED for peers that nothing names any more. Lives on the dialer's event loop.
 */
final class ConfiguredPeers {
    private static final Logger LOG = LoggerFactory.getLogger(ConfiguredPeers.class);

    /** Added to the time that a new name needs to be dialed before the peer of a removed one is let go. */
    private static final int NAMED_ANEW_MS = 500;

    private static final long NO_TIMER = -1;

    private final Vertx vertx;
    private final Bus bus;
    private final DialBook book;
    private final FirstRound firstRound;
    private final Runnable wake;
    private final Consumer<Object> tried;
    private final DnsPeers dnsPeers;
    private final Dismissals dismissals = new Dismissals();
    private Settings settings;
    private long dnsTimer = NO_TIMER;
    private long dismissalTimer = NO_TIMER;

    /**
     * Makes it; {@link #start()} begins.
     *
     * @param wake dials what is due in the book
     * @param tried is told of each name that has been looked up
     */
    ConfiguredPeers(
            Vertx vertx,
            Bus bus,
            Settings settings,
            DialBook book,
            Resolver resolver,
            FirstRound firstRound,
            Runnable wake,
            Consumer<Object> tried) {
        this.vertx = vertx;
        this.bus = bus;
        this.settings = settings;
        this.book = book;
        this.firstRound = firstRound;
        this.wake = wake;
        this.tried = tried;
        dnsPeers = new DnsPeers(settings.peers().dns(), resolver);
    }

    void start() {
        Settings.Peers peers = settings.peers();
        book.replaceAll(Source.STATIC, new LinkedHashSet<>(peers.staticPeers()), MonotonicClock.nowMs());
        firstRound.expect(peers.staticPeers());
        firstRound.expect(peers.dns());
        startDns();
    }

    /** What is new is dialed at once; what is gone is let go when nothing else names it. */
    void apply(Settings changedFrom, Settings changed) {
        settings = changed;
        Settings.Peers before = changedFrom.peers();
        Settings.Peers peers = changed.peers();
        long nowMono = MonotonicClock.nowMs();
        List<NodeId> unnamed =
                new ArrayList<>(book.replaceAll(Source.STATIC, new LinkedHashSet<>(peers.staticPeers()), nowMono));
        if (!peers.dns().equals(before.dns())) {
            dnsPeers.setNames(peers.dns());
            unnamed.addAll(book.replaceAll(Source.DNS, dnsPeers.known(), nowMono));
        }
        if (!peers.dns().equals(before.dns()) || peers.dnsRefreshMs() != before.dnsRefreshMs()) {
            startDns();
        }
        boolean mayBeNamedAnew = changed.multicastOn()
                || !before.staticPeers().containsAll(peers.staticPeers())
                || !before.dns().containsAll(peers.dns());
        int graceMs = mayBeNamedAnew
                ? Math.max(peers.dialTimeoutMs(), 2 * changed.discovery().beaconIntervalMs()) + NAMED_ANEW_MS
                : 0;
        dismissals.unnamed(unnamed, nowMono + graceMs);
        dismiss();
    }

    /** The peer spoke for itself: it was heard, or dialed in. */
    void named(NodeId peer) {
        dismissals.named(peer);
    }

    /** The peer has let this node go. */
    void letGo(NodeId peer) {
        dismissals.letGo(peer);
        bus.publish(Links.PEER_DISMISSED, new Links.PeerDismissed(peer));
    }

    /** Tells whether what others say of this node is to be ignored. */
    boolean isLetGo(NodeId peer) {
        return dismissals.isLetGo(peer);
    }

    /** Lets go whom nothing names any more, and sets the timer for who may yet be named. */
    private void dismiss() {
        for (NodeId id : dismissals.takeDue(book::isNamed, MonotonicClock.nowMs())) {
            LOG.info("peer is configured no more, letting it go peer={}", id);
            bus.publish(Links.PEER_DISMISSED, new Links.PeerDismissed(id));
        }
        if (dismissalTimer != NO_TIMER) {
            vertx.cancelTimer(dismissalTimer);
            dismissalTimer = NO_TIMER;
        }
        dismissals
                .nextDueMono()
                .ifPresent(due -> dismissalTimer = vertx.setTimer(Math.max(1, due - MonotonicClock.nowMs()), timer -> {
                    dismissalTimer = NO_TIMER;
                    dismiss();
                }));
    }

    private void startDns() {
        Settings.Peers peers = settings.peers();
        if (dnsTimer != NO_TIMER) {
            vertx.cancelTimer(dnsTimer);
            dnsTimer = NO_TIMER;
        }
        if (!peers.dns().isEmpty()) {
            refreshDns();
            dnsTimer = vertx.setPeriodic(peers.dnsRefreshMs(), timer -> refreshDns());
        }
    }

    private void refreshDns() {
        dnsPeers.refresh().onSuccess(endpoints -> {
            book.replaceAll(Source.DNS, endpoints, MonotonicClock.nowMs());
            firstRound.expect(endpoints);
            settings.peers().dns().forEach(tried);
            wake.run();
        });
    }
}
