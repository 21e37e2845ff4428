package io.nexusd.bus;

import static io.nexusd.bus.Component.DIALER;
import static io.nexusd.bus.Component.DISCOVERY;
import static io.nexusd.bus.Component.GOSSIP;
import static io.nexusd.bus.Component.MESHAPI;

import io.nexusd.model.Beat;
import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import java.util.List;
import java.util.OptionalLong;

/** Links to other nodes, the heartbeats over them, and beacons. */
public final class Links {
    /**
     * The heartbeat of this node: discovery sends it as a beacon, dialer over the outbound links, meshapi over the inbound links. Sent
     * once per beacon interval, and within milliseconds after a change. The first one comes when the mesh listener is bound and
     * the address of this host is known.
     */
    @Flow(
            from = GOSSIP,
            to = {DIALER, DISCOVERY, MESHAPI})
    public static final Address<OwnBeat> OWN_BEAT = new Address<>("links.own-beat");

    /**
     * A beacon of another node of this cluster, unverified: a hint that a known member is alive, and a candidate to dial. Beacons
     * are lost, repeated and reordered by the network.
     */
    @Flow(
            from = DISCOVERY,
            to = {DIALER, GOSSIP})
    public static final Address<BeaconHeard> BEACON_HEARD = new Address<>("links.beacon-heard");

    /**
     * An outbound link is up and the peer has stated its identity. Sent again without a LINK_DOWN when a silent link is replaced by
     * a new one. In order with LINK_DOWN of the same node.
     */
    @Flow(
            from = DIALER,
            to = {GOSSIP, MESHAPI})
    public static final Address<LinkUp> LINK_UP = new Address<>("links.link-up");

    /** An outbound link broke, and dialer is dialing again. Not sent for the links that this node closes when it stops. */
    @Flow(
            from = DIALER,
            to = {GOSSIP, MESHAPI})
    public static final Address<LinkDown> LINK_DOWN = new Address<>("links.link-down");

    /**
     * A node of this cluster has opened a link to this node, or has stated a new name or address over an open one. Dialer dials the
     * node at once unless it has a link to it.
     */
    @Flow(
            from = MESHAPI,
            to = {DIALER, GOSSIP})
    public static final Address<PeerArrived> PEER_ARRIVED = new Address<>("links.peer-arrived");

    /** A heartbeat was received over an outbound or an inbound link. */
    @Flow(
            from = {DIALER, MESHAPI},
            to = GOSSIP)
    public static final Address<BeatReceived> BEAT_RECEIVED = new Address<>("links.beat-received");

    /**
     * Something other than a heartbeat was received over a link, such as a part of a long message. It shows that the peer is alive
     * while heartbeats are delayed by load. Sent at most twice a second per link, and once per beacon interval.
     */
    @Flow(
            from = {DIALER, MESHAPI},
            to = GOSSIP)
    public static final Address<PeerHeard> PEER_HEARD = new Address<>("links.peer-heard");

    /** A member has named a node that this node does not know. Dialer dials it unless it has a link to it. */
    @Flow(from = GOSSIP, to = DIALER)
    public static final Address<PeerLearned> PEER_LEARNED = new Address<>("links.peer-learned");

    /**
     * A peer was removed from the configuration of this node, or this node from the configuration of the peer, and nothing else
     * names the peer. Gossip removes the member, meshapi closes its links. The peer is accepted again when it dials this node.
     */
    @Flow(
            from = DIALER,
            to = {GOSSIP, MESHAPI})
    public static final Address<PeerDismissed> PEER_DISMISSED = new Address<>("links.peer-dismissed");

    /**
     * Another node, or this node itself, answered at an address that a node advertises. The advertising node may have restarted in
     * the meantime.
     */
    @Flow(from = DIALER, to = GOSSIP)
    public static final Address<AddressMisled> ADDRESS_MISLED = new Address<>("links.address-misled");

    /** Fetches the complete interest of a peer over its link. Fails when the link is down or breaks. */
    @Flow(from = GOSSIP, to = DIALER)
    public static final Query<FetchState, NodeState> FETCH_STATE = Query.patient("links.fetch-state");

    /** Fetches the members that a peer knows over its link. Fails when the link is down or breaks, and for a base peer. */
    @Flow(from = GOSSIP, to = DIALER)
    public static final Query<FetchMembers, KnownMembers> FETCH_MEMBERS = Query.patient("links.fetch-members");

    /** Requests the complete interest of this node, to answer a peer. */
    @Flow(from = MESHAPI, to = GOSSIP)
    public static final Query<Void, NodeState> OWN_STATE = new Query<>("links.own-state");

