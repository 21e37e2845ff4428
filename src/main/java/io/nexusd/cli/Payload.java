package io.nexusd.cli;

import com.google.protobuf.ByteString;
import io.vertx.core.json.JsonObject;
import java.util.Base64;

/** The bytes of a message, which may be text or not. */
final class Payload {
    private Payload() {}

    /** Adds it as {@code payload} where it is UTF-8, otherwise as {@code payload_base64}, so that nothing is lost. */
    static JsonObject put(JsonObject object, ByteString payload) {
        return payload.isValidUtf8()
                ? object.put("payload", payload.toStringUtf8())
                : object.put("payload_base64", Base64.getEncoder().encodeToString(payload.toByteArray()));
    }

    /** Returns it as people can read it, on one line. */
    static String text(ByteString payload) {
        return payload.isValidUtf8()
                ? Text.safe(payload.toStringUtf8())
                : "(" + Text.count(payload.size(), "byte") + ") "
                        + Base64.getEncoder().encodeToString(payload.toByteArray());
    }
}
