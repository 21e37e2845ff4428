package io.nexusd.dialer;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Inspection;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Overflows;
import io.nexusd.bus.Routing.Forward;
import io.nexusd.bus.Routing.Forwarding;
import io.nexusd.bus.Routing.FullQueues;
import io.nexusd.bus.Routing.PeerRoutes;
import io.nexusd.bus.Routing.Receiver;
import io.nexusd.bus.Spans;
import io.nexusd.model.NodeId;
import io.nexusd.model.Settings;
import io.nexusd.wire.EncodedEnvelope;
import io.nexusd.wire.Envelopes;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The channels to all members, and links of nodes that are not members yet. Numbers that were once used for a node are
 * never used again, even if it was given up in between, so that what is still on its way cannot be taken for something else.
 * What waited for a member that is gone becomes one of the {@link Leftovers}.
 */
final class Channels {
    private static final Logger LOG = LoggerFactory.getLogger(Channels.class);

    /** Nodes whose next sequence number is remembered after they are gone. */
    private static final int REMEMBERED = 4096;

    /** While somebody waits for a channel it is looked at this often. */
    private static final long TICK_MS = 5;

    private static final Consumer<Boolean> NOBODY_WAITS = forced -> {};

    private final Vertx vertx;
    private final Bus bus;
    private final Meters meters;
    private final Supplier<Settings> settings;
    private final BiConsumer<NodeId, String> onBroken;
    private final Map<NodeId, PeerChannel> members = new HashMap<>();
    private final Map<NodeId, Link> links = new HashMap<>();
    private final Leftovers leftovers;
    private final Map<NodeId, Long> nextSequences = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<NodeId, Long> eldest) {
            return size() > REMEMBERED;
        }
    };
    private boolean ticking;

    /** A message that waits for room in a queue: told when it waits no longer, and whether that cost another one. */
    private static final class Waiting implements Consumer<Boolean> {
        private final Overflows overflows;
        private final int index;
        private final List<Future<?>> waits;
        private final Promise<Void> room = Promise.promise();

        Waiting(Overflows overflows, int index, List<Future<?>> waits) {
            this.overflows = overflows;
            this.index = index;
            this.waits = waits;
        }

        void begin() {
            overflows.blocked(index);
            waits.add(room.future());
        }

        @Override
        public void accept(Boolean forced) {
            if (forced) {
                overflows.dropped(index);
            }
            room.tryComplete();
        }
    }

    Channels(Vertx vertx, Bus bus, Meters meters, Supplier<Settings> settings, BiConsumer<NodeId, String> onBroken) {
        this.vertx = vertx;
        this.bus = bus;
        this.meters = meters;
        this.settings = settings;
        this.onBroken = onBroken;
        leftovers = new Leftovers(bus, meters, settings);
    }

    /** A link is up. */
    void linked(Link link) {
        NodeId id = link.peer().id();
        links.put(id, link);
        PeerChannel channel = members.get(id);
        if (channel != null) {
            channel.attach(link);
        } else {
            link.listen(newChannel(id));
        }
    }

    /** A node is a member: messages for it are taken from now on. */
    void memberUp(NodeId id) {
        if (members.containsKey(id)) {
            return;
        }
        PeerChannel channel = newChannel(id);
        members.put(id, channel);
        Link link = links.get(id);
        if (link != null) {
            channel.attach(link);
        }
    }

    /** A member is gone for good; where another instance has come in its place, that one may get what waited. */
    void memberDown(NodeId id, Optional<NodeId> heir) {
        PeerChannel channel = members.remove(id);
        if (channel != null) {
            List<Outbox.Entry> left = new ArrayList<>(channel.close());
            nextSequences.put(id, channel.nextSequence());
            left.addAll(0, leftovers.disinherit(id));
            if (heir.isPresent()) {
                leftovers.keep(left, heir.get(), channel.name());
            } else {
                leftovers.lose(left, channel.name());
            }
        }
        Link link = links.remove(id);
        if (link != null) {
            link.close();
        }
    }

    /** Messages on these filters now go to the peer: it gets those first that waited for its former instance. */
    void routed(PeerRoutes routes) {
        PeerChannel channel = members.get(routes.id());
        if (channel == null) {
            return;
        }
        List<Outbox.Entry> claimed = leftovers.claim(routes);
        claimed.forEach(entry -> channel.offer(entry, Settings.BackpressurePolicy.DROP_OLDEST, 0, NOBODY_WAITS));
        if (!claimed.isEmpty()) {
            LOG.info("kept messages go to the restarted peer peer={} messages={}", routes.id(), claimed.size());
            channel.pump();
        }
    }

    /** Closes the links of nodes that are no members. */
    void closeStrangers() {
        links.values().removeIf(link -> {
            boolean stranger = !members.containsKey(link.peer().id());
            if (stranger) {
                link.close();
            }
            return stranger;
        });
    }

    /** The link to a node is to be given up. */
    void unlink(NodeId id) {
        Link link = links.remove(id);
        PeerChannel channel = members.get(id);
        if (channel != null) {
            channel.detach();
        } else if (link != null) {
            link.close();
        }
    }

    /**
     * Sends messages, each encoded once; the answer comes late while somebody is to wait for a queue.
     *
     * @return those for which a queue was full
     */
    Future<List<FullQueues>> forward(Forward forward) {
        long nowNs = System.nanoTime();
        Settings.Delivery delivery = settings.get().delivery();
        long blockUntilNs = nowNs + delivery.blockTimeoutMs() * 1_000_000L;
        Set<PeerChannel> touched = new LinkedHashSet<>();
        List<Future<?>> waits = new ArrayList<>(0);
        Spans.Maker spans = bus.spans().maker();
        Overflows overflows = new Overflows();
        boolean blocking = delivery.backpressurePolicy() == Settings.BackpressurePolicy.BLOCK;
        int index = -1;
        for (Forwarding forwarding : forward.forwardings()) {
            index++;
            EncodedEnvelope encoded = Envelopes.forNodes(forwarding.envelope());
            for (Receiver receiver : forwarding.receivers()) {
                Outbox.Entry entry = new Outbox.Entry(
                        forwarding.envelope(), encoded, receiver.plain(), receiver.shares(), receiver.hops());
                PeerChannel channel = members.get(receiver.id());
                if (channel == null) {
                    leftovers.lose(List.of(entry), "");
                    continue;
                }
                if (spans != null) {
                    trace(spans, entry, channel);
                }
                Consumer<Boolean> ticket = blocking ? new Waiting(overflows, index, waits) : NOBODY_WAITS;
                switch (channel.offer(entry, delivery.backpressurePolicy(), blockUntilNs, ticket)) {
                    case BLOCKED -> ((Waiting) ticket).begin();
                    case DROPPED -> overflows.dropped(index);
                    case QUEUED -> {}
                }
                touched.add(channel);
            }
        }
        for (PeerChannel channel : touched) {
            channel.pump();
            if (channel.wantsRelief(nowNs)) {
                Promise<Void> relief = Promise.promise();
                channel.whenRelieved(relief::tryComplete);
                waits.add(relief.future());
            }
        }
        if (waits.isEmpty()) {
            return Future.succeededFuture(overflows.list());
        }
        tickSoon();
        return Future.join(waits).map(waited -> overflows.list());
    }

    private static void trace(Spans.Maker spans, Outbox.Entry entry, PeerChannel channel) {
        Spans.Span span = spans.begin(Spans.Step.FORWARD, entry.envelope);
        if (span != null) {
            span.put("nexusd.peer", channel.name());
            entry.tracedBy(span);
        }
    }

    /** Drops what has expired, and what restarted peers have not asked for in time. */
    void reap(long nowNs) {
        members.values().forEach(channel -> channel.reap(nowNs));
        leftovers.reap(nowNs);
    }

    /** Applies changed limits. */
    void applyLimits() {
        members.values().forEach(channel -> channel.setLimits(settings.get().mesh()));
    }

    Link link(NodeId id) {
        return links.get(id);
    }

    boolean isLinked(NodeId id) {
        return links.containsKey(id);
    }

    /** Returns the links there are now; to write to one may be to lose it. */
    List<Link> links() {
        return List.copyOf(links.values());
    }

    /** Returns how many messages wait for this member or are not acknowledged by it. */
    int waitingFor(NodeId id) {
        PeerChannel channel = members.get(id);
        return channel == null ? 0 : channel.waiting();
    }

    /** Returns how many messages wait for each member. */
    List<Inspection.Queue> queues() {
        return members.entrySet().stream()
                .map(member ->
                        new Inspection.Queue(member.getKey(), member.getValue().waiting()))
                .toList();
    }

    /** Returns how many messages wait for all members. */
    long waiting() {
        return leftovers.size()
                + members.values().stream().mapToLong(PeerChannel::waiting).sum();
    }

    private void tickSoon() {
        if (!ticking) {
            ticking = true;
            vertx.setTimer(TICK_MS, timer -> {
                ticking = false;
                long nowNs = System.nanoTime();
                boolean waiting = false;
                for (PeerChannel channel : members.values()) {
                    waiting |= channel.tick(nowNs);
                }
                if (waiting) {
                    tickSoon();
                }
            });
        }
    }

    private PeerChannel newChannel(NodeId id) {
        Settings.Mesh mesh = settings.get().mesh();
        Outbox outbox =
                new Outbox(mesh.outboundQueueLimit(), mesh.outboundQueueBytes(), nextSequences.getOrDefault(id, 1L));
        return new PeerChannel(id, id.value(), bus, meters, outbox, reason -> {
            links.remove(id);
            onBroken.accept(id, reason);
        });
    }
}
