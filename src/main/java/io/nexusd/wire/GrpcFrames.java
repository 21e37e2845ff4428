package io.nexusd.wire;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The gRPC framing of messages over HTTP/2: one byte for compression (always 0 here), four for the length, then the message.
 * Several frames may follow each other in one write.
 */
public final class GrpcFrames {
    /** Bytes before each message. */
    public static final int PREFIX_BYTES = 5;

    /**
     * Largest HTTP/2 frame that is taken, 16 KiB by default: a batch of 64 KiB in one frame is cut and copied less often. It is also
     * what the other side can make a connection hold back.
     */
    public static final int HTTP2_FRAME_BYTES = 128 * 1024;

    private GrpcFrames() {}

    /** Returns the message in a frame of its own. */
    public static Buffer frame(MessageLite message) {
        int size = message.getSerializedSize();
        byte[] frame = new byte[PREFIX_BYTES + size];
        writePrefix(frame, 0, size);
        CodedOutputStream out = CodedOutputStream.newInstance(frame, PREFIX_BYTES, size);
        try {
            message.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException("a message did not fit its own size", e);
        }
        return wrap(frame);
    }

    /** Returns a buffer of these bytes, which are not copied and not to be changed any more; nothing can be appended to it. */
    public static Buffer wrap(byte[] frames) {
        return BufferInternal.buffer(Unpooled.wrappedBuffer(frames));
    }

    /** Writes the five bytes before a message of the given size. */
    public static void writePrefix(byte[] target, int offset, int size) {
        target[offset] = 0;
        target[offset + 1] = (byte) (size >>> 24);
        target[offset + 2] = (byte) (size >>> 16);
        target[offset + 3] = (byte) (size >>> 8);
        target[offset + 4] = (byte) size;
    }

    /** Percent-encodes a status text for the {@code grpc-message} trailer. */
    static String encodeText(String text) {
        StringBuilder encoded = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b >= ' ' && b <= '~' && b != '%') {
                encoded.append((char) b);
            } else {
                encoded.append('%')
                        .append(Character.toUpperCase(Character.forDigit((b >> 4) & 0xF, 16)))
                        .append(Character.toUpperCase(Character.forDigit(b & 0xF, 16)));
            }
        }
        return encoded.toString();
    }

    /** Reverses {@link #encodeText}; what is not a valid escape stays as it is. */
    static String decodeText(String encoded) {
        if (encoded.indexOf('%') < 0) {
            return encoded;
        }
        byte[] decoded = new byte[encoded.length()];
        int length = 0;
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            int high = c == '%' && i + 2 <= encoded.length() - 1 ? Character.digit(encoded.charAt(i + 1), 16) : -1;
            int low = high >= 0 ? Character.digit(encoded.charAt(i + 2), 16) : -1;
            if (low >= 0) {
                decoded[length++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                decoded[length++] = (byte) c;
            }
        }
        return new String(decoded, 0, length, StandardCharsets.UTF_8);
    }
}
