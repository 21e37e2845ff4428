package io.nexusd.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.nexusd.model.Envelope;
import io.nexusd.proto.mesh.MessageEnvelope;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.wire.Texts.Text;

/**
 * The encoding of messages. A Message, for applications, and a MessageEnvelope, for nodes, have their first six fields in common:
 * these, payload included, are encoded once, when a message is accepted, and copied from then on. The bytes are equal in
 * meaning to what generated code would write.
 */
public final class Envelopes {
    private static final byte[] NONE = new byte[0];

    private Envelopes() {}

    /**
     * Returns the head of a message; see {@link Envelope#head()}.
     *
     * @param messageId in ASCII
     * @param payload the array that holds the payload, from {@code from} to before {@code to}
     */
    public static ByteString head(
            String messageId,
            Text topic,
            byte[] payload,
            int from,
            int to,
            Text contentType,
            long timestampMs,
            Text source) {
        int size = bytesOf(messageId.length())
                + bytesOf(topic.utf8().length)
                + bytesOf(to - from)
                + bytesOf(contentType.utf8().length)
                + (timestampMs == 0 ? 0 : 1 + FieldWriter.varintBytes(timestampMs))
                + bytesOf(source.utf8().length);
        byte[] head = new byte[size];
        int at = FieldWriter.ascii(head, 0, Message.MESSAGE_ID_FIELD_NUMBER, messageId);
        at = text(head, at, Message.TOPIC_FIELD_NUMBER, topic);
        if (to > from) {
            at = FieldWriter.delimiter(head, at, Message.PAYLOAD_FIELD_NUMBER, to - from);
            System.arraycopy(payload, from, head, at, to - from);
            at += to - from;
        }
        at = text(head, at, Message.CONTENT_TYPE_FIELD_NUMBER, contentType);
        if (timestampMs != 0) {
            at = FieldWriter.number(head, at, Message.TIMESTAMP_MS_FIELD_NUMBER, timestampMs);
        }
        text(head, at, Message.SOURCE_NODE_ID_FIELD_NUMBER, source);
        return UnsafeByteOperations.unsafeWrap(head);
    }

    /** Returns where the payload begins in a head that was made here of these. */
    public static int payloadOffset(String messageId, Text topic, int payloadBytes) {
        return bytesOf(messageId.length()) + bytesOf(topic.utf8().length) + bytesOf(payloadBytes) - payloadBytes;
    }

    /** Returns the message with its head. */
    public static Envelope withHead(Envelope envelope) {
        if (!envelope.head().isEmpty()) {
            return envelope;
        }
        ByteString head = Message.newBuilder()
                .setMessageId(envelope.messageId())
                .setTopic(envelope.topic())
                .setPayload(envelope.payload())
                .setContentType(envelope.contentType())
                .setTimestampMs(envelope.timestampMs())
                .setSourceNodeId(envelope.source())
                .build()
                .toByteString();
        return envelope.withHead(head);
    }

    /**
     * Returns it as a Message, for applications.
     *
     * @param sequence its number on its topic on this node, 0 for none
     */
    public static EncodedEnvelope forApplications(Envelope envelope, long sequence) {
        ByteString head = withHead(envelope).head();
        byte[] rest = NONE;
        if (!envelope.correlationId().isEmpty() || !envelope.headers().isEmpty()) {
            rest = Message.newBuilder()
                    .setCorrelationId(envelope.correlationId())
                    .putAllHeaders(envelope.headers())
                    .build()
                    .toByteArray();
        }
        int numberBytes = sequence == 0 ? 0 : 1 + FieldWriter.varintBytes(sequence);
        byte[] tail = new byte[numberBytes + rest.length];
        if (sequence != 0) {
            FieldWriter.number(tail, 0, Message.SEQUENCE_NUMBER_FIELD_NUMBER, sequence);
        }
        System.arraycopy(rest, 0, tail, numberBytes, rest.length);
        return new EncodedEnvelope(head, tail);
    }

    /** Returns it as a MessageEnvelope, for nodes. */
    public static EncodedEnvelope forNodes(Envelope envelope) {
        byte[] tail = NONE;
        boolean plain = !envelope.retain()
                && envelope.ttlMs() == 0
                && envelope.correlationId().isEmpty()
                && envelope.headers().isEmpty();
        if (!plain) {
            tail = MessageEnvelope.newBuilder()
                    .setRetain(envelope.retain())
                    .setCorrelationId(envelope.correlationId())
                    .setTtlMs(envelope.ttlMs())
                    .putAllHeaders(envelope.headers())
                    .build()
                    .toByteArray();
        }
        return new EncodedEnvelope(withHead(envelope).head(), tail);
    }

    private static int bytesOf(int length) {
        return length == 0 ? 0 : FieldWriter.delimitedBytes(length);
    }

    private static int text(byte[] target, int offset, int field, Text text) {
        return text.utf8().length == 0 ? offset : FieldWriter.bytes(target, offset, field, text.utf8());
    }
}
