package io.nexusd.gossip;

import io.nexusd.bus.Links.KnownMembers;
import io.nexusd.bus.Links.LinkUp;
import io.nexusd.bus.Links.Member;
import io.nexusd.bus.Links.NodeState;
import io.nexusd.bus.Links.PeerArrived;
import io.nexusd.bus.Membership.PeerView;
import io.nexusd.bus.Membership.Reason;
import io.nexusd.bus.Meters.Sync;
import io.nexusd.gossip.Outcome.Conflict;
import io.nexusd.gossip.Outcome.Gone;
import io.nexusd.gossip.Outcome.InterestKnown;
import io.nexusd.gossip.Outcome.Joined;
import io.nexusd.gossip.Outcome.Learned;
import io.nexusd.gossip.Outcome.MembersWanted;
import io.nexusd.gossip.Outcome.Renamed;
import io.nexusd.gossip.Outcome.StateWanted;
import io.nexusd.gossip.Outcome.Suspicion;
import io.nexusd.model.Attempts;
import io.nexusd.model.Beat;
import io.nexusd.model.Crc64;
import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Who is a member, alive, and wants what. A node becomes a member only by saying who it is over a connection; datagrams can
 * be forged by anybody on the LAN, so of members that have links they change nothing. In: what was heard, with the monotonic
 * and the wall clock in milliseconds. Out: the consequences. Not thread-safe.
 */
final class MemberTable {
    /** Members beyond this are refused; a mesh in which everybody links to everybody is far smaller. */
    static final int MAX_MEMBERS = 4096;

    /** How long beats of a node that said it leaves are not taken for news of it. */
    private static final long TOMBSTONE_MS = 60_000;

    /** A member with another view of the membership is asked for it at most this often. */
    private static final long MEMBERS_FETCH_SPACING_MS = 2_000;

    /** A member that beats rarely is not dead before so many of its intervals, whatever the peer timeout here. */
    private static final long DEAD_INTERVALS = 3;

    /** A member that says it beats less often than every minute is judged as if it did. */
    private static final int MAX_INTERVAL_MS = 60_000;

    private final NodeId self;
    private int beaconIntervalMs;
    private int peerTimeoutMs;
    private final SplittableRandom random = new SplittableRandom();
    private final Map<NodeId, RemoteMember> members = new TreeMap<>();
    private final Namesakes namesakes = new Namesakes();
    private final Tombstones tombstones = new Tombstones(MAX_MEMBERS, TOMBSTONE_MS);
    /** Compared with that of every beat, so it is kept; empty after the membership has changed. */
    private OptionalLong membersHash = OptionalLong.empty();

    private long lastTickMono = Long.MIN_VALUE;

    MemberTable(NodeId self, int beaconIntervalMs, int peerTimeoutMs) {
        this.self = self;
        this.beaconIntervalMs = beaconIntervalMs;
        this.peerTimeoutMs = peerTimeoutMs;
    }

    /** Changes the clock by which silence is judged. */
    void setTimes(int newBeaconIntervalMs, int newPeerTimeoutMs) {
        beaconIntervalMs = newBeaconIntervalMs;
        peerTimeoutMs = newPeerTimeoutMs;
    }

    /**
     * A member has said how often it is heard. One that speaks less often than this node is given the time it needs: it must not
     * be suspected between two of its beats.
     *
     * @param intervalMs 0 when it does not say
     */
    void expectEvery(NodeId id, int intervalMs) {
        RemoteMember member = members.get(id);
        if (member != null) {
            member.beaconIntervalMs = Math.min(intervalMs, MAX_INTERVAL_MS);
        }
    }

    /** This node has left its cluster: nobody is a member any more. */
    List<Outcome> leaveAll() {
        List<Outcome> outcomes = new ArrayList<>();
        for (RemoteMember member : List.copyOf(members.values())) {
            remove(member, Reason.LEFT, outcomes);
        }
        return outcomes;
    }

