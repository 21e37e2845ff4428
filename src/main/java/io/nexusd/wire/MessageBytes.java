package io.nexusd.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.vertx.grpc.common.GrpcStatus;

/**
 * One encoded protobuf message as it came: bytes within an array that nobody changes any more. It keeps the whole array alive,
 * so what is to stay is copied out of it.
 *
 * @param from where it begins in the array
 * @param to where it ends, exclusive
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record MessageBytes(byte[] array, int from, int to) {
    /** The message of which every field has its default. */
    public static final MessageBytes EMPTY = of(new byte[0]);

    /** Returns a message that has an array of its own. */
    public static MessageBytes of(byte[] array) {
        return new MessageBytes(array, 0, array.length);
    }

    /** Returns its size in bytes. */
    public int size() {
        return to - from;
    }

    /**
     * Returns it parsed.
     *
     * @throws GrpcFailure INVALID_ARGUMENT when the bytes are not protobuf of the type
     */
    public <T> T parsed(Parser<T> parser) {
        try {
            return parser.parseFrom(array, from, size());
        } catch (InvalidProtocolBufferException e) {
            throw new GrpcFailure(
                    GrpcStatus.INVALID_ARGUMENT, "the message is not valid protobuf of its type: " + e.getMessage());
        }
    }
}
