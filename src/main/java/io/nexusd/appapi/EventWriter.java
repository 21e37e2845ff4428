package io.nexusd.appapi;

import io.nexusd.proto.sidecar.MessageBatch;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.wire.FieldWriter;
import io.nexusd.wire.GrpcFrames;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/** Puts ready messages together for one write to a subscriber stream. */
final class EventWriter {
    private EventWriter() {}

    /** Returns a gRPC frame for each message, one after the other. */
    static Buffer frames(List<EncodedMessage> messages) {
        int size = 0;
        for (EncodedMessage message : messages) {
            size += message.frameBytes();
        }
        byte[] frames = new byte[size];
        int at = 0;
        for (EncodedMessage message : messages) {
            at = EncodedMessage.writeFrame(frames, at, message.body(), MessageEvent.MESSAGE_FIELD_NUMBER);
        }
        return GrpcFrames.wrap(frames);
    }

    /** Returns one gRPC frame with all messages as a {@code message_batch}. */
    static Buffer batch(List<EncodedMessage> messages) {
        int batchSize = 0;
        for (EncodedMessage message : messages) {
            batchSize += FieldWriter.delimitedBytes(message.body().size());
        }
        int eventSize = FieldWriter.delimitedBytes(batchSize);
        byte[] frame = new byte[GrpcFrames.PREFIX_BYTES + eventSize];
        GrpcFrames.writePrefix(frame, 0, eventSize);
        int at = FieldWriter.delimiter(
                frame, GrpcFrames.PREFIX_BYTES, MessageEvent.MESSAGE_BATCH_FIELD_NUMBER, batchSize);
        for (EncodedMessage message : messages) {
            at = FieldWriter.delimiter(
                    frame,
                    at,
                    MessageBatch.MESSAGES_FIELD_NUMBER,
                    message.body().size());
            at = message.body().writeTo(frame, at);
        }
        return GrpcFrames.wrap(frame);
    }
}
