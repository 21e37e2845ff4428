package io.nexusd.wire;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of one write, put together from front to back. Short messages are copied into one array; the heads of long ones, which
 * are nearly all of their bytes, are referred to where they are, so that they are copied only once more, to the socket. Fields
 * have numbers below 16. Not thread-safe.
 */
public final class FrameBytes {
    /** The size from which referring to a head costs less than copying it. */
    private static final int REFERRED_BYTES = 1024;

    private final byte[] copied;
    private int at;
    /** Where that begins which is not among the parts yet. */
    private int open;
    /** Null until a head is referred to. */
    private List<ByteBuf> parts;

    /**
     * Begins.
     *
     * @param size how many bytes will be written
     * @param referredBytes how many of them are in heads that are referred to, see {@link #referredBytes}
     */
    public FrameBytes(int size, int referredBytes) {
        copied = new byte[size - referredBytes];
    }

    /** Returns how many bytes of a message are referred to. */
    public static int referredBytes(EncodedEnvelope message) {
        int headBytes = message.head().size();
        return headBytes < REFERRED_BYTES ? 0 : headBytes;
    }

    /** Writes what comes before a message of a gRPC stream that has so many bytes. */
    public void prefix(int messageBytes) {
        GrpcFrames.writePrefix(copied, at, messageBytes);
        at += GrpcFrames.PREFIX_BYTES;
    }

    /** Writes a field that is a number. */
    public void number(int field, long value) {
        at = FieldWriter.number(copied, at, field, value);
    }

    /** Writes what comes before the content of a string, bytes or a message. */
    public void delimiter(int field, int length) {
        at = FieldWriter.delimiter(copied, at, field, length);
    }

    /** Writes bytes as they are. */
    public void bytes(byte[] content) {
        System.arraycopy(content, 0, copied, at, content.length);
        at += content.length;
    }

    /** Writes a message without what comes before it. */
    public void message(EncodedEnvelope message) {
        if (referredBytes(message) > 0) {
            refer(message.head());
            bytes(message.tail());
        } else {
            at = message.writeTo(copied, at);
        }
    }

    /** Returns everything; nothing can be written any more. */
    public Buffer toBuffer() {
        if (parts == null) {
            return GrpcFrames.wrap(copied);
        }
        close();
        return BufferInternal.buffer(new CompositeByteBuf(
                UnpooledByteBufAllocator.DEFAULT, false, parts.size(), parts.toArray(ByteBuf[]::new)));
    }

    private void refer(ByteString head) {
        close();
        try {
            UnsafeByteOperations.unsafeWriteTo(head, new Referring());
        } catch (IOException e) {
            throw new UncheckedIOException("nothing here fails", e);
        }
    }

    private void close() {
        if (parts == null) {
            parts = new ArrayList<>();
        }
        if (at > open) {
            parts.add(Unpooled.wrappedBuffer(copied, open, at - open));
            open = at;
        }
    }

    /** Takes the arrays that a byte string consists of. */
    private final class Referring extends ByteOutput {
        @Override
        public void write(byte value) {
            parts.add(Unpooled.wrappedBuffer(new byte[] {value}));
        }

        @Override
        public void write(byte[] value, int offset, int length) {
            parts.add(Unpooled.copiedBuffer(value, offset, length));
        }

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            parts.add(Unpooled.wrappedBuffer(value, offset, length));
        }

        @Override
        public void write(ByteBuffer value) {
            parts.add(Unpooled.copiedBuffer(value));
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            parts.add(Unpooled.wrappedBuffer(value));
        }
    }
}
