package io.nexusd.dialer;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Links;
import io.nexusd.bus.Links.OwnBeat;
import io.nexusd.bus.Membership.PeerSuspected;
import io.nexusd.bus.Meters;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import io.nexusd.model.Settings;
import io.nexusd.wire.MonotonicClock;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of links on which nothing is heard. To a suspected peer a new connection is tried, again and again, and put in the
 * place of the old one: TCP doubles its waits, so a connection may stay silent for much longer than the network was gone. A
 * link that is silent for too long is given up. In: suspicions, the beat as a clock. Out: links in the channels. Lives on
 * dialer's event loop.
 */
final class SilentLinks {
    private static final Logger LOG = LoggerFactory.getLogger(SilentLinks.class);

    /** A new connection is tried for so long at a time, each time from its first packet. */
    private static final int RENEW_TIMEOUT_MS = 1_000;

    /** Peers answer on a link with every fourth beat only. */
    private static final long INTERVALS_BETWEEN_ANSWERS = 6;

    private final Bus bus;
    private final Meters meters;
    private final NodeId self;
    private final Dialing dialing;
    private final Channels channels;
    private final Supplier<Settings> settings;
    private final BiConsumer<NodeId, String> onBroken;
    private final Set<NodeId> suspected = new HashSet<>();
    private final Set<NodeId> renewing = new HashSet<>();
    private OwnBeat ownBeat;
    private long lastCheckMono = MonotonicClock.nowMs();
    private long lastReportMono;
    private boolean stopped;

    SilentLinks(
            Bus bus,
            Meters meters,
            NodeId self,
            Dialing dialing,
            Channels channels,
            Supplier<Settings> settings,
            BiConsumer<NodeId, String> onBroken) {
        this.bus = bus;
        this.meters = meters;
        this.self = self;
        this.dialing = dialing;
        this.channels = channels;
        this.settings = settings;
        this.onBroken = onBroken;
    }

    /** Beats are the clock here: a timer of its own would wake an idle node once more. */
    void onBeat(OwnBeat beat) {
        ownBeat = beat;
        reportHeard();
        giveUpTheSilent();
        suspected.forEach(this::renew);
    }

    void onSuspected(PeerSuspected peer) {
        if (peer.suspected()) {
            suspected.add(peer.id());
            renew(peer.id());
        } else {
            suspected.remove(peer.id());
        }
    }

    void forget(NodeId id) {
        suspected.remove(id);
    }

    void stop() {
        stopped = true;
    }

    private void renew(NodeId id) {
        Link silent = channels.link(id);
        if (silent == null || stopped || ownBeat == null || !renewing.add(id)) {
            return;
        }
        long startedMono = MonotonicClock.nowMs();
        int withinMs = Math.min(RENEW_TIMEOUT_MS, settings.get().peers().dialTimeoutMs());
        boolean current = silent.peer().protocolVersion() >= NodeIdentity.PROTOCOL_VERSION;
        dialing.dial(silent.dialed(), ownBeat, link -> link.peer().id().equals(self), withinMs, current)
                .onComplete(result -> {
                    renewing.remove(id);
                    if (result.failed()) {
                        LOG.debug(
                                "peer is silent peer={} error={}",
                                id,
                                result.cause().getMessage());
                        return;
                    }
                    Link link = result.result();
                    if (silent.bytesHeardMono() > startedMono) {
                        // It speaks again: what is on its way over it need not be sent once more.
                        link.close();
                        return;
                    }
                    if (!link.peer().id().equals(id) || channels.link(id) != silent || stopped) {
                        link.close();
                        return;
                    }
                    LOG.info(
                            "link renewed peer={} name={} endpoint={}",
                            id,
                            link.peer().name(),
                            link.dialed());
                    meters.reconnected();
                    channels.unlink(id);
                    bus.publish(
                            Links.LINK_UP,
                            new Links.LinkUp(link.peer(), link.dialed(), link.topicHash(), link.ownIp()));
                    link.beat(ownBeat);
                    channels.linked(link);
                });
    }

    /** A long message may take longer to cross than its peer may be silent: its parts are signs of life. */
    private void reportHeard() {
        long nowMono = MonotonicClock.nowMs();
        for (Link link : channels.links()) {
            long heardMono = link.bytesHeardMono();
            if (heardMono > link.heardMono() && heardMono > lastReportMono) {
                bus.publish(Links.PEER_HEARD, new Links.PeerHeard(link.peer().id(), nowMono - heardMono));
            }
        }
        lastReportMono = nowMono;
    }

    /** A host that vanished closes nothing; only its silence tells. */
    private void giveUpTheSilent() {
        Settings.Discovery discovery = settings.get().discovery();
        long nowMono = MonotonicClock.nowMs();
        long sinceLastMs = nowMono - lastCheckMono;
        lastCheckMono = nowMono;
        if (sinceLastMs > 2L * discovery.beaconIntervalMs()) {
            // This process was stopped itself, so the silence says nothing.
            return;
        }
        for (Link link : channels.links()) {
            int intervalMs = Math.max(discovery.beaconIntervalMs(), link.beaconIntervalMs());
            long limitMs = Math.max(discovery.peerTimeoutMs(), INTERVALS_BETWEEN_ANSWERS * intervalMs);
            long silentMs = nowMono - link.bytesHeardMono();
            if (silentMs > limitMs) {
                channels.unlink(link.peer().id());
                onBroken.accept(link.peer().id(), "silent for " + silentMs + " ms");
            }
        }
    }
}
