package io.nexusd.meshapi;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Links;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Retention;
import io.nexusd.bus.Routing.Incoming;
import io.nexusd.bus.Routing.PeerMessages;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeIdentity;
import io.nexusd.model.Share;
import io.nexusd.model.Topic;
import io.nexusd.model.Utf8Order;
import io.nexusd.proto.mesh.Ack;
import io.nexusd.proto.mesh.MessageEnvelope;
import io.nexusd.proto.mesh.NodeState;
import io.nexusd.proto.mesh.NodeStateRequest;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.MessageBytes;
import io.nexusd.wire.ServerCall;
import io.nexusd.wire.WireModel;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;

/** The RPCs that every version speaks: state, and messages each with an Ack. */
final class BaseCalls {
    /** A base peer reads gRPC messages of 4 MiB at most, if it leaves the usual limit as it is. */
    private static final int MAX_RETAINED_BYTES = 3 * 1024 * 1024;

    /** The year 9999: a retained message of later could never be replaced, because there is no later time to give. */
    private static final long MAX_TIMESTAMP_MS = 253_402_300_799_999L;

    private final Bus bus;
    private final Meters meters;
    private final Supplier<String> clusterId;

    BaseCalls(Bus bus, Meters meters, Supplier<String> clusterId) {
        this.bus = bus;
        this.meters = meters;
        this.clusterId = clusterId;
    }

    /** Answers with this node's interest and, unless the request leaves them out, retained messages. */
    void getNodeState(ServerCall call) {
        MessageBytes[] received = {MessageBytes.EMPTY};
        call.onMessages(messages -> received[0] = messages.get(0));
        call.onHalfClose(() -> {
            NodeStateRequest request = received[0].parsed(NodeStateRequest.parser());
            Future<Retention.Messages> retained = request.getWithoutRetained() || request.getIdentityOnly()
                    ? Future.succeededFuture(new Retention.Messages(List.of()))
                    : bus.request(Retention.ALL, new Retention.AllWanted(MAX_RETAINED_BYTES));
            retained.compose(messages -> bus.request(Links.OWN_STATE).map(own -> state(own, request, messages)))
                    .onSuccess(state -> {
                        call.write(GrpcFrames.frame(state));
                        call.end(GrpcStatus.OK, "");
                    })
                    .onFailure(e -> call.end(GrpcStatus.UNAVAILABLE, "this node is starting or stopping; try again"));
        });
    }

    private NodeState state(Links.NodeState own, NodeStateRequest request, Retention.Messages retained) {
        NodeState.Builder state = NodeState.newBuilder()
                .setInstanceUuid(own.id().value())
                .setTopicStateHash(own.topicHash())
                .setClusterId(clusterId.get())
                .setProtocolVersion(NodeIdentity.PROTOCOL_VERSION);
        if (request.getIdentityOnly()) {
            return state.build();
        }
        if (request.getWithShares()) {
            state.addAllTopics(own.filters());
        } else {
            TreeSet<String> filters = new TreeSet<>(Utf8Order.INSTANCE);
            own.filters()
                    .forEach(filter ->
                            filters.add(Share.of(filter).map(Share::filter).orElse(filter)));
            state.addAllTopics(filters);
        }
        retained.envelopes()
                .forEach(envelope -> state.putRetainedMessages(envelope.topic(), WireModel.toProto(envelope)));
        return state.build();
    }

    /** Takes one message. */
    void pushMessage(ServerCall call) {
        Inflow inflow = new Inflow(bus, call);
        List<MessageBytes> received = new ArrayList<>(1);
        call.onMessages(messages -> {
            received.addAll(messages);
            if (received.size() > 1) {
                throw new GrpcFailure(
                        GrpcStatus.INVALID_ARGUMENT, "PushMessage takes one message; use PushMessageStream for more");
            }
        });
        call.onHalfClose(() -> {
            if (received.isEmpty()) {
                throw new GrpcFailure(GrpcStatus.INVALID_ARGUMENT, "PushMessage needs a message");
            }
            take(call, inflow, received, () -> call.end(GrpcStatus.OK, ""));
        });
    }

    /** Takes messages one after the other; the Acks come in their order, those of one read together. */
    void pushMessageStream(ServerCall call) {
        Inflow inflow = new Inflow(bus, call);
        Acks acks = new Acks(call);
        call.sendHeaders();
        call.withoutHaste().onMessages(messages -> {
            acks.under++;
            take(call, inflow, messages, acks::taken);
        });
        call.onHalfClose(acks::halfClosed);
    }

    private void take(ServerCall call, Inflow inflow, List<MessageBytes> messages, Runnable afterAcks) {
        List<Incoming> valid = new ArrayList<>(messages.size());
        long nowMs = System.currentTimeMillis();
        long nowNs = System.nanoTime();
        Buffer acks = Buffer.buffer();
        long bytes = 0;
        for (MessageBytes message : messages) {
            bytes += message.size();
            MessageEnvelope envelope = message.parsed(MessageEnvelope.parser());
            Optional<String> problem = problemWith(envelope);
            if (problem.isEmpty()) {
                // A base peer's clock is not compared with this one, so its times are taken as they are.
                long ageMs = nowMs - envelope.getTimestampMs();
                valid.add(new Incoming(
                        WireModel.fromProto(envelope, Envelope.published(ageMs, nowNs)), true, List.of(), 0));
            }
            acks.appendBuffer(GrpcFrames.frame(Ack.newBuilder()
                    .setSuccess(problem.isEmpty())
                    .setErrorMessage(problem.orElse(""))
                    .setMessageId(envelope.getMessageId())
                    .build()));
        }
        meters.meshBytesReceived(bytes);
        inflow.route(new PeerMessages(valid, true), bytes, () -> {
            meters.meshBytesSent(acks.length());
            call.write(acks);
            afterAcks.run();
        });
    }

    private static Optional<String> problemWith(MessageEnvelope envelope) {
        long timestampMs = envelope.getTimestampMs();
        return timestampMs < 0 || timestampMs > MAX_TIMESTAMP_MS
                ? Optional.of("timestamp_ms is " + timestampMs + "; it must be from 0 to " + MAX_TIMESTAMP_MS
                        + ", milliseconds since the epoch")
                : Topic.problemWithTopic(envelope.getTopic());
    }

    /** Ends the stream when the sender has and every Ack is out. */
    private static final class Acks {
        private final ServerCall call;
        private int under;
        private boolean halfClosed;

        Acks(ServerCall call) {
            this.call = call;
        }

        void taken() {
            under--;
            endIfDone();
        }

        void halfClosed() {
            halfClosed = true;
            endIfDone();
        }

        private void endIfDone() {
            if (halfClosed && under == 0) {
                call.end(GrpcStatus.OK, "");
            }
        }
    }
}