    /** A member is not wanted any more; it becomes one again when it dials in. */
    List<Outcome> dismissed(NodeId id) {
        List<Outcome> outcomes = new ArrayList<>();
        RemoteMember member = members.get(id);
        if (member != null) {
            remove(member, Reason.DISMISSED, outcomes);
        }
        return outcomes;
    }

    /** This node reached a peer, which said who it is. */
    List<Outcome> linkUp(LinkUp up, long nowMono, long nowWallMs) {
        List<Outcome> outcomes = new ArrayList<>();
        replaceOlderInstances(up.peer(), up.dialed(), nowMono, outcomes);
        RemoteMember member = join(up.peer(), nowMono, nowWallMs, outcomes);
        if (member == null) {
            return outcomes;
        }
        member.reachedAt = up.dialed();
        member.linked = true;
        member.linkLost = false;
        member.interest.fetchEnded();
        member.interest.claimed(up.topicHash());
        // Hashes are 64 bits of an open world: 0 really is the empty set, so there is nothing to fetch.
        if (up.topicHash() == 0 && !member.isBase()) {
            hold(member, List.of(), 0, outcomes);
        } else if (member.interest.isStale()) {
            fetch(member, Sync.LINK_UP, outcomes);
        }
        return outcomes;
    }

    /** The link to a peer broke. It stays a member until it has been silent for the peer timeout. */
    List<Outcome> linkDown(NodeId id) {
        List<Outcome> outcomes = new ArrayList<>();
        RemoteMember member = members.get(id);
        if (member != null && member.linked) {
            member.linked = false;
            member.linkLost = true;
            member.interest.fetchEnded();
            if (member.challengedMono.isPresent()) {
                replace(member, member.challengedBy, member.challengedMono.getAsLong(), outcomes);
            }
        }
        return outcomes;
    }

    /** A peer reached this node and said who it is. */
    List<Outcome> arrived(PeerArrived arrived, long nowMono, long nowWallMs) {
        List<Outcome> outcomes = new ArrayList<>();
        replaceOlderInstances(arrived.peer(), null, nowMono, outcomes);
        RemoteMember member = join(arrived.peer(), nowMono, nowWallMs, outcomes);
        if (member != null) {
            member.arrivedFrom = arrived.fromIp();
        }
        return outcomes;
    }

    /** A beat came over a link. */
    List<Outcome> beat(
            Beat beat,
            long claimedMembersHash,
            OptionalLong roundTripUs,
            OptionalLong clockAheadMs,
            long nowMono,
            long nowWallMs) {
        List<Outcome> outcomes = new ArrayList<>();
        RemoteMember member = members.get(beat.id());
        if (member == null) {
            if (!beat.leaving() && !beat.id().equals(self) && !tombstones.covers(beat.id(), nowMono)) {
                outcomes.add(new Learned(new Member(beat.id(), "", beat.mesh())));
                rejoin(beat.id(), nowMono, nowWallMs, outcomes);
            }
            return outcomes;
        }
        if (beat.leaving()) {
            left(member, nowMono, outcomes);
            return outcomes;
        }
        heard(member, nowMono, nowWallMs, outcomes);
        if (roundTripUs.isPresent()) {
            member.roundTripUs = roundTripUs;
        }
        if (clockAheadMs.isPresent()) {
            member.clockAheadMs = clockAheadMs;
        }
        claimed(member, beat.topicHash(), nowMono, outcomes);
        if (claimedMembersHash != membersHash()
                && member.linked
                && !member.isBase()
                && nowMono - member.membersFetchedMono >= MEMBERS_FETCH_SPACING_MS
                && member.membersFetches.mayBegin(nowMono)) {
            member.membersFetchedMono = nowMono;
            outcomes.add(new MembersWanted(member.identity.id()));
        }
        return outcomes;
    }

    /** A member sent something over a link so many milliseconds ago. */
    List<Outcome> heard(NodeId id, long agoMs, long nowMono, long nowWallMs) {
        List<Outcome> outcomes = new ArrayList<>();
        RemoteMember member = members.get(id);
        if (member != null && nowMono - agoMs > member.heardMono) {
            heard(member, nowMono - agoMs, nowWallMs - agoMs, outcomes);
        }
        return outcomes;
    }

