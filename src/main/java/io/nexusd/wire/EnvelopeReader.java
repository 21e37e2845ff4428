package io.nexusd.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.nexusd.model.Envelope;
import io.nexusd.proto.mesh.MessageEnvelope;
import io.nexusd.wire.Texts.Text;
import java.util.Arrays;

/**
 * Reads the messages of a peer, one after the other, each from its bytes as a MessageEnvelope. What it does not know, or what
 * is malformed, it leaves to the generated parser. Not thread-safe.
 */
public final class EnvelopeReader {
    private final Texts texts = new Texts();
    private final FieldReader fields = new FieldReader();
    private final HeaderReader headers = new HeaderReader();
    private byte[] bytes;
    private int from;
    /** Where the fields end that are the head, 0 when the order of the fields is another one. */
    private int headEnd;

    private String messageId;
    private Text topic;
    private int payloadFrom;
    private int payloadTo;
    private Text contentType;
    private long timestampMs;
    private Text source;
    private boolean retain;
    private String correlationId;
    private long ttlMs;
    /** What the generated parser made of it; null when that was not needed. */
    private MessageEnvelope generated;

    /**
     * Reads the message in these bytes.
     *
     * @throws GrpcFailure INVALID_ARGUMENT when they are not a MessageEnvelope
     */
    public void read(byte[] array, int start, int end) {
        bytes = array;
        from = start;
        clear();
        fields.over(array, start, end);
        boolean known = true;
        int last = 0;
        boolean ordered = true;
        while (known && fields.next()) {
            ordered &= fields.number() > last || fields.number() > MessageEnvelope.SOURCE_NODE_ID_FIELD_NUMBER;
            last = Math.max(last, fields.number());
            if (fields.number() <= MessageEnvelope.SOURCE_NODE_ID_FIELD_NUMBER) {
                headEnd = fields.end();
            }
            known = take();
        }
        if (!known || !fields.isRegular()) {
            generated = new MessageBytes(array, start, end).parsed(MessageEnvelope.parser());
        }
        if (!ordered) {
            headEnd = 0;
        }
    }

    /** Returns the topic; whether it is valid is not checked. */
    public String topic() {
        return generated == null ? topic.string() : generated.getTopic();
    }

    /** Returns when it was published, milliseconds since the epoch on the clock of its source. */
    public long timestampMs() {
        return generated == null ? timestampMs : generated.getTimestampMs();
    }

    /** Returns its lifetime in milliseconds, 0 for none. */
    public long ttlMs() {
        return generated == null ? ttlMs : generated.getTtlMs();
    }

    /**
     * Returns the message, with bytes of its own.
     *
     * @param publishedNs when its lifetime began, on this process's monotonic clock
     */
    public Envelope envelope(long publishedNs) {
        if (generated != null) {
            return WireModel.fromProto(generated, publishedNs);
        }
        ByteString head = ByteString.EMPTY;
        ByteString payload = ByteString.EMPTY;
        if (headEnd > 0) {
            head = UnsafeByteOperations.unsafeWrap(Arrays.copyOfRange(bytes, from, headEnd));
            payload = head.substring(payloadFrom - from, payloadTo - from);
        } else if (payloadTo > payloadFrom) {
            payload = ByteString.copyFrom(bytes, payloadFrom, payloadTo - payloadFrom);
        }
        return new Envelope(
                messageId,
                topic.string(),
                payload,
                contentType.string(),
                timestampMs,
                source.string(),
                retain,
                correlationId,
                Math.max(0, ttlMs),
                headers.headers(),
                Envelope.expiry(ttlMs, publishedNs),
                publishedNs,
                head);
    }

    /** Lets go of the bytes and of what was read from them. */
    public void release() {
        bytes = null;
        generated = null;
        fields.release();
    }

    private void clear() {
        headEnd = 0;
        messageId = "";
        topic = Text.EMPTY;
        payloadFrom = from;
        payloadTo = from;
        contentType = Text.EMPTY;
        timestampMs = 0;
        source = Text.EMPTY;
        retain = false;
        correlationId = "";
        ttlMs = 0;
        headers.clear();
        generated = null;
    }

    /** Takes the field; false when it is not as it should be. */
    private boolean take() {
        int start = fields.start();
        int end = fields.end();
        boolean text = fields.wireType() == FieldReader.LENGTH_DELIMITED;
        boolean number = fields.wireType() == FieldReader.VARINT;
        switch (fields.number()) {
            case MessageEnvelope.MESSAGE_ID_FIELD_NUMBER -> {
                messageId = Texts.decode(bytes, start, end);
                return text && messageId != null;
            }
            case MessageEnvelope.TOPIC_FIELD_NUMBER -> {
                topic = texts.at(bytes, start, end);
                return text && topic != null;
            }
            case MessageEnvelope.PAYLOAD_FIELD_NUMBER -> {
                payloadFrom = start;
                payloadTo = end;
                return text;
            }
            case MessageEnvelope.CONTENT_TYPE_FIELD_NUMBER -> {
                contentType = texts.at(bytes, start, end);
                return text && contentType != null;
            }
            case MessageEnvelope.TIMESTAMP_MS_FIELD_NUMBER -> {
                timestampMs = fields.value();
                return number;
            }
            case MessageEnvelope.SOURCE_NODE_ID_FIELD_NUMBER -> {
                source = texts.at(bytes, start, end);
                return text && source != null;
            }
            case MessageEnvelope.RETAIN_FIELD_NUMBER -> {
                retain = fields.value() != 0;
                return number;
            }
            case MessageEnvelope.CORRELATION_ID_FIELD_NUMBER -> {
                correlationId = Texts.decode(bytes, start, end);
                return text && correlationId != null;
            }
            case MessageEnvelope.TTL_MS_FIELD_NUMBER -> {
                ttlMs = fields.value();
                return number;
            }
            case MessageEnvelope.HEADERS_FIELD_NUMBER -> {
                return text && headers.add(bytes, start, end);
            }
            default -> {
                return true;
            }
        }
    }
}
