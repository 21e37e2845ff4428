package io.nexusd.gossip;

import io.nexusd.bus.Links.Member;
import io.nexusd.bus.Membership.PeerView;
import io.nexusd.bus.Membership.State;
import io.nexusd.model.Attempts;
import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/** What this node knows of one member. Times with suffix {@code Mono} are monotonic milliseconds. Only MemberTable writes it. */
final class RemoteMember {
    NodeIdentity identity;
    /** Where it really answered, once it did. */
    Endpoint reachedAt;

    long heardMono;
    long heardWallMs;
    boolean suspected;
    /** How often it says it is heard; 0 when it does not say. */
    int beaconIntervalMs;

    /** An outbound link to it is up. */
    boolean linked;
    /** It was linked, and the link broke. */
    boolean linkLost;

    final MemberInterest interest = new MemberInterest();

    final Attempts stateFetches;
    final Attempts membersFetches;

    long membersFetchedMono = Long.MIN_VALUE / 2;
    /** Another instance under the same name was seen then, and this one has not been heard since. */
    OptionalLong challengedMono = OptionalLong.empty();

    NodeId challengedBy;

    OptionalLong roundTripUs = OptionalLong.empty();
    OptionalLong clockAheadMs = OptionalLong.empty();

    RemoteMember(NodeIdentity identity, RandomGenerator random) {
        this.identity = identity;
        this.stateFetches = new Attempts(random);
        this.membersFetches = new Attempts(random);
    }

    /** Base members speak only the RPCs that every version has, so their signs of life are datagrams. */
    boolean isBase() {
        return identity.protocolVersion() < NodeIdentity.PROTOCOL_VERSION;
    }

    PeerView view() {
        return new PeerView(
                identity,
                suspected ? State.SUSPECTED : State.ALIVE,
                heardWallMs,
                interest.hash(),
                interest.filters(),
                linked,
                roundTripUs,
                clockAheadMs);
    }

    /** As other nodes are told: an address that only works on the member's own host is of no use to them. */
    Member told() {
        boolean useReached = reachedAt != null && isLoopback(identity.mesh().host()) && !isLoopback(reachedAt.host());
        return new Member(identity.id(), identity.name(), useReached ? reachedAt : identity.mesh());
    }

    private static boolean isLoopback(String host) {
        return host.startsWith("127.") || host.equals("localhost") || host.equals("::1");
    }
}
