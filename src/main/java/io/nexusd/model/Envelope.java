package io.nexusd.model;

import com.google.protobuf.ByteString;
import java.util.Map;

/**
 * One accepted message on its way. Immutable; receivers share it and its payload.
 *
 * @param messageId UUID given when the publish was accepted
 * @param timestampMs when it was published, milliseconds since the epoch on the clock of the source node
 * @param source the node that took the publish, as text: a base peer may send any string
 * @param ttlMs lifetime from timestampMs in milliseconds, 0 for none
 * @param headers user headers, in no particular order
 * @param expiresNs when the lifetime is over, on the monotonic clock ({@link System#nanoTime}) of this process, so that no
 *     jump of a wall clock and no difference between two of them expires anything; {@link #NEVER} for no end
 * @param publishedNs about when it was published, on the monotonic clock of this process; {@link #UNKNOWN} where nothing is known of it
 * @param head the components before retain as every receiver gets them encoded, so that this is done once; empty where it has
 *     not been done yet. The payload may be a part of it. It says nothing that the other components do not say
 */
public record Envelope(
        String messageId,
        String topic,
        ByteString payload,
        String contentType,
        long timestampMs,
        String source,
        boolean retain,
        String correlationId,
        long ttlMs,
        Map<String, String> headers,
        long expiresNs,
        long publishedNs,
        ByteString head) {
    /** The deadline of what has no end. */
    public static final long NEVER = Long.MAX_VALUE;

    /** The publish time of a message whose age is not known. */
    public static final long UNKNOWN = Long.MIN_VALUE;

    /** A lifetime beyond this, a hundred years, has no end; it would not fit the nanoseconds of a clock. */
    private static final long ENDLESS_MS = 100L * 365 * 24 * 3600 * 1000;

    /** What a message costs in memory besides the bytes of its texts: objects, references, map entries. */
    private static final int OVERHEAD_BYTES = 300;

    public Envelope {
        headers = headers.isEmpty() ? Map.of() : Map.copyOf(headers);
    }

    /** A message that is not encoded yet and whose age is not known. */
    public Envelope(
            String messageId,
            String topic,
            ByteString payload,
            String contentType,
            long timestampMs,
            String source,
            boolean retain,
            String correlationId,
            long ttlMs,
            Map<String, String> headers,
            long expiresNs) {
        this(
                messageId,
                topic,
                payload,
                contentType,
                timestampMs,
                source,
                retain,
                correlationId,
                ttlMs,
                headers,
                expiresNs,
                UNKNOWN,
                ByteString.EMPTY);
    }

    /**
     * Returns when a lifetime is over.
     *
     * @param ttlMs the lifetime, 0 for none
     * @param publishedNs when it began, monotonic clock
     */
    public static long expiry(long ttlMs, long publishedNs) {
        return ttlMs <= 0 || ttlMs >= ENDLESS_MS ? NEVER : publishedNs + ttlMs * 1_000_000;
    }

    /**
     * Returns the publish time of a message of this age.
     *
     * @param ageMs its age; negative counts as none
     * @param nowNs monotonic clock
     */
    public static long published(long ageMs, long nowNs) {
        return nowNs - Math.min(ENDLESS_MS, Math.max(0, ageMs)) * 1_000_000;
    }

    /** Returns the time from its publish to now in nanoseconds; negative where that is not known. */
    public long ageNs(long nowNs) {
        return publishedNs == UNKNOWN ? -1 : Math.max(0, nowNs - publishedNs);
    }

    /** Tells whether the lifetime is over. */
    public boolean expiredAt(long nowNs) {
        return expiresNs != NEVER && expiresNs - nowNs <= 0;
    }

    /** Returns about how many bytes of memory the message holds. */
    public int memoryBytes() {
        int encoded = head.isEmpty() ? payload.size() : head.size();
        int bytes = OVERHEAD_BYTES + topic.length() + encoded + contentType.length() + correlationId.length();
        for (Map.Entry<String, String> header : headers.entrySet()) {
            bytes += 100 + header.getKey().length() + header.getValue().length();
        }
        return bytes;
    }

    /** Returns the message as published at another time. */
    public Envelope publishedAt(long otherTimestampMs) {
        return new Envelope(
                messageId,
                topic,
                payload,
                contentType,
                otherTimestampMs,
                source,
                retain,
                correlationId,
                ttlMs,
                headers,
                expiresNs,
                publishedNs,
                ByteString.EMPTY);
    }

    /** Returns the message with its encoded head. */
    public Envelope withHead(ByteString encoded) {
        return new Envelope(
                messageId,
                topic,
                payload,
                contentType,
                timestampMs,
                source,
                retain,
                correlationId,
                ttlMs,
                headers,
                expiresNs,
                publishedNs,
                encoded);
    }
}
