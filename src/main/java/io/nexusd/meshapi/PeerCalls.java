package io.nexusd.meshapi;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Membership;
import io.nexusd.bus.Retention;
import io.nexusd.proto.mesh.MeshViewRequest;
import io.nexusd.proto.mesh.MeshViewResponse;
import io.nexusd.proto.mesh.RetainedDigestRequest;
import io.nexusd.proto.mesh.RetainedDigestResponse;
import io.nexusd.proto.mesh.RetainedMessagesRequest;
import io.nexusd.proto.mesh.RetainedMessagesResponse;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.MessageBytes;
import io.nexusd.wire.ServerCall;
import io.nexusd.wire.WireModel;
import io.vertx.core.Future;
import io.vertx.grpc.common.GrpcStatus;
import java.util.function.Function;

/**
 * The calls by which a peer compares its retained messages with this node's and fetches what it lacks, and by which it asks how
 * this node sees the mesh.
 */
final class PeerCalls {
    private final Bus bus;

    PeerCalls(Bus bus) {
        this.bus = bus;
    }

    /** Answers with a page of the versions in the buckets that differ. */
    void digest(ServerCall call) {
        answer(call, RetainedDigestRequest.parser(), request -> {
            if (request.getBucketHashesCount() != Retention.BUCKETS) {
                throw new GrpcFailure(
                        GrpcStatus.INVALID_ARGUMENT,
                        "bucket_hashes has " + request.getBucketHashesCount() + " values; it needs "
                                + Retention.BUCKETS);
            }
            // An older node asks for everything at once.
            int maxVersions = request.getMaxVersions() > 0
                    ? Math.min(request.getMaxVersions(), Retention.MAX_VERSIONS)
                    : Retention.MAX_VERSIONS;
            int fromBucket = Math.min(Math.max(0, request.getFromBucket()), Retention.BUCKETS);
            return bus.request(
                            Retention.DIGEST,
                            new Retention.DigestWanted(request.getBucketHashesList(), fromBucket, maxVersions))
                    .map(digest -> {
                        RetainedDigestResponse.Builder response =
                                RetainedDigestResponse.newBuilder().setNextBucket(digest.nextBucket());
                        digest.versions().forEach(version -> response.addVersions(WireModel.toProto(version)));
                        return response.build();
                    });
        });
    }

    /** Answers with retained messages. */
    void messages(ServerCall call) {
        answer(call, RetainedMessagesRequest.parser(), request -> {
            if (request.getTopicsCount() > Retention.MAX_TOPICS_ASKED) {
                throw new GrpcFailure(
                        GrpcStatus.INVALID_ARGUMENT,
                        "topics has " + request.getTopicsCount() + " values; at most " + Retention.MAX_TOPICS_ASKED
                                + " are answered at once");
            }
            return bus.request(Retention.MESSAGES, new Retention.MessagesWanted(request.getTopicsList()))
                    .map(messages -> {
                        long nowNs = System.nanoTime();
                        RetainedMessagesResponse.Builder response = RetainedMessagesResponse.newBuilder();
                        messages.envelopes()
                                .forEach(envelope -> response.addEnvelopes(WireModel.aged(envelope, nowNs)));
                        return response.build();
                    });
        });
    }

    /** Answers with the members as this node sees them. */
    void meshView(ServerCall call) {
        answer(
                call,
                MeshViewRequest.parser(),
                request -> bus.request(Membership.PEERS).map(peers -> {
                    long nowMs = System.currentTimeMillis();
                    MeshViewResponse.Builder response = MeshViewResponse.newBuilder()
                            .setInstanceUuid(peers.self().id().value());
                    peers.peers().forEach(peer -> response.addMembers(WireModel.toProto(peer, nowMs)));
                    return response.build();
                }));
    }

    private static <Q, R extends MessageLite> void answer(
            ServerCall call, Parser<Q> parser, Function<Q, Future<R>> handler) {
        MessageBytes[] request = {MessageBytes.EMPTY};
        call.onMessages(messages -> request[0] = messages.get(0));
        call.onHalfClose(() -> handler.apply(request[0].parsed(parser))
                .onSuccess(response -> {
                    call.write(GrpcFrames.frame(response));
                    call.end(GrpcStatus.OK, "");
                })
                .onFailure(e -> call.end(GrpcStatus.UNAVAILABLE, "this node is starting or stopping; try again")));
    }
}
