package io.nexusd.dialer;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Meters.Dropped;
import io.nexusd.bus.Routing;
import io.nexusd.bus.Routing.Handed;
import io.nexusd.bus.Routing.Handover;
import io.nexusd.bus.Routing.PeerRoutes;
import io.nexusd.model.NodeId;
import io.nexusd.model.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages that a member which is gone did not get. What was for one of a group goes to another one; the rest is kept for the next
 * instance of the member, if there is one, or dropped and counted. Lives on dialer's event loop.
 */
final class Leftovers {
    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

    private final Bus bus;
    private final Meters meters;
    private final Supplier<Settings> settings;
    private final Legacies legacies = new Legacies();

    Leftovers(Bus bus, Meters meters, Supplier<Settings> settings) {
        this.bus = bus;
        this.meters = meters;
        this.settings = settings;
    }

    /** Takes back what was kept for a member that has not claimed it. */
    List<Outbox.Entry> disinherit(NodeId id) {
        return legacies.disinherit(id);
    }

    /** Keeps messages for another instance. Its numbers are other ones, so they begin as if they were never sent. */
    void keep(List<Outbox.Entry> entries, NodeId heir, String name) {
        List<Outbox.Entry> kept = new ArrayList<>();
        for (Outbox.Entry entry : entries) {
            handOver(entry);
            if (entry.plain) {
                kept.add(new Outbox.Entry(entry.envelope, entry.encoded, true, List.of(), 0));
            }
        }
        if (!kept.isEmpty()) {
            long keepNs = settings.get().history().lingerMs() * 1_000_000L;
            legacies.keep(heir, kept, System.nanoTime() + keepNs);
            LOG.info("messages are kept for a restarted peer peer={} name={} messages={}", heir, name, kept.size());
        }
    }

    /** Returns what was kept for an instance and matches what it wants, and keeps it no longer. */
    List<Outbox.Entry> claim(PeerRoutes routes) {
        return legacies.isEmpty() ? List.of() : legacies.claim(routes.id(), routes.filters());
    }

    /** Drops messages; nothing is logged where the member has no name. */
    void lose(List<Outbox.Entry> entries, String name) {
        int lost = 0;
        for (Outbox.Entry entry : entries) {
            handOver(entry);
            lost += entry.plain ? 1 : 0;
        }
        if (lost > 0) {
            meters.dropped(Dropped.PEER_DOWN, lost);
            if (!name.isEmpty()) {
                LOG.warn("messages for a peer that is gone are dropped name={} messages={}", name, lost);
            }
        }
    }

    /** Drops what restarted members have not claimed in time. */
    void reap(long nowNs) {
        if (!legacies.isEmpty()) {
            lose(legacies.unclaimed(nowNs), "restarted");
        }
    }

    /** Returns how many messages are kept. */
    int size() {
        return legacies.size();
    }

    private void handOver(Outbox.Entry entry) {
        if (entry.shares.isEmpty()) {
            return;
        }
        // For the peer it was one target, whatever it was for; now each share is one of its own.
        meters.targets(entry.plain ? entry.shares.size() : entry.shares.size() - 1);
        bus.publish(
                Routing.HANDOVER,
                new Handover(entry.shares.stream()
                        .map(share -> new Handed(entry.envelope, share, entry.hops, 0))
                        .toList()));
    }
}
