package io.nexusd.wire;

import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * Cuts a byte stream into gRPC messages. In: chunks of any size. Out: the messages each chunk completed. Memory: at most one
 * unfinished message, grown as its bytes arrive and never by what its prefix merely claims.
 */
final class GrpcFrameReader {
    /** What an unfinished message gets at once if its prefix claims as much or more; links send batches of this size. */
    private static final int FIRST_CAPACITY = 64 * 1024;

    private final IntSupplier maxMessageBytes;
    private final byte[] prefix = new byte[GrpcFrames.PREFIX_BYTES];
    private int prefixFilled;
    private int messageLength;
    private byte[] partial;
    private int partialFilled;

    GrpcFrameReader(int maxMessageBytes) {
        this(() -> maxMessageBytes);
    }

    /** Asks for the limit at each message, so that it may change while the stream lives. */
    GrpcFrameReader(IntSupplier maxMessageBytes) {
        this.maxMessageBytes = maxMessageBytes;
    }

    /**
     * Takes the next chunk, the bytes from {@code from} to before {@code to}, which nobody may change afterwards: messages
     * may refer to them.
     *
     * @throws GrpcFailure when a message is compressed or longer than allowed; the stream cannot go on after that
     */
    List<MessageBytes> read(byte[] chunk, int from, int to) {
        List<MessageBytes> messages = new ArrayList<>();
        int position = from;
        while (position < to) {
            if (prefixFilled < GrpcFrames.PREFIX_BYTES) {
                prefix[prefixFilled++] = chunk[position++];
                if (prefixFilled == GrpcFrames.PREFIX_BYTES) {
                    startMessage(messages);
                }
                continue;
            }
            int missing = messageLength - partialFilled;
            int available = to - position;
            if (partialFilled == 0 && available >= missing) {
                messages.add(new MessageBytes(chunk, position, position + missing));
                position += missing;
                prefixFilled = 0;
            } else {
                int taken = Math.min(missing, available);
                append(chunk, position, taken);
                position += taken;
                if (partialFilled == messageLength) {
                    messages.add(new MessageBytes(partial, 0, messageLength));
                    partial = null;
                    partialFilled = 0;
                    prefixFilled = 0;
                }
            }
        }
        return messages;
    }

    /** Takes the next chunk as it came from a stream, which gave it away for good. */
    List<MessageBytes> read(Buffer chunk) {
        ByteBuf bytes = ((BufferInternal) chunk).getByteBuf();
        if (bytes.hasArray()) {
            int from = bytes.arrayOffset() + bytes.readerIndex();
            return read(bytes.array(), from, from + bytes.readableBytes());
        }
        byte[] copy = chunk.getBytes();
        return read(copy, 0, copy.length);
    }

    /** Tells whether the bytes so far end in the middle of a message. */
    boolean midMessage() {
        return prefixFilled > 0;
    }

    private void startMessage(List<MessageBytes> messages) {
        if (prefix[0] != 0) {
            throw new GrpcFailure(
                    GrpcStatus.UNIMPLEMENTED,
                    "compressed messages are not supported here; send with grpc-encoding: identity");
        }
        long length = (prefix[1] & 0xFFL) << 24 | (prefix[2] & 0xFF) << 16 | (prefix[3] & 0xFF) << 8 | prefix[4] & 0xFF;
        int limit = maxMessageBytes.getAsInt();
        if (length > limit) {
            throw new GrpcFailure(
                    GrpcStatus.RESOURCE_EXHAUSTED,
                    "message has " + length + " bytes; at most " + limit + " are allowed");
        }
        messageLength = (int) length;
        if (messageLength == 0) {
            messages.add(MessageBytes.EMPTY);
            prefixFilled = 0;
        }
    }

    private void append(byte[] chunk, int position, int count) {
        int needed = partialFilled + count;
        if (partial == null) {
            partial = new byte[Math.min(messageLength, Math.max(FIRST_CAPACITY, needed))];
        } else if (needed > partial.length) {
            int doubled = (int) Math.min(messageLength, 2L * partial.length);
            partial = Arrays.copyOf(partial, Math.max(doubled, needed));
        }
        System.arraycopy(chunk, position, partial, partialFilled, count);
        partialFilled = needed;
    }
}
