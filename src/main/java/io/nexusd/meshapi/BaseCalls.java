package io.nexusd.meshapi;

import com.google.protobuf.ByteString;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Links;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Routing.PeerMessages;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeIdentity;
import io.nexusd.model.Topic;
import io.nexusd.proto.mesh.Ack;
import io.nexusd.proto.mesh.MessageEnvelope;
import io.nexusd.proto.mesh.NodeState;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.ServerCall;
import io.nexusd.wire.WireModel;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The RPCs that every version speaks: state, and messages each with an Ack. */
final class BaseCalls {
    private final Bus bus;
    private final Meters meters;
    private final String clusterId;

    BaseCalls(Bus bus, Meters meters, String clusterId) {
        this.bus = bus;
        this.meters = meters;
        this.clusterId = clusterId;
    }

    /** Answers with this node's interest; the request says nothing that matters yet. */
    void getNodeState(ServerCall call) {
        call.onHalfClose(() -> bus.request(Links.OWN_STATE, new Links.OwnStateWanted())
                .onSuccess(own -> {
                    NodeState state = NodeState.newBuilder()
                            .setInstanceUuid(own.id().value())
                            .addAllTopics(own.filters())
                            .setTopicStateHash(own.topicHash())
                            .setClusterId(clusterId)
                            .setProtocolVersion(NodeIdentity.PROTOCOL_VERSION)
                            .build();
                    call.write(GrpcFrames.frame(state));
                    call.end(GrpcStatus.OK, "");
                })
                .onFailure(e -> call.end(GrpcStatus.UNAVAILABLE, "this node is starting or stopping; try again")));
    }

    /** Takes one message. */
    void pushMessage(ServerCall call) {
        Inflow inflow = new Inflow(bus, call);
        List<ByteString> received = new ArrayList<>(1);
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
        call.onMessages(messages -> {
            acks.under++;
            take(call, inflow, messages, acks::taken);
        });
        call.onHalfClose(acks::halfClosed);
    }

    private void take(ServerCall call, Inflow inflow, List<ByteString> messages, Runnable afterAcks) {
        List<Envelope> valid = new ArrayList<>(messages.size());
        Buffer acks = Buffer.buffer();
        String source = "";
        long bytes = 0;
        for (ByteString message : messages) {
            bytes += message.size();
            MessageEnvelope envelope = Inflow.parsed(MessageEnvelope.parser(), message);
            source = envelope.getSourceNodeId();
            Optional<String> problem = Topic.problemWithTopic(envelope.getTopic());
            if (problem.isEmpty()) {
                valid.add(WireModel.fromProto(envelope));
            }
            acks.appendBuffer(GrpcFrames.frame(Ack.newBuilder()
                    .setSuccess(problem.isEmpty())
                    .setErrorMessage(problem.orElse(""))
                    .setMessageId(envelope.getMessageId())
                    .build()));
        }
        meters.meshBytesReceived(bytes);
        inflow.route(new PeerMessages(source, valid, true), bytes, () -> {
            meters.meshBytesSent(acks.length());
            call.write(acks);
            afterAcks.run();
        });
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