    /** A datagram was heard. It counts only for a member that has no other way to be heard. */
    List<Outcome> beacon(Beat beat, long nowMono, long nowWallMs) {
        List<Outcome> outcomes = new ArrayList<>();
        RemoteMember member = members.get(beat.id());
        if (member == null || !member.isBase()) {
            return outcomes;
        }
        if (beat.leaving()) {
            left(member, nowMono, outcomes);
        } else {
            heard(member, nowMono, nowWallMs, outcomes);
            claimed(member, beat.topicHash(), nowMono, outcomes);
        }
        return outcomes;
    }

    /** A peer answered with its interest. */
    List<Outcome> stateFetched(NodeState state, long nowMono, long nowWallMs) {
        List<Outcome> outcomes = new ArrayList<>();
        RemoteMember member = members.get(state.id());
        if (member == null || !member.interest.isFetching()) {
            return outcomes;
        }
        member.interest.fetchEnded();
        heard(member, nowMono, nowWallMs, outcomes);
        hold(member, state.filters(), state.topicHash(), outcomes);
        if (member.interest.hasChangedSinceFetch()) {
            fetch(member, Sync.HASH_CHANGED, outcomes);
        }
        return outcomes;
    }

    /**
     * A fetch failed. A beat whose hash differs tries again when the member's {@link #stateFetches} allow it, the next link at
     * once.
     */
    void stateNotFetched(NodeId id) {
        RemoteMember member = members.get(id);
        if (member != null) {
            member.interest.fetchEnded();
        }
    }

    /** Returns the attempts to fetch a member's interest; empty where the node is no member. */
    Optional<Attempts> stateFetches(NodeId id) {
        return Optional.ofNullable(members.get(id)).map(member -> member.stateFetches);
    }

    /** Returns the attempts to fetch the members that a member knows; empty where the node is no member. */
    Optional<Attempts> membersFetches(NodeId id) {
        return Optional.ofNullable(members.get(id)).map(member -> member.membersFetches);
    }

    /** A peer answered with the members it knows. */
    List<Outcome> membersFetched(KnownMembers known, long nowMono) {
        List<Outcome> outcomes = new ArrayList<>();
        for (Member member : known.members()) {
            NodeId id = member.id();
            if (!id.equals(self) && !members.containsKey(id) && !tombstones.covers(id, nowMono)) {
                outcomes.add(new Learned(member));
            }
        }
        return outcomes;
    }

    /**
     * Judges who has been silent for too long. To be called several times in a beacon interval.
     *
     * @param tickMs the period at which this is called
     */
    List<Outcome> tick(long tickMs, long nowMono) {
        List<Outcome> outcomes = new ArrayList<>();
        forgiveOwnPause(tickMs, nowMono);
        for (RemoteMember member : List.copyOf(members.values())) {
            long silentMs = nowMono - member.heardMono;
            int intervalMs = Math.max(beaconIntervalMs, member.beaconIntervalMs);
            boolean challengeUnanswered = member.challengedMono.isPresent()
                    && nowMono - member.challengedMono.getAsLong() > intervalMs + intervalMs / 2;
            if (challengeUnanswered) {
                replace(member, member.challengedBy, nowMono, outcomes);
            } else if (silentMs >= Math.max(peerTimeoutMs, DEAD_INTERVALS * member.beaconIntervalMs)) {
                remove(member, Reason.DEAD, outcomes);
            } else if (silentMs > 2L * intervalMs && !member.suspected) {
                member.suspected = true;
                outcomes.add(new Suspicion(member.identity, true, silentMs));
            }
        }
        return outcomes;
    }

    /** Tells whether an outbound link to this member is up, over which more than the base can be asked. */
    boolean isLinked(NodeId id) {
        RemoteMember member = members.get(id);
        return member != null && member.linked && !member.isBase();
    }

    /** Returns every member but this node, by id. */
    List<PeerView> views() {
        return members.values().stream().map(RemoteMember::view).toList();
    }

