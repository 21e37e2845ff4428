package io.nexusd.gossip;

import io.nexusd.bus.Links.Member;
import io.nexusd.bus.Membership.PeerView;
import io.nexusd.bus.Membership.State;
import io.nexusd.model.Attempts;
import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** What this node knows of one member. Times with suffix {@code Mono} are monotonic milliseconds. Only MemberTable writes it. */
final class RemoteMember {
    NodeIdentity identity;
    /** Where it really answered, once it did. */
    Endpoint reachedAt;
    /** Where its last connection came from, empty when it has made none. */
    String arrivedFrom = "";

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
    /** An instance of the same name and address that presented itself then, while this one was linked; or null. */
    NodeId namesake;

    long namesakeMono;

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
                Optional.ofNullable(reachedAt),
                roundTripUs,
                clockAheadMs);
    }

    /** Tells whether its advertised endpoint is its own as far as is known: several nodes may advertise one and the same. */
    boolean isWhereItSays() {
        return reachedAt == null || !isLiteral(identity.mesh().host()) || reachedAt.equals(identity.mesh());
    }

    /** A name was resolved before it was dialed, so it cannot be compared. */
    private static boolean isLiteral(String host) {
        return host.indexOf(':') >= 0 || host.matches("[0-9.]+");
    }

    /** As other nodes are told: an address that only works on the member's own host is of no use to them. */
    Member told() {
        boolean useReached = reachedAt != null && isLoopback(identity.mesh().host()) && !isLoopback(reachedAt.host());
        Endpoint mesh = useReached ? reachedAt : identity.mesh();
        return new Member(identity.id(), identity.name(), mesh, observed(mesh));
    }

    /**
     * Where else others may reach it: the endpoint at which it answered this node; until there is one, the address that its
     * connection came from with the port that it advertises. Addresses that mean something on one host or network only are left
     * out.
     */
    private List<Endpoint> observed(Endpoint besides) {
        Endpoint arrived = reachedAt == null && !arrivedFrom.isEmpty()
                ? new Endpoint(arrivedFrom, identity.mesh().port())
                : null;
        return Stream.of(Optional.ofNullable(reachedAt), Optional.ofNullable(arrived))
                .flatMap(Optional::stream)
                .filter(endpoint -> !endpoint.equals(besides))
                .filter(endpoint -> !isLoopback(endpoint.host()) && !isLinkLocal(endpoint.host()))
                .toList();
    }

    private static boolean isLinkLocal(String host) {
        return host.startsWith("169.254.") || host.toLowerCase(Locale.ROOT).startsWith("fe80:");
    }

    private static boolean isLoopback(String host) {
        return host.startsWith("127.") || host.equals("localhost") || host.equals("::1");
    }
}
