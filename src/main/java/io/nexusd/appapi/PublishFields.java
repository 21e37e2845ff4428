package io.nexusd.appapi;

import com.google.protobuf.ByteString;
import io.nexusd.model.Envelope;
import io.nexusd.model.Topic;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.wire.Envelopes;
import io.nexusd.wire.FieldReader;
import io.nexusd.wire.FieldWriter;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.HeaderReader;
import io.nexusd.wire.MessageBytes;
import io.nexusd.wire.Texts;
import io.nexusd.wire.Texts.Text;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * What one PublishRequest says, read from its bytes without the generated class; that one is asked only where the bytes are
 * unusual or malformed. Reused for request after request, of whatever call. Not thread-safe.
 */
final class PublishFields {
    /**
     * What an event holds besides the content of the publish: two ids of 36 characters, timestamp, sequence number, delivery id and
     * count, the tags and lengths of the event and of a batch, and a trace context that the daemon adds.
     */
    private static final int FIXED_EVENT_BYTES = 2 * 38 + 4 * 11 + 2 * 6 + 124;

    private final Texts texts = new Texts();
    private final FieldReader fields = new FieldReader();
    private final HeaderReader headerReader = new HeaderReader();
    private byte[] bytes;
    private int requestBytes;
    private Text topic;
    private int payloadFrom;
    private int payloadTo;
    private Text contentType;
    private boolean retain;
    private String correlationId;
    private long ttlMs;
    private Map<String, String> headers;
    /** The last topic that was found to be valid. */
    private Text validTopic;

    /**
     * Reads the request in these bytes.
     *
     * @throws GrpcFailure INVALID_ARGUMENT when they are not a PublishRequest
     */
    void read(byte[] array, int from, int to) {
        clear(array);
        requestBytes = to - from;
        fields.over(array, from, to);
        boolean known = true;
        while (known && fields.next()) {
            known = take();
        }
        headers = headerReader.headers();
        if (!known || !fields.isRegular()) {
            take(new MessageBytes(array, from, to).parsed(PublishRequest.parser()));
        }
    }

    String topic() {
        return topic.string();
    }

    /** Returns what is wrong with the topic. */
    Optional<String> topicProblem() {
        // The same topic is the same instance, and most streams have few.
        if (topic == validTopic) {
            return Optional.empty();
        }
        Optional<String> problem = Topic.problemWithTopic(topic.string());
        if (problem.isEmpty()) {
            validTopic = topic;
        }
        return problem;
    }

    int payloadBytes() {
        return payloadTo - payloadFrom;
    }

    /** Returns an upper bound of the bytes of the MessageEvent with this message that costs nothing to compute. */
    long roughEventBytes() {
        return (long) requestBytes + FIXED_EVENT_BYTES;
    }

    /** Returns the bytes of the largest MessageEvent with this message: every number at its largest, in a batch of its own. */
    long eventBytes() {
        long size = FIXED_EVENT_BYTES
                + fieldBytes(topic.utf8().length)
                + fieldBytes(payloadBytes())
                + fieldBytes(contentType.utf8().length)
                + fieldBytes(utf8Bytes(correlationId));
        for (Map.Entry<String, String> header : headers.entrySet()) {
            size += fieldBytes(fieldBytes(utf8Bytes(header.getKey())) + fieldBytes(utf8Bytes(header.getValue())));
        }
        return size;
    }

    private static int fieldBytes(int length) {
        return FieldWriter.delimitedBytes(length);
    }

    private static int utf8Bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    boolean retain() {
        return retain;
    }

    long ttlMs() {
        return ttlMs;
    }

    Map<String, String> headers() {
        return headers;
    }

    /**
     * Returns the message, with bytes of its own.
     *
     * @param newHeaders what it carries as headers
     * @param lifetimeMs 0 for none
     */
    Envelope envelope(
            String messageId, long nowMs, long nowNs, Text source, Map<String, String> newHeaders, long lifetimeMs) {
        ByteString head = Envelopes.head(messageId, topic, bytes, payloadFrom, payloadTo, contentType, nowMs, source);
        int payloadAt = Envelopes.payloadOffset(messageId, topic, payloadBytes());
        return new Envelope(
                messageId,
                topic.string(),
                head.substring(payloadAt, payloadAt + payloadBytes()),
                contentType.string(),
                nowMs,
                source.string(),
                retain,
                correlationId,
                lifetimeMs,
                newHeaders,
                Envelope.expiry(lifetimeMs, nowNs),
                nowNs,
                head);
    }

    private void clear(byte[] array) {
        bytes = array;
        topic = Text.EMPTY;
        payloadFrom = 0;
        payloadTo = 0;
        contentType = Text.EMPTY;
        retain = false;
        correlationId = "";
        ttlMs = 0;
        headerReader.clear();
    }

    /** Takes the field; false when it is not as it should be. */
    private boolean take() {
        int start = fields.start();
        int end = fields.end();
        boolean delimited = fields.wireType() == FieldReader.LENGTH_DELIMITED;
        boolean number = fields.wireType() == FieldReader.VARINT;
        switch (fields.number()) {
            case PublishRequest.TOPIC_FIELD_NUMBER -> {
                topic = texts.at(bytes, start, end);
                return delimited && topic != null;
            }
            case PublishRequest.PAYLOAD_FIELD_NUMBER -> {
                payloadFrom = start;
                payloadTo = end;
                return delimited;
            }
            case PublishRequest.CONTENT_TYPE_FIELD_NUMBER -> {
                contentType = texts.at(bytes, start, end);
                return delimited && contentType != null;
            }
            case PublishRequest.RETAIN_FIELD_NUMBER -> {
                retain = fields.value() != 0;
                return number;
            }
            case PublishRequest.CORRELATION_ID_FIELD_NUMBER -> {
                correlationId = Texts.decode(bytes, start, end);
                return delimited && correlationId != null;
            }
            case PublishRequest.TTL_MS_FIELD_NUMBER -> {
                ttlMs = fields.value();
                return number;
            }
            case PublishRequest.HEADERS_FIELD_NUMBER -> {
                return delimited && headerReader.add(bytes, start, end);
            }
            default -> {
                return true;
            }
        }
    }

    private void take(PublishRequest request) {
        topic = Text.of(request.getTopic());
        bytes = request.getPayload().toByteArray();
        payloadFrom = 0;
        payloadTo = bytes.length;
        contentType = Text.of(request.getContentType());
        retain = request.getRetain();
        correlationId = request.getCorrelationId();
        ttlMs = request.getTtlMs();
        headers = request.getHeadersMap();
    }
}