    /** Returns a member as it presents itself, and when it was heard last. */
    Optional<WrongAddresses.Known> known(NodeId id) {
        return Optional.ofNullable(members.get(id))
                .map(member -> new WrongAddresses.Known(member.identity, member.heardMono));
    }

    /** Returns every member but this node, as others are told. */
    List<Member> told() {
        return members.values().stream().map(RemoteMember::told).toList();
    }

    /** Returns the hash over the ids of all members, this node included: equal where the same members are known. */
    long membersHash() {
        if (membersHash.isEmpty()) {
            membersHash = OptionalLong.of(hashOfIds());
        }
        return membersHash.getAsLong();
    }

    private long hashOfIds() {
        List<String> ids = new ArrayList<>(members.size() + 1);
        ids.add(self.value());
        members.keySet().forEach(id -> ids.add(id.value()));
        ids.sort(null);
        return Crc64.ofLines(ids);
    }

    /** Returns how many members are suspected, or are not. */
    long count(boolean suspected) {
        return members.values().stream()
                .filter(member -> member.suspected == suspected)
                .count();
    }

    private RemoteMember join(NodeIdentity peer, long nowMono, long nowWallMs, List<Outcome> outcomes) {
        if (peer.id().equals(self) || tombstones.covers(peer.id(), peer.startedAtMs(), nowMono)) {
            return null;
        }
        RemoteMember member = members.get(peer.id());
        if (member == null) {
            if (members.size() >= MAX_MEMBERS) {
                return null;
            }
            member = new RemoteMember(peer, random);
            members.put(peer.id(), member);
            tombstones.back(peer.id());
            membersHash = OptionalLong.empty();
            outcomes.add(new Joined(peer));
        } else if (!member.linked || peer.protocolVersion() >= member.identity.protocolVersion()) {
            boolean same =
                    peer.name().equals(member.identity.name()) && peer.mesh().equals(member.identity.mesh());
            if (!same) {
                outcomes.add(new Renamed(member.identity, peer));
            }
            member.identity = peer;
        }
        heard(member, nowMono, nowWallMs, outcomes);
        return member;
    }

    /**
     * A restarted node is another instance. The one before it is removed at once where it cannot be there any more: another instance
     * answered where it had answered, or its link has broken and its name has come back. As long as a link to the older one is
     * up, both may be alive, on hosts named alike or with an address that several hosts have; then the older one has until shortly
     * after its next beat to be heard.
     */
    private void replaceOlderInstances(NodeIdentity newer, Endpoint dialed, long nowMono, List<Outcome> outcomes) {
        if (members.containsKey(newer.id()) || newer.id().equals(self)) {
            return;
        }
        Optional<Namesakes.Replaced> former = namesakes.takeReturned(newer.id(), 0, nowMono);
        former.ifPresent(returned -> conflict(newer, returned.successor(), outcomes));
        for (RemoteMember older : List.copyOf(members.values())) {
            NodeIdentity known = older.identity;
            boolean sameName = !newer.name().isEmpty() && newer.name().equals(known.name());
            boolean sameEndpoint = newer.mesh().equals(known.mesh());
            if ((!sameName && !sameEndpoint) || namesakes.areRivals(newer.id(), known.id())) {
                continue;
            }
            boolean answeredInItsPlace = sameEndpoint
                    && dialed != null
                    && (dialed.equals(older.reachedAt) || (!older.linked && dialed.equals(newer.mesh())));
            boolean isRestart = !older.linked && sameName && sameEndpoint;
            boolean isLost = older.linkLost && (sameName || older.isWhereItSays());
            if (answeredInItsPlace || isRestart || isLost) {
                replace(older, newer.id(), nowMono, outcomes);
            } else {
                challenge(older, newer, sameName && sameEndpoint, nowMono);
            }
        }
    }

    private static void challenge(RemoteMember older, NodeIdentity newer, boolean isNamesake, long nowMono) {
        if (isNamesake) {
            older.namesake = newer.id();
            older.namesakeMono = nowMono;
        }
        if (older.challengedMono.isEmpty()) {
            older.challengedMono = OptionalLong.of(nowMono);
            older.challengedBy = newer.id();
        }
    }

