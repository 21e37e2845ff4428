package io.nexusd.meshapi;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Links;
import io.nexusd.bus.Links.BeatReceived;
import io.nexusd.bus.Links.OwnBeat;
import io.nexusd.bus.Links.PeerArrived;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Routing.Incoming;
import io.nexusd.bus.Routing.PeerMessages;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import io.nexusd.proto.mesh.LinkAck;
import io.nexusd.proto.mesh.LinkBeat;
import io.nexusd.proto.mesh.LinkFrame;
import io.nexusd.proto.mesh.LinkHello;
import io.nexusd.wire.BeatExchange;
import io.nexusd.wire.ConnectionActivity;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.MemberMessages;
import io.nexusd.wire.MessageBytes;
import io.nexusd.wire.MonotonicClock;
import io.nexusd.wire.SafeText;
import io.nexusd.wire.ServerCall;
import io.nexusd.wire.TransitTime;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One link that a peer has dialed: its hello, its numbered messages and its beats come in; this node's hello, cumulative
 * acknowledgements and beats go out.
 */
final class InboundLink {
    private static final Logger LOG = LoggerFactory.getLogger(InboundLink.class);

    private static final long TELL_EVERY_MS = 500;

    /** What every link of this node needs. */
    record Shared(
            Bus bus, Meters meters, RpcMeters rpcs, NodeId self, TakenSequences taken, Supplier<OwnBeat> ownBeat) {}

    private final Shared shared;
    private final ServerCall call;
    private final String fromIp;
    private final String ownIp;
    private final int server;
    private final Inflow inflow;
    private final ConnectionActivity activity;
    private final BeatExchange beats = new BeatExchange();
    private final TransitTime transit = new TransitTime();
    private final BatchReader batches = new BatchReader(transit);
    private NodeIdentity peer;
    private long heardMono = MonotonicClock.nowMs();
    private int beaconIntervalMs;
    private long toldMono = heardMono;
    private boolean warnedOfInvalid;

    InboundLink(Shared shared, ServerCall call, String fromIp, String ownIp, int server) {
        this.shared = shared;
        this.call = call;
        this.fromIp = fromIp;
        this.ownIp = ownIp;
        this.server = server;
        this.inflow = new Inflow(shared.bus(), call);
        call.onMessages(this::onFrames);
        call.onHalfClose(() -> call.end(GrpcStatus.OK, ""));
        activity = ConnectionActivity.of(call.connection());
    }

    /** Returns over which of this node's servers, counted from 1, the link came. */
    int server() {
        return server;
    }

    /** Tells whether the peer has said who it is. */
    boolean isGreeted() {
        return peer != null;
    }

    /** Returns who dialed, null before the hello. */
    NodeId peerId() {
        return peer == null ? null : peer.id();
    }

    /** Returns when bytes of the peer were last read, monotonic milliseconds; a long message is many of them. */
    long heardMono() {
        return Math.max(heardMono, activity.lastReadMono());
    }

    /** Reports that the peer was heard since the given time, unless a whole message has said so. */
    void reportHeard(long sinceMono, long nowMono) {
        long bytesMono = activity.lastReadMono();
        if (peer != null && !peer.id().equals(shared.self()) && bytesMono > heardMono && bytesMono > sinceMono) {
            shared.bus().publish(Links.PEER_HEARD, new Links.PeerHeard(peer.id(), nowMono - bytesMono));
        }
    }

    /** Returns how often the peer beats, milliseconds; 0 where it has not said so. */
    int beaconIntervalMs() {
        return beaconIntervalMs;
    }

    void end(GrpcStatus status, String text) {
        call.end(status, text);
    }

    /** Tells the peer that this node is alive. Behind a full window it would arrive late and say nothing true. */
    void beat(OwnBeat own) {
        if (peer != null && call.writable()) {
            LinkBeat beat = beats.outgoing(own, System.currentTimeMillis(), System.nanoTime());
            write(LinkFrame.newBuilder().setBeat(beat));
        }
    }

    private void onFrames(List<MessageBytes> frames) {
        heardMono = MonotonicClock.nowMs();
        for (MessageBytes bytes : frames) {
            shared.meters().meshBytesReceived(bytes.size());
            if (peer != null && batches.read(bytes)) {
                onBatch(bytes.size());
                tellHeard();
                continue;
            }
            LinkFrame frame = bytes.parsed(LinkFrame.parser());
            if (peer == null) {
                onHello(frame);
                continue;
            }
            switch (frame.getKindCase()) {
                case BATCH -> {
                    batches.readUnusual(bytes);
                    onBatch(bytes.size());
                    tellHeard();
                }
                case BEAT -> onBeat(frame.getBeat());
                case HELLO -> onChangedIdentity(frame.getHello());
                case MEMBERS_REQUEST -> onMembersRequest();
                // A later version may say more, which must not break a link.
                default -> {}
            }
        }
    }

