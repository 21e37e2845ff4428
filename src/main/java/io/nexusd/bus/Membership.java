package io.nexusd.bus;

import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Who is alive and wants what: gossip's word to everybody else. */
public final class Membership {
    /**
     * A node has become a member: it was reached and said who it is. From gossip; to router and dialer. Ordered with
     * PEER_DOWN and PEER_INTEREST of the same node.
     */
    public static final Address<PeerUp> PEER_UP = new Address<>("membership.peer-up");

    /**
     * A member is gone: its interest is void, and dialer gives up its queue. From gossip; to router and dialer. Fires exactly
     * once for each PEER_UP, except at the end of the process.
     */
    public static final Address<PeerDown> PEER_DOWN = new Address<>("membership.peer-down");

    /**
     * A member fell silent, or was heard again. From gossip; to dialer, which tries whether a new connection reaches it: a
     * connection that lost packets may stay silent for much longer than the network was gone.
     */
    public static final Address<PeerSuspected> PEER_SUSPECTED = new Address<>("membership.peer-suspected");

    /** A member's interest, as a whole; it replaces what was known. From gossip; to router. */
    public static final Address<PeerInterest> PEER_INTEREST = new Address<>("membership.peer-interest");

    /** The members as gossip sees them. Answered by gossip; asked by appapi and admin. */
    public static final Query<Void, Peers> PEERS = new Query<>("membership.peers");

    private Membership() {}

    /** A node has become a member. */
    public record PeerUp(NodeIdentity peer) {}

    /**
     * A member is gone.
     *
     * @param successor the instance that has come in its place, where there is one
     */
    public record PeerDown(NodeId id, Reason reason, Optional<NodeId> successor) {}

    /** A member is suspected, or no longer. */
    public record PeerSuspected(NodeId id, boolean suspected) {}

    /** Why a member is gone. */
    public enum Reason {
        /** Silent for the peer timeout. */
        DEAD,
        /** It said so. */
        LEFT,
        /** A new instance answers in its place. */
        REPLACED,
        /** It was removed from the configuration, here or there. */
        DISMISSED
    }

    /** The interest of a member: distinct filters in ascending byte order. */
    public record PeerInterest(NodeId id, List<String> filters) {
        public PeerInterest {
            filters = List.copyOf(filters);
        }
    }

    /** All members but this node, by id. */
    public record Peers(NodeIdentity self, List<PeerView> peers) {
        public Peers {
            peers = List.copyOf(peers);
        }
    }

    /** How a member is doing. Dead ones are forgotten, so there is no state for them. */
    public enum State {
        ALIVE,
        /** Silent for two beacon intervals. */
        SUSPECTED
    }

    /**
     * One member as gossip sees it.
     *
     * @param lastHeardMs wall clock at its last sign of life, milliseconds since the epoch
     * @param filters its interest as last fetched, with topicHash the hash of just that
     * @param linked an outbound link to it is up
     * @param reachedAt where it answered the last time this node dialed it
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
            OptionalLong clockAheadMs) {}
}
