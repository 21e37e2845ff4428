package io.nexusd.appapi;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.nexusd.model.Envelope;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.wire.GrpcFrames;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A message as it is written to subscriber streams, encoded once and shared by all of them: the gRPC frame of a MessageEvent
 * with field {@code message}, and within it the bytes of the Message, of which batches are made. The bytes never change.
 */
final class EncodedMessage {
    private static final int EVENT_TAG_BYTES = 1;

    private final byte[] frame;
    private final int bodyOffset;
    private final boolean fromPeer;
    private final long publishedMs;

    private EncodedMessage(byte[] frame, int bodyOffset, boolean fromPeer, long publishedMs) {
        this.frame = frame;
        this.bodyOffset = bodyOffset;
        this.fromPeer = fromPeer;
        this.publishedMs = publishedMs;
    }

    /** Encodes a message. */
    static EncodedMessage of(Envelope envelope, boolean fromPeer) {
        Message message = Message.newBuilder()
                .setMessageId(envelope.messageId())
                .setTopic(envelope.topic())
                .setPayload(envelope.payload())
                .setContentType(envelope.contentType())
                .setTimestampMs(envelope.timestampMs())
                .setSourceNodeId(envelope.source())
                .setCorrelationId(envelope.correlationId())
                .putAllHeaders(envelope.headers())
                .build();
        int bodySize = message.getSerializedSize();
        int eventSize = EVENT_TAG_BYTES + CodedOutputStream.computeUInt32SizeNoTag(bodySize) + bodySize;
        byte[] frame = new byte[GrpcFrames.PREFIX_BYTES + eventSize];
        GrpcFrames.writePrefix(frame, 0, eventSize);
        CodedOutputStream out = CodedOutputStream.newInstance(frame, GrpcFrames.PREFIX_BYTES, eventSize);
        try {
            out.writeTag(MessageEvent.MESSAGE_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(bodySize);
            message.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException("a message did not fit its own size", e);
        }
        return new EncodedMessage(frame, frame.length - bodySize, fromPeer, envelope.timestampMs());
    }

    /** Returns the frame; not to be changed. */
    byte[] frame() {
        return frame;
    }

    /** Returns where in the frame the bytes of the Message begin; they go to its end. */
    int bodyOffset() {
        return bodyOffset;
    }

    int bodySize() {
        return frame.length - bodyOffset;
    }

    /** Tells whether another node took the publish. */
    boolean fromPeer() {
        return fromPeer;
    }

    /** Returns when it was published, milliseconds since the epoch on the clock of the node that took it. */
    long publishedMs() {
        return publishedMs;
    }
}
