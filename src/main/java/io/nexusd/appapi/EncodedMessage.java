package io.nexusd.appapi;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.nexusd.bus.Routing.Handed;
import io.nexusd.bus.Spans;
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
    private final String messageId;
    private final String topic;
    private final long sequence;
    /** What to hand over when its subscription cannot get it; null unless it was picked from a group for it. */
    private final Handed handed;
    /** Ends when the message is written to its subscription; null unless it is traced. */
    private final Spans.Span span;

    private EncodedMessage(
            byte[] frame,
            int bodyOffset,
            boolean fromPeer,
            long publishedMs,
            String messageId,
            String topic,
            long sequence,
            Handed handed,
            Spans.Span span) {
        this.frame = frame;
        this.bodyOffset = bodyOffset;
        this.fromPeer = fromPeer;
        this.publishedMs = publishedMs;
        this.messageId = messageId;
        this.topic = topic;
        this.sequence = sequence;
        this.handed = handed;
        this.span = span;
    }

    /** Encodes a live message. */
    static EncodedMessage of(Envelope envelope, long sequence, boolean fromPeer) {
        Message message = message(envelope, sequence);
        byte[] frame = frame(message, MessageEvent.MESSAGE_FIELD_NUMBER);
        return new EncodedMessage(
                frame,
                frame.length - message.getSerializedSize(),
                fromPeer,
                envelope.timestampMs(),
                envelope.messageId(),
                envelope.topic(),
                sequence,
                null,
                null);
    }

    /** Returns the frame of a MessageEvent whose field of this number is the message. */
    static byte[] frame(Envelope envelope, long sequence, int eventField) {
        return frame(message(envelope, sequence), eventField);
    }

    private static Message message(Envelope envelope, long sequence) {
        return Message.newBuilder()
                .setMessageId(envelope.messageId())
                .setTopic(envelope.topic())
                .setPayload(envelope.payload())
                .setContentType(envelope.contentType())
                .setTimestampMs(envelope.timestampMs())
                .setSourceNodeId(envelope.source())
                .setCorrelationId(envelope.correlationId())
                .setSequenceNumber(sequence)
                .putAllHeaders(envelope.headers())
                .build();
    }

    private static byte[] frame(Message message, int eventField) {
        int bodySize = message.getSerializedSize();
        int eventSize = EVENT_TAG_BYTES + CodedOutputStream.computeUInt32SizeNoTag(bodySize) + bodySize;
        byte[] frame = new byte[GrpcFrames.PREFIX_BYTES + eventSize];
        GrpcFrames.writePrefix(frame, 0, eventSize);
        CodedOutputStream out = CodedOutputStream.newInstance(frame, GrpcFrames.PREFIX_BYTES, eventSize);
        try {
            out.writeTag(eventField, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(bodySize);
            message.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException("a message did not fit its own size", e);
        }
        return frame;
    }

    /** Returns this message as one that was picked for a subscription, with what is handed over if it cannot get it. */
    EncodedMessage pickedWith(Handed other) {
        return new EncodedMessage(frame, bodyOffset, fromPeer, publishedMs, messageId, topic, sequence, other, span);
    }

    /** Returns this message as one that is written to one subscription under a span. */
    EncodedMessage tracedBy(Spans.Span newSpan) {
        return new EncodedMessage(
                frame, bodyOffset, fromPeer, publishedMs, messageId, topic, sequence, handed, newSpan);
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

    String messageId() {
        return messageId;
    }

    String topic() {
        return topic;
    }

    /** Returns its number on its topic on this node. */
    long sequence() {
        return sequence;
    }

    Spans.Span span() {
        return span;
    }

    Handed handed() {
        return handed;
    }
}
