package io.nexusd.bench;

import com.google.protobuf.ByteString;
import io.nexusd.proto.sidecar.BackpressureWarning;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.MessageBatch;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.wire.FieldReader;
import io.nexusd.wire.MessageBytes;

/** Reads what a subscription stream brings and counts it. */
final class Events {
    private final Plan.Codec codec;
    private final Tally tally;
    private final FieldReader event = new FieldReader();
    private final FieldReader batch = new FieldReader();
    private final FieldReader message = new FieldReader();

    Events(Plan.Codec codec, Tally tally) {
        this.codec = codec;
        this.tally = tally;
    }

    /** Takes one MessageEvent. */
    void take(MessageBytes bytes, long nowNs) {
        if (codec == Plan.Codec.PROTOBUF) {
            takeGenerated(bytes, nowNs);
            return;
        }
        byte[] array = bytes.array();
        event.over(array, bytes.from(), bytes.to());
        while (event.next()) {
            switch (event.number()) {
                case MessageEvent.MESSAGE_FIELD_NUMBER -> takeMessage(array, event.start(), event.end(), nowNs);
                case MessageEvent.MESSAGE_BATCH_FIELD_NUMBER -> {
                    batch.over(array, event.start(), event.end());
                    while (batch.next()) {
                        if (batch.number() == MessageBatch.MESSAGES_FIELD_NUMBER) {
                            takeMessage(array, batch.start(), batch.end(), nowNs);
                        }
                    }
                }
                case MessageEvent.BACKPRESSURE_WARNING_FIELD_NUMBER -> takeGenerated(bytes, nowNs);
                default -> {
                    // Information and heartbeats count nowhere.
                }
            }
        }
        if (!event.isRegular() || !batch.isRegular() || !message.isRegular()) {
            takeGenerated(bytes, nowNs);
        }
    }

    private void takeMessage(byte[] bytes, int start, int end, long nowNs) {
        message.over(bytes, start, end);
        while (message.next()) {
            if (message.number() == Message.PAYLOAD_FIELD_NUMBER && message.end() - message.start() >= Stamp.BYTES) {
                int at = message.start();
                tally.onMessage(Stamp.intendedNs(bytes, at), Stamp.rest(bytes, at), nowNs);
                return;
            }
        }
    }

    private void takeGenerated(MessageBytes bytes, long nowNs) {
        MessageEvent parsed = bytes.parsed(MessageEvent.parser());
        switch (parsed.getEventCase()) {
            case MESSAGE -> takeGenerated(parsed.getMessage(), nowNs);
            case MESSAGE_BATCH ->
                parsed.getMessageBatch().getMessagesList().forEach(each -> takeGenerated(each, nowNs));
            case BACKPRESSURE_WARNING -> {
                BackpressureWarning warning = parsed.getBackpressureWarning();
                tally.onLosses(warning.getMessagesDropped(), warning.getMessagesExpired());
            }
            default -> {
                // Information and heartbeats count nowhere.
            }
        }
    }

    private void takeGenerated(Message parsed, long nowNs) {
        ByteString payload = parsed.getPayload();
        if (payload.size() >= Stamp.BYTES) {
            tally.onMessage(Stamp.intendedNs(payload, 0), Stamp.rest(payload, 0), nowNs);
        }
    }
}
