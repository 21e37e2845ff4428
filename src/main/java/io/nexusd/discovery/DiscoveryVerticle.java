package io.nexusd.discovery;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Links;
import io.nexusd.bus.Links.BeaconHeard;
import io.nexusd.bus.Links.OwnBeat;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Meters.Beacon;
import io.nexusd.model.Beat;
import io.nexusd.model.Endpoint;
import io.nexusd.model.IpAddress;
import io.nexusd.model.NodeId;
import io.nexusd.model.Settings;
import io.nexusd.wire.MonotonicClock;
import io.nexusd.wire.SafeText;
import io.nexusd.wire.WireModel;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.datagram.DatagramPacket;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the LAN by multicast that this node is there, and hears who else is. Owns the UDP sockets. In: this node's beat,
 * datagrams. Out: beacons of other nodes of this cluster, nothing of which is verified. Where multicast is off it does nothing.
 */
public final class DiscoveryVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(DiscoveryVerticle.class);

    /** How soon a network that came later is noticed. */
    private static final long RESCAN_MS = 5_000;

    /** A datagram may get lost, and the last word of a node is not repeated by the next beat. */
    private static final int[] LEAVING_REPEATS_MS = {20, 40};

    private static final long MALFORMED_REPORT_MS = 60_000;

    private final Bus bus;
    private Settings settings;
    private final Meters meters;
    private final BeaconFilter filter;
    private BeaconSockets sockets;
    private long rescanTimer;
    private long reportTimer;
    private boolean missingTold;
    private boolean otherFamilyTold;
    private long malformed;
    private boolean malformedTold;
    private String lastMalformed = "";
    private boolean flooded;

    public DiscoveryVerticle(Bus bus, Settings settings, NodeId self, Meters meters) {
        this.bus = bus;
        this.settings = settings;
        this.meters = meters;
        this.filter = new BeaconFilter(self, settings.cluster().id());
    }

    @Override
    public Future<?> start() {
        bus.on(Links.OWN_BEAT, this::onOwnBeat);
        bus.on(Lifecycle.CONFIG_CHANGED, changed -> apply(changed.after()));
        if (!settings.multicastOn()) {
            LOG.info("multicast discovery is off");
            return Future.succeededFuture();
        }
        return turnOn();
    }

    /** Follows the keys of peers too: auto means on where they name nobody. */
    private void apply(Settings changed) {
        Settings before = settings;
        settings = changed;
        boolean sameSockets =
                before.discovery().multicast().equals(changed.discovery().multicast());
        if (changed.multicastOn() == before.multicastOn() && (sameSockets || !changed.multicastOn())) {
            return;
        }
        if (before.multicastOn()) {
            turnOff(changed.multicastOn());
        }
        if (changed.multicastOn()) {
            turnOn();
        }
    }

    private Future<Void> turnOn() {
        missingTold = false;
        otherFamilyTold = false;
        sockets = new BeaconSockets(vertx, settings.discovery().multicast(), this::onDatagram);
        rescanTimer = vertx.setPeriodic(RESCAN_MS, timer -> useNetworks());
        reportTimer = vertx.setPeriodic(MALFORMED_REPORT_MS, timer -> {
            malformedTold = malformed > 0;
            flooded = false;
            reportMalformed();
        });
        return useNetworks();
    }

    private void turnOff(boolean forNewSockets) {
        if (!forNewSockets) {
            LOG.info("multicast discovery is off");
        }
        vertx.cancelTimer(rescanTimer);
        vertx.cancelTimer(reportTimer);
        sockets.close();
        sockets = null;
    }

    private Future<Void> useNetworks() {
        BeaconSockets using = sockets;
        String configured = settings.discovery().multicast().networkInterface();
        boolean isIpv6 = settings.discovery().multicast().isIpv6();
        return vertx.executeBlocking(() -> Egress.ofSystem(isIpv6))
                .otherwise(List.of())
                .map(all -> Egress.choose(all, configured))
                .compose(chosen -> {
                    warnOfOtherFamily(chosen, isIpv6);
                    if (chosen.isEmpty() && !configured.equals(Egress.AUTO) && !missingTold) {
                        missingTold = true;
                        LOG.warn(
                                "discovery.multicast.interface '{}' is not there or has no {} address, as the group needs; it is"
                                        + " looked for again",
                                configured,
                                isIpv6 ? "IPv6" : "IPv4");
                    }
                    return using.use(chosen);
                });
    }

    /** A host without IPv4 looks as if it worked: beacons go out over its loopback interface. */
    private void warnOfOtherFamily(List<Egress> chosen, boolean isIpv6) {
        if (isIpv6 || otherFamilyTold || !chosen.stream().allMatch(Egress::loopback)) {
            return;
        }
        vertx.executeBlocking(() -> Egress.ofSystem(true)).onSuccess(ipv6 -> {
            if (!otherFamilyTold && ipv6.stream().anyMatch(network -> !network.loopback())) {
                otherFamilyTold = true;
                LOG.warn(
                        "the networks of this host have IPv6 addresses only, so no other host hears its beacons group={}; set"
                                + " discovery.multicast.group to an IPv6 group such as {} on all nodes, or configure"
                                + " peers.static or peers.dns",
                        settings.discovery().multicast().group(),
                        Settings.Multicast.SUGGESTED_IPV6_GROUP);
            }
        });
    }

    private void onOwnBeat(OwnBeat own) {
        // What beats say holds: gossip leaves the old cluster before it speaks for the new one.
        filter.setCluster(own.beat().clusterId());
        if (sockets == null || !sockets.canSend()) {
            return;
        }
        send(own.beat());
        if (own.beat().leaving()) {
            for (int delayMs : LEAVING_REPEATS_MS) {
                vertx.setTimer(delayMs, timer -> send(own.beat()));
            }
        }
    }

    private void send(Beat beat) {
        if (sockets == null) {
            return;
        }
        sockets.send(network -> WireModel.beaconBytes(reachableOver(network, beat)));
        meters.beaconSent();
    }

    /** A host on several LANs has an address on each, and only that one is of use there, unless one was configured. */
    private Beat reachableOver(Egress network, Beat beat) {
        String bind = settings.mesh().bind();
        if (!settings.node().advertise().isEmpty() || !IpAddress.isUnspecified(bind)) {
            return beat;
        }
        return new Beat(
                beat.id(),
                beat.clusterId(),
                new Endpoint(network.address(), beat.mesh().port()),
                beat.appPort(),
                beat.topicHash(),
                beat.retainedHash(),
                beat.timestampMs(),
                beat.protocolVersion(),
                beat.leaving());
    }

    private void onDatagram(DatagramPacket packet) {
        if (!filter.admits(MonotonicClock.nowMs())) {
            if (!flooded) {
                flooded = true;
                LOG.warn(
                        "more than {} datagrams a second on UDP port {}; those above are ignored",
                        BeaconFilter.MAX_PER_SECOND,
                        settings.discovery().multicast().port());
            }
            return;
        }
        BeaconFilter.Verdict verdict = filter.judge(packet.data().getBytes());
        meters.beaconReceived(verdict.result());
        if (verdict.result() == Beacon.ACCEPTED) {
            String fromIp = packet.sender().hostAddress();
            bus.publish(Links.BEACON_HEARD, new BeaconHeard(verdict.beat(), fromIp == null ? "" : fromIp));
        } else if (verdict.result() == Beacon.SELF && sockets != null) {
            sockets.heardOwn(IpAddress.withoutZone(packet.sender().hostAddress()));
        } else if (verdict.result() == Beacon.OTHER_CLUSTER && filter.isNewForeignCluster(verdict.problem())) {
            LOG.info(
                    "another cluster is on this LAN own={} other={} from={}",
                    settings.cluster().id(),
                    SafeText.of(verdict.problem()),
                    packet.sender().hostAddress());
        } else if (verdict.result() == Beacon.MALFORMED) {
            malformed++;
            lastMalformed = packet.sender().hostAddress() + ": " + SafeText.of(verdict.problem());
            if (!malformedTold) {
                malformedTold = true;
                reportMalformed();
            }
        }
    }

    private void reportMalformed() {
        if (malformed > 0) {
            LOG.warn("datagrams on the beacon port are no beacons count={} last from={}", malformed, lastMalformed);
            malformed = 0;
        }
    }
}
