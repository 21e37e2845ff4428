package io.nexusd.appapi;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.nexusd.proto.sidecar.MessageBatch;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.wire.GrpcFrames;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Puts ready messages together for one write to a subscriber stream. */
final class EventWriter {
    private static final int TAG_BYTES = 1;

    private EventWriter() {}

    /** Returns a gRPC frame for each message, one after the other. */
    static Buffer frames(List<EncodedMessage> messages) {
        int size = 0;
        for (EncodedMessage message : messages) {
            size += message.frame().length;
        }
        Buffer buffer = Buffer.buffer(size);
        for (EncodedMessage message : messages) {
            buffer.appendBytes(message.frame());
        }
        return buffer;
    }

    /** Returns one gRPC frame with all messages as a {@code message_batch}. */
    static Buffer batch(List<EncodedMessage> messages) {
        int batchSize = 0;
        for (EncodedMessage message : messages) {
            batchSize += TAG_BYTES + CodedOutputStream.computeUInt32SizeNoTag(message.bodySize()) + message.bodySize();
        }
        int eventSize = TAG_BYTES + CodedOutputStream.computeUInt32SizeNoTag(batchSize) + batchSize;
        byte[] frame = new byte[GrpcFrames.PREFIX_BYTES + eventSize];
        GrpcFrames.writePrefix(frame, 0, eventSize);
        CodedOutputStream out = CodedOutputStream.newInstance(frame, GrpcFrames.PREFIX_BYTES, eventSize);
        try {
            out.writeTag(MessageEvent.MESSAGE_BATCH_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(batchSize);
            for (EncodedMessage message : messages) {
                out.writeTag(MessageBatch.MESSAGES_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                out.writeUInt32NoTag(message.bodySize());
                out.write(message.frame(), message.bodyOffset(), message.bodySize());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a batch did not fit its own size", e);
        }
        return Buffer.buffer(frame);
    }
}
