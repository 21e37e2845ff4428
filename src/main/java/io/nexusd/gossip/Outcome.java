package io.nexusd.gossip;

import io.nexusd.bus.Links.Member;
import io.nexusd.bus.Membership.Reason;
import io.nexusd.bus.Meters.Sync;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import java.util.List;
import java.util.Optional;

/** What follows from something that was heard, or from silence. */
sealed interface Outcome {
    /** A node became a member. */
    record Joined(NodeIdentity peer) implements Outcome {}

    /** A member is gone; where another instance has come in its place, that is the successor. */
    record Gone(NodeIdentity peer, Reason reason, Optional<NodeId> successor) implements Outcome {}

    /** A member's interest is known to be this. */
    record InterestKnown(NodeId id, List<String> filters) implements Outcome {}

    /** The member's interest is to be fetched; until {@link MemberTable#stateFetched} nothing else is fetched from it. */
    record StateWanted(NodeId id, Sync trigger) implements Outcome {}

    /** The members that this member knows are to be fetched. */
    record MembersWanted(NodeId id) implements Outcome {}

    /** Somebody spoke of a node that is no member here. */
    record Learned(Member member) implements Outcome {}

    /** A member goes by another name or address. */
    record Renamed(NodeIdentity before, NodeIdentity after) implements Outcome {}

    /** Two living nodes have one name and one address. */
    record Conflict(NodeIdentity one, NodeIdentity other) implements Outcome {}

    /** A member fell silent, or was heard again. */
    record Suspicion(NodeIdentity peer, boolean suspected, long silentMs) implements Outcome {}
}