    private void onHello(LinkFrame frame) {
        if (frame.getKindCase() != LinkFrame.KindCase.HELLO) {
            throw new GrpcFailure(
                    GrpcStatus.INVALID_ARGUMENT, "the first frame of a link must be hello, not " + frame.getKindCase());
        }
        OwnBeat own = shared.ownBeat().get();
        if (own == null) {
            throw new GrpcFailure(GrpcStatus.UNAVAILABLE, "this node is starting; try again");
        }
        if (own.beat().leaving()) {
            throw new GrpcFailure(GrpcStatus.UNAVAILABLE, "this node is draining");
        }
        LinkHello hello = frame.getHello();
        String cluster = own.self().clusterId();
        if (!hello.getClusterId().equals(cluster)) {
            throw new GrpcFailure(
                    GrpcStatus.FAILED_PRECONDITION,
                    "this node is in cluster '" + cluster + "', the dialing one in cluster '"
                            + SafeText.of(hello.getClusterId()) + "'");
        }
        peer = identity(hello);
        write(LinkFrame.newBuilder()
                .setHello(
                        MemberMessages.hello(own).setLastSequence(shared.taken().last(peer.id()))));
        if (!peer.id().equals(shared.self())) {
            LOG.debug("link accepted peer={} name={} from={}", peer.id(), peer.name(), fromIp);
            shared.bus().publish(Links.PEER_ARRIVED, new PeerArrived(peer, fromIp, hello.getTopicStateHash(), ownIp));
            beat(own);
        }
    }

    /** The peer goes by another name or address now; nothing else about the link changes. */
    private void onChangedIdentity(LinkHello hello) {
        NodeIdentity changed = identity(hello);
        if (changed.id().equals(peer.id()) && changed.clusterId().equals(peer.clusterId())) {
            peer = changed;
            shared.bus().publish(Links.PEER_ARRIVED, new PeerArrived(peer, fromIp, hello.getTopicStateHash(), ownIp));
        }
    }

    private static NodeIdentity identity(LinkHello hello) {
        try {
            return MemberMessages.identity(hello);
        } catch (IllegalArgumentException e) {
            throw new GrpcFailure(GrpcStatus.INVALID_ARGUMENT, "hello: " + e.getMessage());
        }
    }

    private void onBatch(int bytes) {
        int count = batches.count();
        long first = batches.firstSequence();
        if (first < 1 || count == 0) {
            throw new GrpcFailure(
                    GrpcStatus.INVALID_ARGUMENT,
                    "a batch needs a first_sequence of 1 or more and an envelope; it has " + first + " and " + count);
        }
        long nowNs = System.nanoTime();
        int repeats = shared.taken().repeats(peer.id(), first, count);
        List<Incoming> messages = batches.messages(repeats, nowNs);
        // What is handed to the router counts as taken, also for a newer link of the same peer; it is acknowledged when
        // it is routed.
        shared.taken().take(peer.id(), first, count);
        if (batches.ignored() > 0 && !warnedOfInvalid) {
            warnedOfInvalid = true;
            LOG.warn("peer sends messages on invalid topics, they are ignored peer={} name={}", peer.id(), peer.name());
        }
        LinkAck ack = LinkAck.newBuilder().setThroughSequence(first + count - 1).build();
        inflow.route(new PeerMessages(messages, false), bytes, () -> {
            write(LinkFrame.newBuilder().setAck(ack));
            shared.rpcs().ended(RpcMeters.LINK_BATCH, GrpcStatus.OK, nowNs);
        });
    }

    private void onBeat(LinkBeat beat) {
        if (!beat.getBeacon().getInstanceUuid().equals(peer.id().value())
                || peer.id().equals(shared.self())) {
            return;
        }
        try {
            long nowNs = System.nanoTime();
            BeatReceived received = beats.incoming(beat, System.currentTimeMillis(), nowNs);
            beaconIntervalMs = received.beaconIntervalMs();
            long sentNs = BatchReader.sentOnPeersClockNs(beat.getSentMonoUs(), beat.getSentAtMs());
            if (received.roundTripUs().isPresent()) {
                transit.measure(received.roundTripUs().getAsLong() * 1000, sentNs, nowNs);
            }
            transit.ofFrame(sentNs, nowNs);
            shared.bus().publish(Links.BEAT_RECEIVED, received);
        } catch (IllegalArgumentException e) {
            throw new GrpcFailure(GrpcStatus.INVALID_ARGUMENT, "beat: " + e.getMessage());
        }
    }

    private void tellHeard() {
        if (heardMono - toldMono >= TELL_EVERY_MS) {
            toldMono = heardMono;
            shared.bus().publish(Links.PEER_HEARD, new Links.PeerHeard(peer.id(), 0));
        }
    }

    private void onMembersRequest() {
        long startedNs = System.nanoTime();
        shared.bus()
                .request(Links.MEMBERS)
                .onSuccess(known -> {
                    write(LinkFrame.newBuilder().setMembers(MemberMessages.toProto(known)));
                    shared.rpcs().ended(RpcMeters.LINK_MEMBERS, GrpcStatus.OK, startedNs);
                })
                .onFailure(e -> call.end(GrpcStatus.UNAVAILABLE, "members could not be told: " + e.getMessage()));
    }

    private void write(LinkFrame.Builder frame) {
        Buffer bytes = GrpcFrames.frame(frame.build());
        shared.meters().meshBytesSent(bytes.length());
        call.write(bytes);
    }
}
