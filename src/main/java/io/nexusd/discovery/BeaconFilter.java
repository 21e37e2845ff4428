package io.nexusd.discovery;

import io.nexusd.bus.Meters.Beacon;
import io.nexusd.model.Beat;
import io.nexusd.model.NodeId;
import io.nexusd.wire.WireModel;
import java.util.HashSet;
import java.util.Set;

/** Judges datagrams, which anybody on the LAN can send. Not thread-safe. */
final class BeaconFilter {
    /** A beacon has less than 200 bytes; what comes after fields of a later version may be longer. */
    static final int MAX_BYTES = 4096;

    /** Datagrams looked at in one second; a LAN of a thousand nodes sends fewer. */
    static final int MAX_PER_SECOND = 4096;

    private static final int REMEMBERED_CLUSTERS = 64;

    /** What a datagram is; the beat only where it was accepted. */
    record Verdict(Beacon result, Beat beat, String problem) {}

    private final NodeId self;
    private String clusterId;
    private final Set<String> foreignClusters = new HashSet<>();
    private long second;
    private int inSecond;

    BeaconFilter(NodeId self, String clusterId) {
        this.self = self;
        this.clusterId = clusterId;
    }

    /** Takes beacons of this cluster from now on. */
    void setCluster(String id) {
        clusterId = id;
    }

    /** Tells whether another datagram may be looked at now; beyond the limit they are not worth their processor time. */
    boolean admits(long nowMono) {
        if (nowMono / 1000 != second) {
            second = nowMono / 1000;
            inSecond = 0;
        }
        return inSecond++ < MAX_PER_SECOND;
    }

    Verdict judge(byte[] datagram) {
        if (datagram.length > MAX_BYTES) {
            return new Verdict(Beacon.MALFORMED, null, datagram.length + " bytes, more than " + MAX_BYTES);
        }
        Beat beat;
        try {
            beat = WireModel.beatOf(datagram);
        } catch (IllegalArgumentException e) {
            return new Verdict(Beacon.MALFORMED, null, e.getMessage());
        }
        if (!beat.clusterId().equals(clusterId)) {
            return new Verdict(Beacon.OTHER_CLUSTER, null, beat.clusterId());
        }
        if (beat.id().equals(self)) {
            return new Verdict(Beacon.SELF, null, "");
        }
        return new Verdict(Beacon.ACCEPTED, beat, "");
    }

    /** Tells whether the cluster was heard for the first time; only so many are remembered, and told. */
    boolean isNewForeignCluster(String cluster) {
        return foreignClusters.size() < REMEMBERED_CLUSTERS && foreignClusters.add(cluster);
    }
}
