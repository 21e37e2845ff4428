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
        Map<String, String> headers) {
    public Envelope {
        headers = headers.isEmpty() ? Map.of() : Map.copyOf(headers);
    }

    /** Tells whether the lifetime is over at the given time, milliseconds since the epoch. */
    public boolean expiredAt(long nowMs) {
        return ttlMs > 0 && nowMs - timestampMs >= ttlMs;
    }
}
