package io.nexusd.gossip;

import io.micrometer.core.instrument.Timer;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Fetches;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Lifecycle.Listener;
import io.nexusd.bus.Links;
import io.nexusd.bus.Links.AddressMisled;
import io.nexusd.bus.Links.BeatReceived;
import io.nexusd.bus.Links.KnownMembers;
import io.nexusd.bus.Links.Member;
import io.nexusd.bus.Links.NodeState;
import io.nexusd.bus.Links.OwnBeat;
import io.nexusd.bus.Membership;
import io.nexusd.bus.Membership.Peers;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Meters.Fetched;
import io.nexusd.bus.Retention;
import io.nexusd.bus.Routing;
import io.nexusd.gossip.Outcome.Gone;
import io.nexusd.gossip.Outcome.Learned;
import io.nexusd.gossip.Outcome.MembersWanted;
import io.nexusd.gossip.Outcome.StateWanted;
import io.nexusd.model.Beat;
import io.nexusd.model.Endpoint;
import io.nexusd.model.IpAddress;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import io.nexusd.model.Settings;
import io.nexusd.wire.MonotonicClock;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says that this node is alive and what it wants, and keeps what others say. Owns the membership. In: links up and down,
 * beats, datagrams, the router's interest, where the listeners are, the drain. Out: this node's beat, members and their
 * interest, what to fetch and whom to dial.
 */
