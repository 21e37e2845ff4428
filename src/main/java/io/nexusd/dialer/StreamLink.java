package io.nexusd.dialer;

import io.nexusd.bus.Inspection;
import io.nexusd.bus.Links.BeatReceived;
import io.nexusd.bus.Links.KnownMembers;
import io.nexusd.bus.Links.NodeState;
import io.nexusd.bus.Links.OwnBeat;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Retention;
import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import io.nexusd.proto.mesh.LinkFrame;
import io.nexusd.proto.mesh.LinkHello;
import io.nexusd.proto.mesh.Members;
import io.nexusd.wire.BeatExchange;
import io.nexusd.wire.ClientCall;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.MemberMessages;
import io.nexusd.wire.MessageBytes;
import io.nexusd.wire.MonotonicClock;
import io.nexusd.wire.SilenceLimit;
import io.nexusd.wire.SilenceWatch;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The link to a peer that speaks the extension: one Link call, over which numbered batches and beats go out. */
final class StreamLink implements Link {
    private static final int MAX_MEMBERS_REQUESTS = 4;

    private final MeshClient client;
    private final ClientCall call;
    private final Meters meters;
    private final BeatExchange beats = new BeatExchange();
    private final Promise<LinkHello> greeting = Promise.promise();
    private final Deque<Promise<KnownMembers>> membersWanted = new ArrayDeque<>();
    private NodeIdentity peer;
    private LinkHello hello;
    private Listener listener;
    private long heardMono;
    private int beaconIntervalMs;
    private String broken;
    private boolean closed;

    private StreamLink(MeshClient client, ClientCall call, Meters meters) {
        this.client = client;
        this.call = call;
        this.meters = meters;
        call.onMessages(this::onFrames);
        call.onEnd(this::onEnd);
        call.onWritable(() -> {
            if (listener != null) {
                listener.onWritable();
            }
        });
    }

    /**
     * Opens the call and says hello.
     *
     * @return the link once the peer has answered; fails with a {@link GrpcFailure}, UNIMPLEMENTED for a base peer
     */
    static Future<StreamLink> open(MeshClient client, OwnBeat own, Meters meters) {
        return client.open("Link").compose(call -> {
            StreamLink link = new StreamLink(client, call, meters);
            link.write(LinkFrames.hello(own));
            return link.greeting.future().map(hello -> {
                link.hello = hello;
                link.peer = MemberMessages.identity(hello);
                return link;
            });
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
        return hello.getTopicStateHash();
    }

    @Override
    public long lastTaken() {
        return hello.getLastSequence();
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
        return call.writable();
    }

    @Override
    public void send(Outbox.Batch batch) {
        write(LinkFrames.batch(batch, System.currentTimeMillis(), System.nanoTime()));
    }

    @Override
    public void flush() {
        // Each batch has been written at once: it holds all that was ready, up to its limit.
    }

    @Override
    public void beat(OwnBeat beat) {
        // Behind a full window it would arrive late and say nothing true; the peer's own link to us carries one too.
        if (call.writable()) {
            write(LinkFrames.beat(beats.outgoing(beat, System.currentTimeMillis(), System.nanoTime())));
        }
    }

    @Override
    public void identify(OwnBeat own) {
        write(LinkFrames.hello(own));
    }

    @Override
    public Future<NodeState> fetchState() {
        NodeId id = peer.id();
        return client.nodeState().map(state -> {
            heard();
            if (!state.getInstanceUuid().equals(id.value())) {
                throw new IllegalStateException("another instance answered: " + state.getInstanceUuid());
            }
            return client.interest(id, state);
        });
    }

    @Override
    public Future<KnownMembers> fetchMembers() {
        if (!call.writable()) {
            // A long message is on its way; a call has a stream of its own beside it.
            return client.view(peer.id())
                    .map(view -> new KnownMembers(view.members().stream()
                            .map(Inspection.MemberView::member)
                            .toList()));
        }
        if (membersWanted.size() >= MAX_MEMBERS_REQUESTS) {
            return Future.failedFuture("the link is busy");
        }
        Promise<KnownMembers> wanted = Promise.promise();
        membersWanted.add(wanted);
        write(LinkFrames.membersRequest());
        SilenceLimit limit = new SilenceLimit(MonotonicClock.nowMs(), MeshClient.SILENCE_MS, 0);
        return SilenceWatch.over(
                Vertx.currentContext().owner(), wanted, limit, client::activity, "members of " + peer.id());
    }

    @Override
    public Future<Inspection.View> fetchView() {
        return client.view(peer.id());
    }

    @Override
    public Future<Retention.Digest> fetchRetainedDigest(List<Long> bucketHashes, int fromBucket) {
        return client.retainedDigest(bucketHashes, fromBucket);
    }

    @Override
    public Future<Retention.Messages> fetchRetained(List<String> topics) {
        return client.retainedMessages(topics);
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
    public int beaconIntervalMs() {
        return beaconIntervalMs;
    }

    @Override
    public void heardElsewhere(long topicHash) {
        // Only what comes over the link counts: a datagram proves nothing.
    }

    @Override
    public void close() {
        closed = true;
        call.halfClose();
        client.close();
        membersWanted.forEach(wanted -> wanted.tryFail("the link was closed"));
        membersWanted.clear();
    }

    private void write(Buffer frames) {
        meters.meshBytesSent(frames.length());
        call.write(frames);
    }

    private void heard() {
        heardMono = MonotonicClock.nowMs();
    }

    private void onFrames(List<MessageBytes> frames) {
        heard();
        long throughSequence = -1;
        for (MessageBytes bytes : frames) {
            meters.meshBytesReceived(bytes.size());
            LinkFrame frame = bytes.parsed(LinkFrame.parser());
            switch (frame.getKindCase()) {
                case HELLO -> greeting.tryComplete(frame.getHello());
                case ACK ->
                    throughSequence = Math.max(throughSequence, frame.getAck().getThroughSequence());
                case BEAT -> onBeat(frame);
                case MEMBERS -> onMembers(frame.getMembers());
                // Nothing else comes this way from this version; a later one may say more, which must not break a link.
                default -> {}
            }
        }
        if (throughSequence >= 0 && listener != null) {
            listener.onAcknowledged(throughSequence, 0);
        }
    }

    private void onBeat(LinkFrame frame) {
        if (listener == null
                || !frame.getBeat()
                        .getBeacon()
                        .getInstanceUuid()
                        .equals(peer.id().value())) {
            return;
        }
        BeatReceived received = beats.incoming(frame.getBeat(), System.currentTimeMillis(), System.nanoTime());
        beaconIntervalMs = received.beaconIntervalMs();
        listener.onBeat(received);
    }

    private void onMembers(Members members) {
        Promise<KnownMembers> wanted = membersWanted.poll();
        if (wanted == null) {
            return;
        }
        wanted.tryComplete(MemberMessages.fromProto(members));
    }

    private void onEnd(GrpcStatus status, String text) {
        String reason = text.isEmpty() ? "ended with " + status.name() : status.name() + ": " + text;
        greeting.tryFail(new GrpcFailure(status, reason));
        membersWanted.forEach(wanted -> wanted.tryFail("the link broke"));
        membersWanted.clear();
        if (!closed && broken == null) {
            broken = reason;
            client.close();
            if (listener != null) {
                listener.onBroken(reason);
            }
        }
    }
}
