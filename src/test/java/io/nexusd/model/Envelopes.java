package io.nexusd.model;

import com.google.protobuf.ByteString;
import java.util.Map;

/** Messages for tests. */
public final class Envelopes {
    private Envelopes() {}

    public static Envelope of(String id, String topic) {
        return of(id, topic, id, 0, Envelope.NEVER);
    }

    public static Envelope expiring(String id, String topic, long expiresNs) {
        return of(id, topic, id, 0, expiresNs);
    }

    public static Envelope of(String id, String topic, String payload, long timestampMs, long expiresNs) {
        return new Envelope(
                id, topic, ByteString.copyFromUtf8(payload), "", timestampMs, "n", true, "", 0, Map.of(), expiresNs);
    }
}
