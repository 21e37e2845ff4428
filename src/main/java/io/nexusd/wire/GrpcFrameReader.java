package io.nexusd.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
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
    private static final int FIRST_CAPACITY = 16 * 1024;

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
     * Takes the next chunk, which the caller must not change afterwards: messages may refer to it.
     *
     * @throws GrpcFailure when a message is compressed or longer than allowed; the stream cannot go on after that
     */
    List<ByteString> read(byte[] chunk) {
        List<ByteString> messages = new ArrayList<>();
        int position = 0;
        while (position < chunk.length) {
            if (prefixFilled < GrpcFrames.PREFIX_BYTES) {
                prefix[prefixFilled++] = chunk[position++];
                if (prefixFilled == GrpcFrames.PREFIX_BYTES) {
                    startMessage(messages);
                }
                continue;
            }
            int missing = messageLength - partialFilled;
            int available = chunk.length - position;
            if (partialFilled == 0 && available >= missing) {
                messages.add(UnsafeByteOperations.unsafeWrap(chunk, position, missing));
                position += missing;
                prefixFilled = 0;
            } else {
                int taken = Math.min(missing, available);
                append(chunk, position, taken);
                position += taken;
                if (partialFilled == messageLength) {
                    messages.add(UnsafeByteOperations.unsafeWrap(partial, 0, messageLength));
                    partial = null;
                    partialFilled = 0;
                    prefixFilled = 0;
                }
            }
        }
        return messages;
    }

    /** Tells whether the bytes so far end in the middle of a message. */
    boolean midMessage() {
        return prefixFilled > 0;
    }

    private void startMessage(List<ByteString> messages) {
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
            messages.add(ByteString.EMPTY);
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
