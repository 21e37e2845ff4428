package io.nexusd.wire;

import io.nexusd.bus.Links.BeatReceived;
import io.nexusd.bus.Links.OwnBeat;
import io.nexusd.proto.mesh.LinkBeat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The beats of one link, and what their echoes tell: the round trip, and how far the clocks differ under the usual
 * assumption that both ways take equally long. Not thread-safe.
 */
public final class BeatExchange {
    /** Beats whose echo is still waited for. */
    private static final int REMEMBERED = 16;

    private final Map<Long, Long> sentNsByWallMs = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
            return size() > REMEMBERED;
        }
    };
    private long newestReceivedSentAtMs;
    private long newestReceivedNs;

    /** Returns the beat to write now, which echoes the newest one received. */
    public LinkBeat outgoing(OwnBeat own, long nowMs, long nowNs) {
        // After a step back of the clock the same time comes again; the echo is of the newest beat.
        sentNsByWallMs.remove(nowMs);
        sentNsByWallMs.put(nowMs, nowNs);
        LinkBeat.Builder beat = LinkBeat.newBuilder()
                .setBeacon(WireModel.toProto(own.beat()))
                .setMembersHash(own.membersHash())
                .setSentAtMs(nowMs)
                .setSentMonoUs(MonotonicClock.micros(nowNs))
                .setBeaconIntervalMs(own.beaconIntervalMs());
        if (newestReceivedSentAtMs != 0) {
            beat.setEchoSentAtMs(newestReceivedSentAtMs).setEchoHeldUs((nowNs - newestReceivedNs) / 1000);
            newestReceivedSentAtMs = 0;
        }
        return beat.build();
    }

    /**
     * Returns what a received beat tells.
     *
     * @throws IllegalArgumentException when no valid node sends it
     */
    public BeatReceived incoming(LinkBeat beat, long nowMs, long nowNs) {
        newestReceivedSentAtMs = beat.getSentAtMs();
        newestReceivedNs = nowNs;
        OptionalLong roundTripUs = OptionalLong.empty();
        OptionalLong clockAheadMs = OptionalLong.empty();
        Long sentNs = sentNsByWallMs.remove(beat.getEchoSentAtMs());
        if (sentNs != null) {
            long measuredUs = (nowNs - sentNs) / 1000 - beat.getEchoHeldUs();
            if (measuredUs >= 0) {
                roundTripUs = OptionalLong.of(measuredUs);
                clockAheadMs = OptionalLong.of(beat.getSentAtMs() - (nowMs - measuredUs / 2000));
            }
        }
        return new BeatReceived(
                WireModel.fromProto(beat.getBeacon()),
                beat.getMembersHash(),
                roundTripUs,
                clockAheadMs,
                Math.max(0, beat.getBeaconIntervalMs()));
    }
}
