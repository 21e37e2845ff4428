package io.nexusd.dialer;

import io.nexusd.bus.Inspection;
import io.nexusd.bus.Links.BeatReceived;
import io.nexusd.bus.Links.KnownMembers;
import io.nexusd.bus.Links.NodeState;
import io.nexusd.bus.Links.OwnBeat;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Retention;
import io.nexusd.model.Beat;
import io.nexusd.model.Endpoint;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import io.nexusd.proto.mesh.Ack;
import io.nexusd.wire.ClientCall;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.MessageBytes;
import io.nexusd.wire.MonotonicClock;
import io.nexusd.wire.WireModel;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.IntSupplier;

/**
 * The link to a peer that speaks only the base RPCs: a PushMessageStream with an Ack for each message, or PushMessage calls one
 * after the other where even the stream is unknown. Its signs of life are datagrams; where none are heard, its state is asked
 * for in their stead.
 */
final class BaseLink implements Link {
    /** Messages whose Ack is awaited; beyond it the outbox fills. */
    private static final int WINDOW = 4096;

    private static final int WRITE_BYTES = 256 * 1024;

    private final MeshClient client;
    private final NodeIdentity peer;
    private final long topicHash;
    private final List<Envelope> retained;
    private final IntSupplier beaconIntervalMs;
    private final Meters meters;
    /** Sequence numbers of messages whose Ack is awaited, oldest first. */
    private final Deque<Long> awaited = new ArrayDeque<>();

    private final Deque<Outbox.Entry> oneByOne = new ArrayDeque<>();
    private ClientCall stream;
    private boolean streamUnknown;
    private boolean calling;
    private Listener listener;
    private Buffer unwritten = Buffer.buffer();
    private long heardMono;
    private long beaconMono;
    private boolean polling;
    private String broken;
    private boolean closed;

    private BaseLink(
            MeshClient client,
            NodeIdentity peer,
            long topicHash,
            List<Envelope> retained,
            IntSupplier beaconIntervalMs,
            Meters meters) {
        this.retained = retained;
        this.client = client;
        this.peer = peer;
        this.topicHash = topicHash;
        this.beaconIntervalMs = beaconIntervalMs;
        this.meters = meters;
        heardMono = MonotonicClock.nowMs();
        client.onClosed(() -> broke("connection closed"));
    }

    /**
     * Opens the stream to a peer.
     *
     * @param state what it has answered, which says who it is
     */
    static Future<BaseLink> open(
            MeshClient client,
            io.nexusd.proto.mesh.NodeState state,
            String ownCluster,
            IntSupplier beaconIntervalMs,
            Meters meters) {
        NodeIdentity peer = new NodeIdentity(
                new NodeId(state.getInstanceUuid()),
                state.getClusterId().isEmpty() ? ownCluster : state.getClusterId(),
                "",
                client.peer(),
                0,
                1,
                "",
                0);
        long hash = client.interest(peer.id(), state).topicHash();
        List<Envelope> retained = MeshClient.retained(state);
        BaseLink link = new BaseLink(client, peer, hash, retained, beaconIntervalMs, meters);
        return client.open("PushMessageStream").map(call -> {
            link.stream = call.onMessages(link::onAcks).onEnd(link::onStreamEnd);
            call.onWritable(link::onWritable);
            return link;
        });
    }

    @Override
    public NodeIdentity peer() {
        return peer;
    }

    @Override
    public Endpoint dialed() {
        return client.peer();
    }

    @Override
    public String ownIp() {
        return client.ownIp();
    }

    @Override
    public long topicHash() {
        return topicHash;
    }

    @Override
    public long lastTaken() {
        return 0;
    }

    @Override
    public void listen(Listener newListener) {
        listener = newListener;
        if (broken != null) {
            newListener.onBroken(broken);
        }
    }

    @Override
    public boolean writable() {
        return broken == null && awaited.size() < WINDOW && (streamUnknown ? oneByOne.isEmpty() : stream.writable());
    }

    @Override
    public void send(Outbox.Batch batch) {
        long sequence = batch.firstSequence();
        for (Outbox.Entry entry : batch.entries()) {
            awaited.add(sequence++);
            if (streamUnknown) {
                oneByOne.add(entry);
            } else {
                byte[] prefix = new byte[GrpcFrames.PREFIX_BYTES];
                GrpcFrames.writePrefix(prefix, 0, entry.encoded.size());
                unwritten.appendBytes(prefix).appendBytes(entry.encoded.toByteArray());
            }
        }
        if (unwritten.length() >= WRITE_BYTES) {
            flush();
        }
    }

