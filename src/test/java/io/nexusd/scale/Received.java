package io.nexusd.scale;

import com.google.protobuf.ByteString;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.wire.MessageBytes;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;

/** What subscriptions got of messages whose payload begins with a number: how many, and whether any came twice or was dropped. */
final class Received {
    private BitSet seen = new BitSet();
    private long count;
    private String trouble = "";

    void take(List<MessageBytes> events) {
        for (MessageBytes bytes : events) {
            MessageEvent event = bytes.parsed(MessageEvent.parser());
            switch (event.getEventCase()) {
                case MESSAGE -> take(event.getMessage());
                case MESSAGE_BATCH -> event.getMessageBatch().getMessagesList().forEach(this::take);
                case BACKPRESSURE_WARNING -> trouble = event.toString();
                default -> {
                    // Heartbeats count nowhere.
                }
            }
        }
    }

    private void take(Message message) {
        if (message.getPayload().size() < Integer.BYTES) {
            return;
        }
        int number = ByteBuffer.wrap(
                        message.getPayload().substring(0, Integer.BYTES).toByteArray())
                .getInt();
        if (seen.get(number)) {
            trouble = "message " + number + " came twice";
        }
        seen.set(number);
        count++;
    }

    long count() {
        if (!trouble.isEmpty()) {
            throw new IllegalStateException(trouble);
        }
        return count;
    }

    void reset() {
        seen = new BitSet();
        count = 0;
    }

    /** Returns a payload of so many bytes that begins with the number. */
    static ByteString payload(int number, int bytes) {
        return ByteString.copyFrom(ByteBuffer.allocate(Math.max(Integer.BYTES, bytes))
                .putInt(number)
                .array());
    }
}
