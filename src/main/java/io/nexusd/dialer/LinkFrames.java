package io.nexusd.dialer;

import com.google.protobuf.CodedOutputStream;
import io.nexusd.bus.Links.OwnBeat;
import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import io.nexusd.proto.mesh.EnvelopeBatch;
import io.nexusd.proto.mesh.GroupTarget;
import io.nexusd.proto.mesh.LinkBeat;
import io.nexusd.proto.mesh.LinkFrame;
import io.nexusd.proto.mesh.LinkHello;
import io.nexusd.proto.mesh.MembersRequest;
import io.nexusd.wire.GrpcFrames;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Frames of a link as they are written, and identities as they are read. */
final class LinkFrames {
    private LinkFrames() {}

    static Buffer hello(OwnBeat own) {
        NodeIdentity self = own.self();
        return frame(LinkFrame.newBuilder()
                .setHello(LinkHello.newBuilder()
                        .setInstanceUuid(self.id().value())
                        .setClusterId(self.clusterId())
                        .setName(self.name())
                        .setRpcHost(self.mesh().host())
                        .setRpcPort(self.mesh().port())
                        .setAppPort(self.appPort())
                        .setProtocolVersion(self.protocolVersion())
                        .setVersion(self.version())
                        .setStartedAtMs(self.startedAtMs())
                        .setTopicStateHash(own.beat().topicHash())));
    }

    static Buffer beat(LinkBeat beat) {
        return frame(LinkFrame.newBuilder().setBeat(beat));
    }

    static Buffer membersRequest() {
        return frame(LinkFrame.newBuilder().setMembersRequest(MembersRequest.getDefaultInstance()));
    }

    /**
     * Writes the batch around envelopes that are encoded already; equal to building the LinkFrame, without building every
     * envelope once for each peer.
     */
    static Buffer batch(Outbox.Batch batch, long nowMs) {
        int batchSize =
                CodedOutputStream.computeUInt64Size(EnvelopeBatch.FIRST_SEQUENCE_FIELD_NUMBER, batch.firstSequence());
        for (Outbox.Entry entry : batch.entries()) {
            batchSize += CodedOutputStream.computeBytesSize(EnvelopeBatch.ENVELOPES_FIELD_NUMBER, entry.encoded);
        }
        batchSize += CodedOutputStream.computeInt64Size(EnvelopeBatch.SENT_AT_MS_FIELD_NUMBER, nowMs);
        List<GroupTarget> targets = groupTargets(batch);
        for (GroupTarget target : targets) {
            batchSize += CodedOutputStream.computeMessageSize(EnvelopeBatch.GROUP_TARGETS_FIELD_NUMBER, target);
        }
        int frameSize = CodedOutputStream.computeTagSize(LinkFrame.BATCH_FIELD_NUMBER)
                + CodedOutputStream.computeUInt32SizeNoTag(batchSize)
                + batchSize;
        byte[] bytes = new byte[GrpcFrames.PREFIX_BYTES + frameSize];
        GrpcFrames.writePrefix(bytes, 0, frameSize);
        CodedOutputStream out = CodedOutputStream.newInstance(bytes, GrpcFrames.PREFIX_BYTES, frameSize);
        try {
            out.writeTag(LinkFrame.BATCH_FIELD_NUMBER, com.google.protobuf.WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(batchSize);
            out.writeUInt64(EnvelopeBatch.FIRST_SEQUENCE_FIELD_NUMBER, batch.firstSequence());
            for (Outbox.Entry entry : batch.entries()) {
                out.writeBytes(EnvelopeBatch.ENVELOPES_FIELD_NUMBER, entry.encoded);
            }
            out.writeInt64(EnvelopeBatch.SENT_AT_MS_FIELD_NUMBER, nowMs);
            for (GroupTarget target : targets) {
                out.writeMessage(EnvelopeBatch.GROUP_TARGETS_FIELD_NUMBER, target);
            }
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException("a batch did not fit its own size", e);
        }
        return Buffer.buffer(bytes);
    }

    private static List<GroupTarget> groupTargets(Outbox.Batch batch) {
        List<GroupTarget> targets = new ArrayList<>(0);
        for (int i = 0; i < batch.entries().size(); i++) {
            Outbox.Entry entry = batch.entries().get(i);
            if (!entry.shares.isEmpty()) {
                targets.add(GroupTarget.newBuilder()
                        .setIndex(i)
                        .addAllShares(entry.shares)
                        .setOnly(!entry.plain)
                        .setHops(entry.hops)
                        .build());
            }
        }
        return targets;
    }

    /**
     * Returns who a hello says its sender is.
     *
     * @throws IllegalArgumentException when no valid node says so
     */
    static NodeIdentity identity(LinkHello hello) {
        return new NodeIdentity(
                new NodeId(hello.getInstanceUuid()),
                hello.getClusterId(),
                hello.getName(),
                new Endpoint(hello.getRpcHost(), hello.getRpcPort()),
                hello.getAppPort(),
                hello.getProtocolVersion(),
                hello.getVersion(),
                hello.getStartedAtMs());
    }

    private static Buffer frame(LinkFrame.Builder frame) {
        return GrpcFrames.frame(frame.build());
    }
}
