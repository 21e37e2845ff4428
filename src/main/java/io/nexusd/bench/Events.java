package io.nexusd.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.nexusd.proto.sidecar.BackpressureWarning;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.MessageBatch;
import io.nexusd.proto.sidecar.MessageEvent;

/** Reads what a subscription stream brings and counts it. */
final class Events {
    private final Plan.Codec codec;
    private final Tally tally;
    private final Fields event = new Fields();
    private final Fields batch = new Fields();
    private final Fields message = new Fields();

    Events(Plan.Codec codec, Tally tally) {
        this.codec = codec;
        this.tally = tally;
    }

    /** Takes one MessageEvent. */
    void take(ByteString bytes, long nowNs) {
        if (codec == Plan.Codec.PROTOBUF) {
            takeGenerated(bytes, nowNs);
            return;
        }
        event.over(bytes, 0, bytes.size());
        while (event.next()) {
            switch (event.number()) {
                case MessageEvent.MESSAGE_FIELD_NUMBER -> takeMessage(bytes, event.start(), event.end(), nowNs);
                case MessageEvent.MESSAGE_BATCH_FIELD_NUMBER -> {
                    batch.over(bytes, event.start(), event.end());
                    while (batch.next()) {
                        if (batch.number() == MessageBatch.MESSAGES_FIELD_NUMBER) {
                            takeMessage(bytes, batch.start(), batch.end(), nowNs);
                        }
                    }
                }
                case MessageEvent.BACKPRESSURE_WARNING_FIELD_NUMBER -> takeGenerated(bytes, nowNs);
                default -> {
                    // Information and heartbeats count nowhere.
                }
            }
        }
    }

    private void takeMessage(ByteString bytes, int start, int end, long nowNs) {
        message.over(bytes, start, end);
        while (message.next()) {
            if (message.number() == Message.PAYLOAD_FIELD_NUMBER && message.end() - message.start() >= Stamp.BYTES) {
                int at = message.start();
                tally.onMessage(Stamp.intendedNs(bytes, at), Stamp.rest(bytes, at), nowNs);
                return;
            }
        }
    }

    private void takeGenerated(ByteString bytes, long nowNs) {
        try {
            MessageEvent parsed = MessageEvent.parseFrom(bytes);
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
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("the daemon sent an event that cannot be read: " + e.getMessage(), e);
        }
    }

    private void takeGenerated(Message parsed, long nowNs) {
        ByteString payload = parsed.getPayload();
        if (payload.size() >= Stamp.BYTES) {
            tally.onMessage(Stamp.intendedNs(payload, 0), Stamp.rest(payload, 0), nowNs);
        }
    }
}