    @Override
    public void flush() {
        if (unwritten.length() > 0) {
            meters.meshBytesSent(unwritten.length());
            stream.write(unwritten);
            unwritten = Buffer.buffer();
        }
        callNext();
    }

    @Override
    public void beat(OwnBeat beat) {
        if (!polling && MonotonicClock.nowMs() - beaconMono > 2L * beaconIntervalMs.getAsInt()) {
            polling = true;
            client.nodeState().onComplete(result -> {
                polling = false;
                if (result.succeeded() && broken == null) {
                    onState(result.result());
                }
            });
        }
    }

    @Override
    public void identify(OwnBeat own) {
        // The base RPCs have no word for it.
    }

    @Override
    public Future<NodeState> fetchState() {
        return client.nodeState().map(state -> {
            heardMono = MonotonicClock.nowMs();
            return client.interest(peer.id(), state);
        });
    }

    @Override
    public Future<KnownMembers> fetchMembers() {
        return Future.failedFuture("a base peer does not tell whom it knows");
    }

    @Override
    public Future<Inspection.View> fetchView() {
        return Future.failedFuture("it speaks the base protocol only, which does not tell whom a node knows");
    }

    @Override
    public Future<Retention.Digest> fetchRetainedDigest(List<Long> bucketHashes, int fromBucket) {
        return Future.failedFuture("a base peer tells its retained messages with its state only");
    }

    @Override
    public Future<Retention.Messages> fetchRetained(List<String> topics) {
        return Future.failedFuture("a base peer tells its retained messages with its state only");
    }

    @Override
    public List<Envelope> retained() {
        return retained;
    }

    @Override
    public int beaconIntervalMs() {
        return 0;
    }

    @Override
    public long heardMono() {
        return heardMono;
    }

    @Override
    public long bytesHeardMono() {
        return Math.max(heardMono, client.activity().lastReadMono());
    }

    @Override
    public void heardElsewhere(long hash) {
        beaconMono = MonotonicClock.nowMs();
        heardMono = beaconMono;
    }

    @Override
    public void close() {
        closed = true;
        if (stream != null) {
            stream.halfClose();
        }
        client.close();
    }

    private void onState(io.nexusd.proto.mesh.NodeState state) {
        if (!state.getInstanceUuid().equals(peer.id().value())) {
            broke("another instance answered: " + state.getInstanceUuid());
            return;
        }
        heardMono = MonotonicClock.nowMs();
        long hash = client.interest(peer.id(), state).topicHash();
        Beat beat =
                new Beat(peer.id(), peer.clusterId(), peer.mesh(), 0, hash, 0, System.currentTimeMillis(), 1, false);
        if (listener != null) {
            listener.onBeat(new BeatReceived(beat, 0, OptionalLong.empty(), OptionalLong.empty(), 0));
        }
    }

    private void onAcks(List<MessageBytes> acks) {
        heardMono = MonotonicClock.nowMs();
        int refused = 0;
        long through = 0;
        for (MessageBytes bytes : acks) {
            meters.meshBytesReceived(bytes.size());
            Long sequence = awaited.poll();
            if (sequence == null) {
                broke("an Ack too many");
                return;
            }
            refused += succeeded(bytes) ? 0 : 1;
            through = sequence;
        }
        if (listener != null) {
            listener.onAcknowledged(through, refused);
            onWritable();
        }
    }

    private static boolean succeeded(MessageBytes ack) {
        try {
            return ack.parsed(Ack.parser()).getSuccess();
        } catch (GrpcFailure e) {
            return false;
        }
    }

    private void onStreamEnd(GrpcStatus status, String text) {
        if (status == GrpcStatus.UNIMPLEMENTED && !closed) {
            streamUnknown = true;
            awaited.clear();
            unwritten = Buffer.buffer();
            if (listener != null) {
                listener.onSendAgain();
            }
        } else {
            broke(text.isEmpty() ? "ended with " + status.name() : status.name() + ": " + text);
        }
    }

    private void callNext() {
        Outbox.Entry entry = calling || broken != null ? null : oneByOne.poll();
        if (entry == null) {
            return;
        }
        calling = true;
        client.unary("PushMessage", WireModel.toProto(entry.envelope)).onComplete(result -> {
            calling = false;
            if (result.succeeded()) {
                onAcks(List.of(result.result()));
                callNext();
            } else {
                broke(String.valueOf(result.cause().getMessage()));
            }
        });
    }

    private void onWritable() {
        if (listener != null && writable()) {
            listener.onWritable();
        }
    }

    private void broke(String reason) {
        if (!closed && broken == null) {
            broken = reason;
            client.close();
            if (listener != null) {
                listener.onBroken(reason);
            }
        }
    }
}
