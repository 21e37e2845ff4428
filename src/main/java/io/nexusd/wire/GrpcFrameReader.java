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
 * unfinished message, grown as its bytes arrive and never by what its prefix merely claims; of compressed messages, which may be small
 * for what they hold, no more at a time than {@link #INFLATED_AT_ONCE_BYTES} and one message.
 */
final class GrpcFrameReader {
    /**
     * What the array for an unfinished message is as a multiple of its first bytes, if its prefix claims as much or more. Links send
     * batches of 64 KiB, of which a quarter comes at once.
     */
    private static final int FIRST_CAPACITY = 4;

    /** What compressed messages of one read may hold before the rest of the read has to wait. */
    private static final int INFLATED_AT_ONCE_BYTES = 1024 * 1024;

    private static final byte[] EMPTY = new byte[0];
    private static final MessageBytes NOTHING = MessageBytes.of(EMPTY);

    private final IntSupplier maxMessageBytes;
    private final boolean gzip;
    private boolean compressed;
    private int inflated;
    private MessageBytes rest = NOTHING;
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
        this(maxMessageBytes, false);
    }

    /**
     * As above.
     *
     * @param gzip whether compressed messages are compressed with gzip; otherwise there may be none
     */
    GrpcFrameReader(IntSupplier maxMessageBytes, boolean gzip) {
        this.maxMessageBytes = maxMessageBytes;
        this.gzip = gzip;
    }

    /**
     * Takes the next chunk, the bytes from {@code from} to before {@code to}, which nobody may change afterwards: messages
     * may refer to them.
     *
     * @throws GrpcFailure when a message is longer than allowed, or compressed in a way that was not declared; the stream cannot go
     *     on after that
     */
    List<MessageBytes> read(byte[] chunk, int from, int to) {
        List<MessageBytes> messages = new ArrayList<>();
        int position = from;
        inflated = 0;
        while (position < to) {
            if (inflated >= INFLATED_AT_ONCE_BYTES) {
                rest = new MessageBytes(chunk, position, to);
                return messages;
            }
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
                messages.add(message(chunk, position, position + missing));
                position += missing;
                prefixFilled = 0;
            } else {
                int taken = Math.min(missing, available);
                append(chunk, position, taken);
                position += taken;
                if (partialFilled == messageLength) {
                    messages.add(message(partial, 0, messageLength));
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

    /** Tells whether bytes of the last read have to wait until what came before them was taken. */
    boolean hasRest() {
        return rest != NOTHING;
    }

    /** Reads on in these bytes. */
    List<MessageBytes> readRest() {
        MessageBytes waiting = rest;
        rest = NOTHING;
        return read(waiting.array(), waiting.from(), waiting.to());
    }

    /** Lets the unfinished message go; nothing can be read after that. */
    void forget() {
        partial = null;
    }

    /** Returns the memory that an unfinished message takes. */
    int held() {
        return partial == null ? 0 : partial.length;
    }

    /** Tells whether the bytes so far end in the middle of a message. */
    boolean midMessage() {
        return prefixFilled > 0;
    }

    private void startMessage(List<MessageBytes> messages) {
        compressed = prefix[0] == 1;
        if (prefix[0] != 0 && !(compressed && gzip)) {
            throw new GrpcFailure(
                    GrpcStatus.INTERNAL,
                    compressed
                            ? "a message is compressed, and the call has no grpc-encoding: gzip"
                            : "a message begins with the byte " + (prefix[0] & 0xFF)
                                    + "; it must be 0 or 1 (compressed)");
        }
        long length = (prefix[1] & 0xFFL) << 24 | (prefix[2] & 0xFF) << 16 | (prefix[3] & 0xFF) << 8 | prefix[4] & 0xFF;
        int limit = maxMessageBytes.getAsInt();
        if (length > (compressed ? GzipMessage.maxCompressedBytes(limit) : limit)) {
            throw new GrpcFailure(
                    GrpcStatus.RESOURCE_EXHAUSTED,
                    "message has " + length + " bytes; at most " + limit + " are allowed");
        }
        messageLength = (int) length;
        if (messageLength == 0) {
            messages.add(message(EMPTY, 0, 0));
            prefixFilled = 0;
        }
    }

    private MessageBytes message(byte[] array, int from, int to) {
        if (!compressed) {
            return from == to ? MessageBytes.EMPTY : new MessageBytes(array, from, to);
        }
        MessageBytes message = GzipMessage.inflate(array, from, to, maxMessageBytes.getAsInt());
        inflated += message.size();
        return message;
    }

    private void append(byte[] chunk, int position, int count) {
        int needed = partialFilled + count;
        if (partial == null) {
            partial = new byte[(int) Math.min(messageLength, (long) FIRST_CAPACITY * needed)];
        } else if (needed > partial.length) {
            int doubled = (int) Math.min(messageLength, 2L * partial.length);
            partial = Arrays.copyOf(partial, Math.max(doubled, needed));
        }
        System.arraycopy(chunk, position, partial, partialFilled, count);
        partialFilled = needed;
    }
}
