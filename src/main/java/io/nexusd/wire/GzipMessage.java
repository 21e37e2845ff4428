package io.nexusd.wire;

import io.vertx.grpc.common.GrpcStatus;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/** A message that the client has compressed with gzip, made readable within the limit for messages. */
final class GzipMessage {
    private static final int SMALLEST_BUFFER = 512;
    /** What gzip makes of most messages is a quarter of them or more. */
    private static final int USUAL_RATIO = 4;

    /** What a message that cannot be compressed grows by: header, trailer, and five bytes for each block. */
    private static final int OVERHEAD_BYTES = 64;

    private static final int OVERHEAD_SHARE = 1000;

    private GzipMessage() {}

    /** Returns how long the compressed form may be of a message that is not longer than allowed. */
    static long maxCompressedBytes(int maxMessageBytes) {
        return (long) maxMessageBytes + maxMessageBytes / OVERHEAD_SHARE + OVERHEAD_BYTES;
    }

    /**
     * Returns the message. Memory grows with what comes out, to the limit at most.
     *
     * @throws GrpcFailure RESOURCE_EXHAUSTED when it is longer than the limit, INTERNAL when it is not gzip or damaged
     */
    static MessageBytes inflate(byte[] array, int from, int to, int maxMessageBytes) {
        int size = to - from;
        byte[] message =
                new byte[(int) Math.min(maxMessageBytes, Math.max(SMALLEST_BUFFER, (long) USUAL_RATIO * size))];
        int filled = 0;
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(array, from, size), SMALLEST_BUFFER)) {
            while (true) {
                if (filled == message.length) {
                    int next = in.read();
                    if (next < 0) {
                        break;
                    }
                    if (filled == maxMessageBytes) {
                        throw new GrpcFailure(
                                GrpcStatus.RESOURCE_EXHAUSTED,
                                "message has more than " + maxMessageBytes + " bytes once decompressed; at most "
                                        + maxMessageBytes + " are allowed");
                    }
                    message = Arrays.copyOf(message, (int) Math.min(maxMessageBytes, 2L * message.length + 1));
                    message[filled++] = (byte) next;
                }
                int read = in.read(message, filled, message.length - filled);
                if (read < 0) {
                    break;
                }
                filled += read;
            }
        } catch (IOException e) {
            throw new GrpcFailure(
                    GrpcStatus.INTERNAL,
                    "message cannot be decompressed with gzip: "
                            + (e.getMessage() == null ? "damaged" : e.getMessage()));
        }
        return new MessageBytes(message, 0, filled);
    }
}