    /** An instance that was replaced and still sends beats is alive, so it is a member again; that it has no link is to be mended. */
    private void rejoin(NodeId id, long nowMono, long nowWallMs, List<Outcome> outcomes) {
        namesakes.takeReturned(id, beaconIntervalMs / 2, nowMono).ifPresent(returned -> {
            RemoteMember member = join(returned.older(), nowMono, nowWallMs, outcomes);
            if (member != null) {
                // Where it answered, its successor may answer now; where it came from is left to dial.
                member.arrivedFrom = returned.arrivedFrom();
                conflict(member.identity, returned.successor(), outcomes);
                outcomes.add(new Learned(member.told()));
            }
        });
    }

    private void conflict(NodeIdentity one, NodeId otherId, List<Outcome> outcomes) {
        RemoteMember other = members.get(otherId);
        if (other != null && namesakes.confirm(one.id(), otherId)) {
            outcomes.add(new Conflict(one, other.identity));
        }
    }

    private void heard(RemoteMember member, long nowMono, long nowWallMs, List<Outcome> outcomes) {
        member.heardMono = nowMono;
        member.heardWallMs = nowWallMs;
        if (member.challengedMono.isPresent() && nowMono >= member.challengedMono.getAsLong()) {
            member.challengedMono = OptionalLong.empty();
        }
        // What it had sent before its end may arrive a little later than the greeting of its successor.
        if (member.namesake != null && nowMono - member.namesakeMono >= beaconIntervalMs / 2) {
            conflict(member.identity, member.namesake, outcomes);
            member.namesake = null;
        }
        if (member.suspected) {
            member.suspected = false;
            outcomes.add(new Suspicion(member.identity, false, 0));
        }
    }

    private void claimed(RemoteMember member, long hash, long nowMono, List<Outcome> outcomes) {
        member.interest.claimed(hash);
        if (member.linked && member.interest.isStale() && member.stateFetches.mayBegin(nowMono)) {
            fetch(member, Sync.HASH_CHANGED, outcomes);
        }
    }

    private static void fetch(RemoteMember member, Sync trigger, List<Outcome> outcomes) {
        member.interest.fetchBegan();
        outcomes.add(new StateWanted(member.identity.id(), trigger));
    }

    private static void hold(RemoteMember member, List<String> filters, long hash, List<Outcome> outcomes) {
        if (member.interest.hold(filters, hash)) {
            outcomes.add(new InterestKnown(member.identity.id(), filters));
        }
    }

    private void left(RemoteMember member, long nowMono, List<Outcome> outcomes) {
        tombstones.add(member.identity.id(), member.identity.startedAtMs(), nowMono);
        remove(member, Reason.LEFT, outcomes);
    }

    private void remove(RemoteMember member, Reason reason, List<Outcome> outcomes) {
        members.remove(member.identity.id());
        membersHash = OptionalLong.empty();
        outcomes.add(new Gone(member.identity, reason, Optional.empty()));
    }

    private void replace(RemoteMember member, NodeId successor, long nowMono, List<Outcome> outcomes) {
        namesakes.replaced(member, successor, nowMono);
        members.remove(member.identity.id());
        membersHash = OptionalLong.empty();
        for (RemoteMember other : members.values()) {
            if (member.identity.id().equals(other.challengedBy)) {
                other.challengedBy = successor;
            }
        }
        outcomes.add(new Gone(member.identity, Reason.REPLACED, Optional.of(successor)));
    }

    /** A process that was itself stopped for a while has not listened, so the silence of that time says nothing. */
    private void forgiveOwnPause(long tickMs, long nowMono) {
        long pausedMs = lastTickMono == Long.MIN_VALUE ? 0 : nowMono - lastTickMono - tickMs;
        lastTickMono = nowMono;
        if (pausedMs > Math.max(tickMs, beaconIntervalMs / 2)) {
            for (RemoteMember member : members.values()) {
                member.heardMono = Math.min(nowMono, member.heardMono + pausedMs);
                if (member.challengedMono.isPresent()) {
                    member.challengedMono = OptionalLong.of(nowMono);
                }
            }
        }
    }
}