public final class GossipVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(GossipVerticle.class);

    /** Judgements within one beacon interval. */
    private static final int TICKS_PER_INTERVAL = 2;

    /** As long as a drain gives its peers to hear of it. */
    private static final int FAREWELL_MS = 100;

    /** How often the own address is looked up again: a laptop's network comes and goes. */
    private static final long ADDRESS_REFRESH_MS = 5_000;

    private final Bus bus;
    private Settings settings;
    private final NodeId self;
    private final String version;
    /** Wall clock at the start, and again whenever the cluster is changed: peers take it for another life of this node. */
    private long startedAtMs;

    private final Meters meters;
    private final MemberTable members;
    private final Announcements announcements;
    private final Fetches fetches;
    /** Written here, read by a metrics scrape on another thread. */
    private final AtomicLong alive = new AtomicLong();

    private final AtomicLong suspected = new AtomicLong();
    private Timer syncDuration;
    private final OwnHost ownHost = new OwnHost();
    private final WrongAddresses wrongAddresses = new WrongAddresses();
    private String host = "";
    private int meshPort;
    private int appPort;
    private NodeState interest;
    private long retainedHash;
    /** The cluster this node speaks for; on the way to another one, still the old one. */
    private String clusterId;

    private long tickTimer;
    private boolean leaving;
    private boolean changingCluster;
    private boolean beatSoon;
    private long ticks;

    public GossipVerticle(Bus bus, Settings settings, NodeId self, String version, long startedAtMs, Meters meters) {
        this.bus = bus;
        this.settings = settings;
        this.self = self;
        this.version = version;
        this.startedAtMs = startedAtMs;
        this.clusterId = settings.cluster().id();
        this.meters = meters;
        this.fetches = new Fetches(meters);
        this.announcements = new Announcements(self, bus, meters);
        Settings.Discovery discovery = settings.discovery();
        this.members = new MemberTable(self, discovery.beaconIntervalMs(), discovery.peerTimeoutMs());
        this.interest = new NodeState(self, List.of(), 0);
    }

    @Override
    public Future<?> start() {
        registerMeters();
        listen();
        startTicking();
        vertx.setPeriodic(ADDRESS_REFRESH_MS, timer -> findHost());
        return findHost();
    }

    private void startTicking() {
        int intervalMs = settings.discovery().beaconIntervalMs();
        long tickMs = Math.max(1, intervalMs / TICKS_PER_INTERVAL);
        tickTimer = vertx.setPeriodic(tickMs, timer -> {
            apply(members.tick(tickMs, MonotonicClock.nowMs()));
            reportWrongAddresses();
            ticks++;
            if (ticks % TICKS_PER_INTERVAL == 0) {
                beat();
            }
        });
    }

    private void onConfigChanged(Settings changed) {
        Settings.Discovery before = settings.discovery();
        Settings.Discovery discovery = changed.discovery();
        settings = changed;
        members.setTimes(discovery.beaconIntervalMs(), discovery.peerTimeoutMs());
        if (before.beaconIntervalMs() != discovery.beaconIntervalMs()) {
            vertx.cancelTimer(tickTimer);
            startTicking();
        }
        changeCluster();
        findHost();
        // Told now and not with the next beat, which may be an hour away.
        beat();
    }

    /** Says farewell to the old cluster, gives the word some time to get out, and speaks for the new one. */
    private void changeCluster() {
        if (changingCluster || settings.cluster().id().equals(clusterId)) {
            return;
        }
        changingCluster = true;
        beat();
        vertx.setTimer(FAREWELL_MS, timer -> {
            LOG.info(
                    "cluster changed old={} new={}",
                    clusterId,
                    settings.cluster().id());
            apply(members.leaveAll());
            clusterId = settings.cluster().id();
            startedAtMs = Math.max(System.currentTimeMillis(), startedAtMs + 1);
            changingCluster = false;
            beat();
        });
    }

    private void listen() {
        bus.on(Lifecycle.LISTENER_BOUND, bound -> {
            if (bound.listener() == Listener.MESH) {
                meshPort = bound.port();
            } else if (bound.listener() == Listener.APP) {
                appPort = bound.port();
            }
            beat();
        });
        bus.on(Lifecycle.DRAINING, draining -> {
            leaving = true;
            beat();
        });
        bus.on(Routing.LOCAL_INTEREST, changed -> {
            interest = new NodeState(self, changed.filters(), changed.topicHash());
            // The router has already coalesced, so this is told now and not with the next beat.
            beat();
        });
        bus.on(Links.LINK_UP, up -> {
            if (up.peer().clusterId().equals(clusterId)) {
                apply(members.linkUp(up, MonotonicClock.nowMs(), System.currentTimeMillis()));
                connected(up.peer(), up.ownIp(), up.dialed().host());
            }
        });
        bus.on(Links.LINK_DOWN, down -> apply(members.linkDown(down.id())));
        bus.on(Links.PEER_ARRIVED, arrived -> {
            if (arrived.peer().clusterId().equals(clusterId)) {
                apply(members.arrived(arrived, MonotonicClock.nowMs(), System.currentTimeMillis()));
                connected(arrived.peer(), arrived.ownIp(), arrived.fromIp());
            }
        });
        bus.on(Links.BEAT_RECEIVED, this::onBeat);
        bus.on(Links.ADDRESS_MISLED, misled -> wrongAddresses.misled(misled, MonotonicClock.nowMs()));
        bus.on(Links.PEER_DISMISSED, dismissed -> apply(members.dismissed(dismissed.id())));
        bus.on(Lifecycle.CONFIG_CHANGED, changed -> onConfigChanged(changed.after()));
        bus.on(Retention.LOCAL_RETAINED, changed -> retainedHash = changed.hash());
        bus.on(
                Links.PEER_HEARD,
                heard -> apply(
                        members.heard(heard.id(), heard.agoMs(), MonotonicClock.nowMs(), System.currentTimeMillis())));
        bus.on(
                Links.BEACON_HEARD,
                heard -> apply(members.beacon(heard.beat(), MonotonicClock.nowMs(), System.currentTimeMillis())));
        bus.answer(Links.OWN_STATE, () -> Future.succeededFuture(interest));
        bus.answer(Links.MEMBERS, () -> Future.succeededFuture(knownMembers()));
        bus.answer(Membership.PEERS, () -> Future.succeededFuture(new Peers(identity(), members.views())));
    }

    private void onBeat(BeatReceived received) {
        Beat beat = received.beat();
        if (!beat.clusterId().equals(clusterId)) {
            // A link of the old cluster may still carry one when this node speaks for the new one already.
            return;
        }
        members.expectEvery(beat.id(), received.beaconIntervalMs());
        apply(members.beat(
                beat,
                received.membersHash(),
                received.roundTripUs(),
                received.clockAheadMs(),
                MonotonicClock.nowMs(),
                System.currentTimeMillis()));
        if (beat.retainedHash() != retainedHash && members.isLinked(beat.id())) {
            bus.publish(Retention.PEER_RETAINED, new Retention.PeerRetained(beat.id(), beat.retainedHash()));
        }
    }

    private void registerMeters() {
        String members = "Members of the mesh besides this node, by state";
        meters.gauge("nexusd.mesh.peers", members, alive, "state", "alive");
        meters.gauge("nexusd.mesh.peers", members, suspected, "state", "suspected");
        syncDuration = Meters.exchangeTimer("nexusd.discovery.sync.duration", "Time to fetch a peer's interest")
                .register(meters.registry());
    }

    private Future<?> findHost() {
        return vertx.executeBlocking(() -> AdvertisedHost.find(settings)).onSuccess(found -> {
            ownHost.found(found);
            followHost();
        });
    }

    /** Peers learn of another address by a second hello on their links. */
    private void followHost() {
        String current = ownHost.current();
        if (!current.isEmpty() && !current.equals(host)) {
            LOG.info("other nodes are told this address host={}", current);
            warnOfLinkLocal(current);
            host = current;
            beat();
        }
    }

    private static void warnOfLinkLocal(String advertised) {
        if (IpAddress.parse(advertised).filter(IpAddress::isLinkLocal).isPresent()) {
            LOG.warn(
                    "this host has link-local addresses only, so nodes find it by multicast on the same network alone; give it"
                            + " another address, or set node.advertise host={}",
                    advertised);
        }
    }

    private void connected(NodeIdentity peer, String ownIp, String otherIp) {
        if (members.known(peer.id()).isPresent()) {
            ownHost.connected(peer.id(), ownIp, otherIp);
        }
        followHost();
        if (meshPort > 0
                && !peer.id().equals(self)
                && peer.mesh().equals(identity().mesh())) {
            wrongAddresses.misled(new AddressMisled(peer.id(), peer.mesh(), identity()), MonotonicClock.nowMs());
        }
    }

    private void reportWrongAddresses() {
        long graceMs = 2L * settings.discovery().beaconIntervalMs();
        wrongAddresses.judge(members::known, graceMs, MonotonicClock.nowMs()).forEach(announcements::wrongAddress);
    }

    private NodeIdentity identity() {
        // Before the mesh listener is bound nobody can be told a port; what is shown until then is the configured one.
        int port = meshPort > 0 ? meshPort : Math.max(1, settings.mesh().port());
        return new NodeIdentity(
                self,
                clusterId,
                settings.node().name(),
                Endpoint.advertised(host.isEmpty() ? "127.0.0.1" : host, port),
                appPort,
                NodeIdentity.PROTOCOL_VERSION,
                version,
                startedAtMs);
    }

    private KnownMembers knownMembers() {
        List<Member> known = new ArrayList<>(members.told());
        known.add(new Member(self, settings.node().name(), identity().mesh()));
        return new KnownMembers(known);
    }

    /** Several reasons within one turn make one beat. */
    private void beat() {
        if (meshPort == 0 || host.isEmpty() || beatSoon) {
            return;
        }
        beatSoon = true;
        context.runOnContext(v -> {
            beatSoon = false;
            NodeIdentity own = identity();
            Beat beat = new Beat(
                    self,
                    own.clusterId(),
                    own.mesh(),
                    own.appPort(),
                    interest.topicHash(),
                    retainedHash,
                    System.currentTimeMillis(),
                    NodeIdentity.PROTOCOL_VERSION,
                    leaving || changingCluster);
            bus.publish(
                    Links.OWN_BEAT,
                    new OwnBeat(
                            own,
                            beat,
                            members.membersHash(),
                            settings.discovery().beaconIntervalMs()));
        });
    }

    private void apply(List<Outcome> outcomes) {
        for (Outcome outcome : outcomes) {
            if (outcome instanceof StateWanted wanted) {
                fetchState(wanted);
            } else if (outcome instanceof MembersWanted wanted) {
                fetchMembers(wanted.id());
            } else {
                announcements.announce(outcome);
                follow(outcome);
            }
        }
        if (!outcomes.isEmpty()) {
            alive.set(members.count(false));
            suspected.set(members.count(true));
        }
    }

    private void follow(Outcome outcome) {
        if (outcome instanceof Gone gone) {
            ownHost.gone(gone.peer().id());
        } else if (outcome instanceof Learned learned) {
            wrongAddresses
                    .learned(learned.member(), settings.discovery().peerTimeoutMs(), MonotonicClock.nowMs())
                    .ifPresent(announcements::wrongAddress);
        }
    }

    private void fetchState(StateWanted wanted) {
        long startedNs = System.nanoTime();
        bus.request(Links.FETCH_STATE, new Links.FetchState(wanted.id()))
                .onSuccess(state -> {
                    meters.synced(wanted.trigger());
                    syncDuration.record(Duration.ofNanos(System.nanoTime() - startedNs));
                    members.stateFetches(wanted.id())
                            .ifPresent(attempts -> fetches.succeeded(Fetched.STATE, wanted.id(), attempts));
                    apply(members.stateFetched(state, MonotonicClock.nowMs(), System.currentTimeMillis()));
                })
                .onFailure(e -> {
                    members.stateFetches(wanted.id())
                            .ifPresent(attempts -> fetches.failed(
                                    Fetched.STATE, wanted.id(), attempts, 0, -1, e, MonotonicClock.nowMs()));
                    members.stateNotFetched(wanted.id());
                });
    }

    private void fetchMembers(NodeId id) {
        bus.request(Links.FETCH_MEMBERS, new Links.FetchMembers(id))
                .onSuccess(known -> {
                    members.membersFetches(id).ifPresent(attempts -> fetches.succeeded(Fetched.MEMBERS, id, attempts));
                    apply(members.membersFetched(known, MonotonicClock.nowMs()));
                })
                .onFailure(e -> members.membersFetches(id)
                        .ifPresent(attempts ->
                                fetches.failed(Fetched.MEMBERS, id, attempts, 0, -1, e, MonotonicClock.nowMs())));
    }
}
