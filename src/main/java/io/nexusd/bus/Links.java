package io.nexusd.bus;

import io.nexusd.model.Beat;
import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import java.util.List;
import java.util.OptionalLong;

/** What is said over datagrams and links: beats, identities, states. */
public final class Links {
    /**
     * This node's own sign of life, to be written to wherever peers listen. From gossip, every beacon interval and within
     * milliseconds after a change; to discovery (datagrams), dialer (outbound links) and meshapi (inbound links).
     */
    public static final Address<OwnBeat> OWN_BEAT = new Address<>("links.own-beat");

    /**
     * A datagram of another node of this cluster was heard; nothing in it is verified. From discovery; to gossip (a sign of
     * life of a node it knows) and dialer (a candidate). Datagrams are lost and reordered freely.
     */
    public static final Address<BeaconHeard> BEACON_HEARD = new Address<>("links.beacon-heard");

    /**
     * An outbound link is up and the other side has said who it is. From dialer; to gossip. Ordered with LINK_DOWN of the
     * same node.
     */
    public static final Address<LinkUp> LINK_UP = new Address<>("links.link-up");

    /** An outbound link broke; dialer is dialing again. From dialer; to gossip. */
    public static final Address<LinkDown> LINK_DOWN = new Address<>("links.link-down");

    /** A node of this cluster has dialed in. From meshapi; to gossip and dialer (which dials back at once). */
    public static final Address<PeerArrived> PEER_ARRIVED = new Address<>("links.peer-arrived");

    /** A beat came over a link, either way. From dialer and meshapi; to gossip. */
    public static final Address<BeatReceived> BEAT_RECEIVED = new Address<>("links.beat-received");

    /**
     * Something other than a beat came over a link, part of a long message for example: a sign of life too, for under load beats
     * are left out. From dialer and meshapi, at most twice a second for each link, and with each beacon interval; to gossip.
     */
    public static final Address<PeerHeard> PEER_HEARD = new Address<>("links.peer-heard");

    /** Another member spoke of this node. From gossip; to dialer, which dials it unless it is linked. */
    public static final Address<PeerLearned> PEER_LEARNED = new Address<>("links.peer-learned");

    /**
     * A peer is not wanted any more: its endpoint was removed from the configuration here, or this node's from the one there,
     * and nothing else names it. From dialer; to gossip, for which it is no member from then on, and meshapi, which ends its
     * links. Nothing is said about the future: who dials in is a peer again.
     */
    public static final Address<PeerDismissed> PEER_DISMISSED = new Address<>("links.peer-dismissed");

    /**
     * At an address that one node advertises another node answered, or this node itself. From dialer; to gossip. The node may have
     * restarted meanwhile.
     */
    public static final Address<AddressMisled> ADDRESS_MISLED = new Address<>("links.address-misled");

    /** Fetches the interest of a linked node as a whole. Answered by dialer; fails when the link is down or breaks. */
    public static final Query<FetchState, NodeState> FETCH_STATE = Query.patient("links.fetch-state");

    /** Fetches the members a linked node knows. Answered by dialer; fails when the link is down, breaks or is a base one. */
    public static final Query<FetchMembers, KnownMembers> FETCH_MEMBERS = Query.patient("links.fetch-members");

    /** This node's own interest, for a peer that asks. Answered by gossip; asked by meshapi. */
    public static final Query<Void, NodeState> OWN_STATE = new Query<>("links.own-state");

    /** The members this node knows, itself included, for a peer that asks. Answered by gossip; asked by meshapi. */
    public static final Query<Void, KnownMembers> MEMBERS = new Query<>("links.members");

    private Links() {}