    /** Requests the members that this node knows, itself included, to answer a peer. */
    @Flow(from = MESHAPI, to = GOSSIP)
    public static final Query<Void, KnownMembers> MEMBERS = new Query<>("links.members");

    private Links() {}

    /**
     * The heartbeat of this node.
     *
     * @param membersHash hash over the ids of the members that this node knows, itself included
     * @param beaconIntervalMs the interval of heartbeats without a change
     */
    public record OwnBeat(NodeIdentity self, Beat beat, long membersHash, int beaconIntervalMs) {
        /** Whether the two heartbeats differ in nothing but their time. */
        public boolean saysTheSameAs(OwnBeat other) {
            return self.equals(other.self)
                    && membersHash == other.membersHash
                    && beaconIntervalMs == other.beaconIntervalMs
                    && beat.topicHash() == other.beat.topicHash()
                    && beat.retainedHash() == other.beat.retainedHash()
                    && beat.leaving() == other.beat.leaving();
        }
    }

    /** A received beacon and its source address. */
    public record BeaconHeard(Beat beat, String fromIp) {}

    /**
     * An outbound link that is up.
     *
     * @param dialed the address at which the node answered
     * @param topicHash hash of its interest at that moment
     * @param ownIp the local address of the connection, empty when unknown
     */
    public record LinkUp(NodeIdentity peer, Endpoint dialed, long topicHash, String ownIp) {
        public LinkUp(NodeIdentity peer, Endpoint dialed, long topicHash) {
            this(peer, dialed, topicHash, "");
        }
    }

    /** A broken outbound link. */
    public record LinkDown(NodeId id) {}

    /**
     * An inbound link whose peer has stated its identity.
     *
     * @param fromIp the remote address of the connection; the mesh endpoint that the peer advertises may be unreachable from here
     * @param ownIp the local address of the connection, empty when unknown
     */
    public record PeerArrived(NodeIdentity peer, String fromIp, long topicHash, String ownIp) {
        public PeerArrived(NodeIdentity peer, String fromIp, long topicHash) {
            this(peer, fromIp, topicHash, "");
        }
    }

    /**
     * A heartbeat that was received over a link.
     *
     * @param membersHash hash over the ids of the members that the sender knows, itself included
     * @param roundTripUs measured round trip in microseconds, where the heartbeat answered one of this node
     * @param clockAheadMs how far the sender's wall clock is ahead of this node's in milliseconds, where it could be measured
     * @param beaconIntervalMs the sender's interval of heartbeats, 0 where it is not stated
     */
    public record BeatReceived(
            Beat beat, long membersHash, OptionalLong roundTripUs, OptionalLong clockAheadMs, int beaconIntervalMs) {}

    /**
     * A peer from which bytes were received.
     *
     * @param agoMs the time since then, in milliseconds
     */
    public record PeerHeard(NodeId id, long agoMs) {}

    /** A node as a member describes it. */
    public record PeerLearned(Member member) {}

    /**
     * A dial that reached another node than the expected one.
     *
     * @param expected the node that advertises the endpoint
     * @param answered the node that answered; this node's own identity where the address leads back to this node
     */
    public record AddressMisled(NodeId expected, Endpoint endpoint, NodeIdentity answered) {}

    /** A peer that was removed from the configuration. */
    public record PeerDismissed(NodeId id) {}

    /** The peer whose interest is fetched. */
    public record FetchState(NodeId id) {}

    /** The interest of a node: its distinct filters in ascending byte order and their hash. */
    public record NodeState(NodeId id, List<String> filters, long topicHash) {
        public NodeState {
            filters = List.copyOf(filters);
        }
    }

    /** The peer whose members are fetched. */
    public record FetchMembers(NodeId id) {}

    /** The members that a node knows, itself included. */
    public record KnownMembers(List<Member> members) {
        public KnownMembers {
            members = List.copyOf(members);
        }
    }

    /**
     * A member as another member describes it.
     *
     * @param mesh the endpoint that it advertises
     * @param observed further endpoints: where it answered a dial of the describing member, or where its connection came from
     */
    public record Member(NodeId id, String name, Endpoint mesh, List<Endpoint> observed) {
        /** Further observations are discarded. */
        public static final int MAX_OBSERVED = 4;

        public Member {
            observed = List.copyOf(observed.size() > MAX_OBSERVED ? observed.subList(0, MAX_OBSERVED) : observed);
        }

        public Member(NodeId id, String name, Endpoint mesh) {
            this(id, name, mesh, List.of());
        }
    }
}
