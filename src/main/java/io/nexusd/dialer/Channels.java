package io.nexusd.dialer;

import com.google.protobuf.ByteString;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Meters.Dropped;
import io.nexusd.bus.Routing.Forward;
import io.nexusd.bus.Routing.Forwarding;
import io.nexusd.model.NodeId;
import io.nexusd.model.Settings;
import io.nexusd.wire.WireModel;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The channels to all members, and links of nodes that are not members yet. Numbers that were once used for a node are
 * never used again, even if it was given up in between, so that what is still on its way cannot be taken for something else.
 */
final class Channels {
    /** Nodes whose next sequence number is remembered after they are gone. */
    private static final int REMEMBERED = 4096;

    private final Bus bus;
    private final Meters meters;
    private final Settings settings;
    private final BiConsumer<NodeId, String> onBroken;
    private final Map<NodeId, PeerChannel> members = new HashMap<>();
    private final Map<NodeId, Link> links = new HashMap<>();
    private final Map<NodeId, Long> nextSequences = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<NodeId, Long> eldest) {
            return size() > REMEMBERED;
        }
    };

    Channels(Bus bus, Meters meters, Settings settings, BiConsumer<NodeId, String> onBroken) {
        this.bus = bus;
        this.meters = meters;
        this.settings = settings;
        this.onBroken = onBroken;
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

    /** A member is gone for good. */
    void memberDown(NodeId id) {
        PeerChannel channel = members.remove(id);
        if (channel != null) {
            channel.close();
            nextSequences.put(id, channel.nextSequence());
        }
        Link link = links.remove(id);
        if (link != null) {
            link.close();
        }
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

    /** Sends messages, each encoded once. */
    void forward(Forward forward) {
        Set<PeerChannel> touched = new LinkedHashSet<>();
        for (Forwarding forwarding : forward.forwardings()) {
            ByteString encoded = null;
            for (NodeId peer : forwarding.peers()) {
                PeerChannel channel = members.get(peer);
                if (channel == null) {
                    meters.dropped(Dropped.PEER_DOWN, 1);
                    continue;
                }
                if (encoded == null) {
                    encoded = WireModel.encode(forwarding.envelope());
                }
                channel.offer(forwarding.envelope(), encoded);
                touched.add(channel);
            }
        }
        touched.forEach(PeerChannel::pump);
    }

    Link link(NodeId id) {
        return links.get(id);
    }

    boolean isLinked(NodeId id) {
        return links.containsKey(id);
    }

    Collection<Link> links() {
        return links.values();
    }

    /** Returns how many messages wait for this member or are not acknowledged by it. */
    int waitingFor(NodeId id) {
        PeerChannel channel = members.get(id);
        return channel == null ? 0 : channel.waiting();
    }

    /** Returns how many messages wait for all members. */
    long waiting() {
        return members.values().stream().mapToLong(PeerChannel::waiting).sum();
    }

    private PeerChannel newChannel(NodeId id) {
        Settings.Mesh mesh = settings.mesh();
        Outbox outbox =
                new Outbox(mesh.outboundQueueLimit(), mesh.outboundQueueBytes(), nextSequences.getOrDefault(id, 1L));
        return new PeerChannel(id, id.value(), bus, meters, outbox, reason -> {
            links.remove(id);
            onBroken.accept(id, reason);
        });
    }
}
