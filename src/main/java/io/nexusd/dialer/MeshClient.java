package io.nexusd.dialer;

import com.google.protobuf.MessageLite;
import io.nexusd.bus.Inspection;
import io.nexusd.bus.Links.NodeState;
import io.nexusd.bus.Retention;
import io.nexusd.model.Crc64;
import io.nexusd.model.Endpoint;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import io.nexusd.model.Share;
import io.nexusd.model.Topic;
import io.nexusd.model.Utf8Order;
import io.nexusd.proto.mesh.MeshViewRequest;
import io.nexusd.proto.mesh.MeshViewResponse;
import io.nexusd.proto.mesh.NodeStateRequest;
import io.nexusd.proto.mesh.RetainedDigestRequest;
import io.nexusd.proto.mesh.RetainedDigestResponse;
import io.nexusd.proto.mesh.RetainedMessagesRequest;
import io.nexusd.proto.mesh.RetainedMessagesResponse;
import io.nexusd.wire.ClientCall;
import io.nexusd.wire.ConnectionActivity;
import io.nexusd.wire.MessageBytes;
import io.nexusd.wire.WireModel;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientConnection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The calls that a connection to a peer's MeshService offers. */
final class MeshClient {
    private static final Logger LOG = LoggerFactory.getLogger(MeshClient.class);
    private static final String SERVICE = "/nexusd.mesh.MeshService/";

    /** A state with a hundred thousand filters of the longest kind still fits. */
    private static final int MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

    /** A call fails when nothing is read from the connection for so long. */
    static final int SILENCE_MS = 5_000;

    private final HttpClientConnection connection;
    private final Endpoint peer;
    private final ToldOnce told;
    private final ConnectionActivity activity;

    /**
     * Makes it.
     *
     * @param told which complaints about peers have been logged, over all connections to them
     */
    MeshClient(HttpClientConnection connection, Endpoint peer, ToldOnce told) {
        this.connection = connection;
        this.peer = peer;
        this.told = told;
        this.activity = ConnectionActivity.of(connection);
    }

    Endpoint peer() {
        return peer;
    }

    /** Returns when bytes were last read from the peer. */
    ConnectionActivity activity() {
        return activity;
    }

    /** Returns the address of this host at which the connection ends, empty when unknown. */
    String ownIp() {
        String ip = connection.localAddress() == null
                ? null
                : connection.localAddress().hostAddress();
        return ip == null ? "" : ip;
    }

    /** Opens a streaming call. */
    Future<ClientCall> open(String method) {
        return ClientCall.open(connection, peer, SERVICE + method, MAX_MESSAGE_BYTES);
    }

    /** Makes a call with one message each way; it may take as long as its bytes need. */
    Future<MessageBytes> unary(String method, MessageLite request) {
        return ClientCall.unaryWhileHeard(connection, peer, SERVICE + method, request, MAX_MESSAGE_BYTES, SILENCE_MS);
    }

    /** Fetches the peer's state as it says it. */
    Future<io.nexusd.proto.mesh.NodeState> nodeState() {
        return nodeState(NodeStateRequest.newBuilder()
                .setWithoutRetained(true)
                .setWithShares(true)
                .build());
    }

    /** Asks who the peer is and what it speaks; a base peer knows no such question and tells its whole state. */
    Future<io.nexusd.proto.mesh.NodeState> identity() {
        return nodeState(NodeStateRequest.newBuilder().setIdentityOnly(true).build());
    }

    private Future<io.nexusd.proto.mesh.NodeState> nodeState(NodeStateRequest request) {
        return unary("GetNodeState", request).map(bytes -> bytes.parsed(io.nexusd.proto.mesh.NodeState.parser()));
    }

    private static List<String> withoutRepetition(List<String> sorted) {
        boolean repeats = false;
        for (int i = 1; i < sorted.size() && !repeats; i++) {
            repeats = sorted.get(i).equals(sorted.get(i - 1));
        }
        return repeats ? sorted.stream().distinct().toList() : sorted;
    }

