package io.nexusd.appapi;

import io.nexusd.proto.sidecar.MessageBatch;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.wire.FieldWriter;
import io.nexusd.wire.FrameBytes;
import io.nexusd.wire.GrpcFrames;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts ready messages together for one write to a subscriber stream. Within a turn, subscribers that get the same messages share
 * the bytes. Lives on appapi's event loop.
 */
final class EventWriter {
    /** Writes of a turn that are kept for others; with the bytes of a write this is a megabyte. */
    private static final int MAX_KEPT = 16;

    private record Written(List<EncodedMessage> messages, boolean batch, Buffer bytes) {
        boolean isOf(List<EncodedMessage> others, boolean asBatch) {
            if (batch != asBatch || messages.size() != others.size()) {
                return false;
            }
            for (int i = 0; i < others.size(); i++) {
                if (messages.get(i) != others.get(i)) {
                    return false;
                }
            }
            return true;
        }
    }

    private final List<Written> kept = new ArrayList<>();
    private boolean sharing;

    /** From now on, until {@link #endTurn}, several subscribers are written to. */
    void beginTurn() {
        sharing = true;
    }

    /** Forgets what was written. */
    void endTurn() {
        sharing = false;
        kept.clear();
    }

    /**
     * Returns the messages as one gRPC frame with a {@code message_batch}, or as a frame for each.
     *
     * @param messages may be changed afterwards
     */
    Buffer write(List<EncodedMessage> messages, boolean batch) {
        for (Written written : kept) {
            if (written.isOf(messages, batch)) {
                return written.bytes();
            }
        }
        Buffer bytes = batch ? batch(messages) : frames(messages);
        if (sharing && kept.size() < MAX_KEPT) {
            kept.add(new Written(List.copyOf(messages), batch, bytes));
        }
        return bytes;
    }

    /** Returns a gRPC frame for each message, one after the other. */
    static Buffer frames(List<EncodedMessage> messages) {
        int size = 0;
        int referred = 0;
        for (EncodedMessage message : messages) {
            size += message.frameBytes();
            referred += FrameBytes.referredBytes(message.body());
        }
        FrameBytes frames = new FrameBytes(size, referred);
        for (EncodedMessage message : messages) {
            EncodedMessage.writeFrame(frames, message.body(), MessageEvent.MESSAGE_FIELD_NUMBER);
        }
        return frames.toBuffer();
    }

    /** Returns one gRPC frame with all messages as a {@code message_batch}. */
    static Buffer batch(List<EncodedMessage> messages) {
        int batchBytes = 0;
        int referred = 0;
        for (EncodedMessage message : messages) {
            batchBytes += FieldWriter.delimitedBytes(message.body().size());
            referred += FrameBytes.referredBytes(message.body());
        }
        int eventBytes = FieldWriter.delimitedBytes(batchBytes);
        FrameBytes frame = new FrameBytes(GrpcFrames.PREFIX_BYTES + eventBytes, referred);
        frame.prefix(eventBytes);
        frame.delimiter(MessageEvent.MESSAGE_BATCH_FIELD_NUMBER, batchBytes);
        for (EncodedMessage message : messages) {
            frame.delimiter(MessageBatch.MESSAGES_FIELD_NUMBER, message.body().size());
            frame.message(message.body());
        }
        return frame.toBuffer();
    }
}
