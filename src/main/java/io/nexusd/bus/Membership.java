package io.nexusd.bus;

import static io.nexusd.bus.Component.ADMIN;
import static io.nexusd.bus.Component.APPAPI;
import static io.nexusd.bus.Component.DIALER;
import static io.nexusd.bus.Component.GOSSIP;
import static io.nexusd.bus.Component.MESHAPI;
import static io.nexusd.bus.Component.ROUTING;

import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The membership table of this node: members, their state and their interest. Gossip owns it. */
public final class Membership {
    /** A node has become a member: it has proven its identity over a link. In order with PEER_DOWN and PEER_INTEREST. */
    @Flow(
            from = GOSSIP,
            to = {DIALER, ROUTING})
    public static final Address<PeerUp> PEER_UP = new Address<>("membership.peer-up");

    /**
     * A member was removed. Routing forgets its interest, dialer closes its queue, meshapi forgets that this node has a link to it.
     * Follows each PEER_UP exactly once, unless the process stops first.
     */
    @Flow(
            from = GOSSIP,
            to = {DIALER, MESHAPI, ROUTING})
    public static final Address<PeerDown> PEER_DOWN = new Address<>("membership.peer-down");

    /**
     * A member became suspected, or was heard again. Dialer opens a second connection to a suspected member, because a connection
     * that lost packets may stay silent for much longer than the network was down.
     */
    @Flow(from = GOSSIP, to = DIALER)
    public static final Address<PeerSuspected> PEER_SUSPECTED = new Address<>("membership.peer-suspected");

    /**
     * The complete interest of a member, which replaces the earlier one. Sent after PEER_UP of the member, once its interest has
     * been fetched, and after each change; it may never come when the member is removed before.
     */
    @Flow(from = GOSSIP, to = ROUTING)
    public static final Address<PeerInterest> PEER_INTEREST = new Address<>("membership.peer-interest");

    /** Requests the membership table. */
    @Flow(
            from = {ADMIN, APPAPI, MESHAPI},
            to = GOSSIP)
    public static final Query<Void, Peers> PEERS = new Query<>("membership.peers");

    private Membership() {}

    /** A new member. */
    public record PeerUp(NodeIdentity peer) {}

    /**
     * A removed member.
     *
     * @param successor the next instance of the same node, where one is known
     */
    public record PeerDown(NodeId id, Reason reason, Optional<NodeId> successor) {}

    /** A member that is suspected, or no longer suspected. */
    public record PeerSuspected(NodeId id, boolean suspected) {}

    /** The reason why a member was removed. */
    public enum Reason {
        /** It was silent for the peer timeout. */
        DEAD,
        /** It announced that it leaves. */
        LEFT,
        /** A new instance of the node answers at its endpoint. */
        REPLACED,
        /** It was removed from the configuration of this node, or this node from the configuration of the peer. */
        DISMISSED
    }

    /** The interest of a member: distinct filters in ascending byte order. */
    public record PeerInterest(NodeId id, List<String> filters) {
        public PeerInterest {
            filters = List.copyOf(filters);
        }
    }

    /** This node and all other members, in the order of their ids. */
    public record Peers(NodeIdentity self, List<PeerView> peers) {
        public Peers {
            peers = List.copyOf(peers);
        }
    }

    /** The state of a member. A dead member is removed from the table and has no state. */
    public enum State {
        ALIVE,
        /** Silent for two beacon intervals. */
        SUSPECTED
    }

    /**
     * One entry of the membership table.
     *
     * @param lastHeardMs wall clock when the member was last heard, milliseconds since the epoch
     * @param topicHash hash of {@code filters}
     * @param filters its interest as last fetched
     * @param linked whether an outbound link to it is up
     * @param reachedAt the address at which it answered the last dial of this node
     */
    public record PeerView(
            NodeIdentity peer,
            State state,
            long lastHeardMs,
            long topicHash,
            List<String> filters,
            boolean linked,
            Optional<Endpoint> reachedAt,
            OptionalLong roundTripUs,
            OptionalLong clockAheadMs) {
        public PeerView {
            filters = List.copyOf(filters);
        }
    }
}