    /** Returns the interest in a state, without what no valid node wants. The hash stays the peer's own. */
    NodeState interest(NodeId id, io.nexusd.proto.mesh.NodeState state) {
        // A node of this version tells them in order, which costs no sorting; there may be a hundred thousand.
        List<String> sorted = state.getTopicsList().stream()
                .filter(filter -> Share.isShare(filter)
                        ? Share.of(filter).isPresent()
                        : Topic.problemWithFilter(filter).isEmpty())
                .sorted(Utf8Order.INSTANCE)
                .toList();
        List<String> valid = withoutRepetition(sorted);
        int ignored = state.getTopicsCount() - valid.size();
        // The peer is asked again and again, and gives the same answer for as long as it has the same subscriptions.
        if (ignored > 0 && told.isNews(id, "ignored=" + ignored)) {
            LOG.warn("peer's interest has invalid or repeated filters peer={} ignored={}", id, ignored);
        }
        // A base peer may leave the hash out; then the one it would have is as good.
        long hash = state.getTopicStateHash() == 0 ? Crc64.ofLines(valid) : state.getTopicStateHash();
        return new NodeState(id, valid, hash);
    }

    /** Returns the retained messages in a state, without those that no valid node retains. */
    static List<Envelope> retained(io.nexusd.proto.mesh.NodeState state) {
        long nowMs = System.currentTimeMillis();
        long nowNs = System.nanoTime();
        return state.getRetainedMessagesMap().values().stream()
                .filter(envelope -> Topic.problemWithTopic(envelope.getTopic()).isEmpty())
                .map(envelope ->
                        WireModel.fromProto(envelope, Envelope.published(nowMs - envelope.getTimestampMs(), nowNs)))
                .toList();
    }

    /** Fetches a page of what the peer knows of retained messages where the hashes differ; an older node answers with all. */
    Future<Retention.Digest> retainedDigest(List<Long> bucketHashes, int fromBucket) {
        RetainedDigestRequest request = RetainedDigestRequest.newBuilder()
                .addAllBucketHashes(bucketHashes)
                .setFromBucket(fromBucket)
                .setMaxVersions(Retention.VERSIONS_PER_PAGE)
                .build();
        return unary("RetainedDigest", request).map(bytes -> {
            RetainedDigestResponse response = bytes.parsed(RetainedDigestResponse.parser());
            return new Retention.Digest(
                    response.getVersionsList().stream()
                            .filter(version ->
                                    Topic.problemWithTopic(version.getTopic()).isEmpty())
                            .map(WireModel::fromProto)
                            .toList(),
                    response.getNextBucket());
        });
    }

    /** Fetches the members as the peer sees them. */
    Future<Inspection.View> view(NodeId id) {
        return unary("MeshView", MeshViewRequest.getDefaultInstance())
                .map(bytes -> new Inspection.View(
                        id,
                        bytes.parsed(MeshViewResponse.parser()).getMembersList().stream()
                                .map(WireModel::fromProto)
                                .toList()));
    }

    /** Fetches retained messages. */
    Future<Retention.Messages> retainedMessages(List<String> topics) {
        RetainedMessagesRequest request =
                RetainedMessagesRequest.newBuilder().addAllTopics(topics).build();
        return unary("RetainedMessages", request).map(bytes -> {
            long nowNs = System.nanoTime();
            return new Retention.Messages(bytes.parsed(RetainedMessagesResponse.parser()).getEnvelopesList().stream()
                    .filter(aged -> Topic.problemWithTopic(aged.getEnvelope().getTopic())
                            .isEmpty())
                    .map(aged -> WireModel.fromProto(aged, nowNs))
                    .toList());
        });
    }

    void close() {
        connection.close();
    }

    void onClosed(Runnable handler) {
        connection.closeHandler(v -> handler.run());
    }
}