    /**
     * This node's beat.
     *
     * @param membersHash hash over the ids of the members it knows, itself included
     * @param beaconIntervalMs how often it beats when there is no news
     */
    public record OwnBeat(NodeIdentity self, Beat beat, long membersHash, int beaconIntervalMs) {
        /** Tells whether only time has passed since the other beat. */
        public boolean saysTheSameAs(OwnBeat other) {
            return self.equals(other.self)
                    && membersHash == other.membersHash
                    && beaconIntervalMs == other.beaconIntervalMs
                    && beat.topicHash() == other.beat.topicHash()
                    && beat.retainedHash() == other.beat.retainedHash()
                    && beat.leaving() == other.beat.leaving();
        }
    }

    /** A beacon as heard, and the address it came from. */
    public record BeaconHeard(Beat beat, String fromIp) {}

    /**
     * An outbound link is up.
     *
     * @param dialed the address at which the node really answered
     * @param topicHash hash of its interest at that moment
     * @param ownIp the address of this host at which the connection ends, empty when unknown
     */
    public record LinkUp(NodeIdentity peer, Endpoint dialed, long topicHash, String ownIp) {
        public LinkUp(NodeIdentity peer, Endpoint dialed, long topicHash) {
            this(peer, dialed, topicHash, "");
        }
    }

    /** An outbound link broke. */
    public record LinkDown(NodeId id) {}

    /**
     * A node has dialed in and said who it is.
     *
     * @param fromIp where its connection comes from; the mesh endpoint it advertises may be unreachable from here
     * @param ownIp the address of this host at which the connection ends, empty when unknown
     */
    public record PeerArrived(NodeIdentity peer, String fromIp, long topicHash, String ownIp) {
        public PeerArrived(NodeIdentity peer, String fromIp, long topicHash) {
            this(peer, fromIp, topicHash, "");
        }
    }

    /**
     * A beat over a link.
     *
     * @param membersHash as in {@link OwnBeat}, of the sender
     * @param roundTripUs measured round trip in microseconds, where this beat answered one of ours
     * @param clockAheadMs how far the sender's wall clock is ahead of ours in milliseconds, where it could be measured
     * @param beaconIntervalMs how often the sender beats, 0 where it does not say
     */
    public record BeatReceived(
            Beat beat, long membersHash, OptionalLong roundTripUs, OptionalLong clockAheadMs, int beaconIntervalMs) {}

    /**
     * A linked node sent something.
     *
     * @param agoMs how long ago, in milliseconds
     */
    public record PeerHeard(NodeId id, long agoMs) {}

    /** A node and where it is said to be. */
    public record PeerLearned(Member member) {}

    /**
     * A dial that ended at another node.
     *
     * @param expected the node that was said to be there
     * @param answered the node that answered; this node's own id where the address leads back to this node
     */
    public record AddressMisled(NodeId expected, Endpoint endpoint, NodeIdentity answered) {}

    /** A peer was removed from the configuration. */
    public record PeerDismissed(NodeId id) {}

    /** Asks for the interest of a linked node. */
    public record FetchState(NodeId id) {}

    /** A node's interest as a whole: its distinct filters in ascending byte order and their hash. */
    public record NodeState(NodeId id, List<String> filters, long topicHash) {
        public NodeState {
            filters = List.copyOf(filters);
        }
    }

    /** Asks a linked node for the members it knows. */
    public record FetchMembers(NodeId id) {}

    /** Members a node knows, itself included. */
    public record KnownMembers(List<Member> members) {
        public KnownMembers {
            members = List.copyOf(members);
        }
    }

    /**
     * One member as another one describes it.
     *
     * @param mesh the endpoint that it advertises
     * @param observed further endpoints: where it answered the other one, or where its connection came from
     */
    public record Member(NodeId id, String name, Endpoint mesh, List<Endpoint> observed) {
        /** More observations than this are not kept. */
        public static final int MAX_OBSERVED = 4;

        public Member {
            observed = observed.stream().limit(MAX_OBSERVED).toList();
        }

        public Member(NodeId id, String name, Endpoint mesh) {
            this(id, name, mesh, List.of());
        }
    }
}
