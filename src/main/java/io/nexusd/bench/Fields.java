package io.nexusd.bench;

import com.google.protobuf.ByteString;

/**
 * Walks over the fields of an encoded protobuf message without making objects of them. Reused for message after message.
 */
final class Fields {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;

    private ByteString bytes;
    private int position;
    private int end;
    private int number;
    private int wireType;
    private long value;

    /** Begins with the bytes from {@code start} to before {@code limit}. */
    Fields over(ByteString message, int start, int limit) {
        bytes = message;
        position = start;
        end = limit;
        return this;
    }

    /** Goes to the next field; false at the end. */
    boolean next() {
        if (position >= end) {
            return false;
        }
        int tag = (int) varint();
        number = tag >>> 3;
        wireType = tag & 7;
        switch (wireType) {
            case VARINT -> value = varint();
            case LENGTH_DELIMITED -> {
                value = varint();
                position += (int) value;
            }
            case FIXED64 -> position += 8;
            case FIXED32 -> position += 4;
            default -> throw malformed();
        }
        if (position > end || position < 0) {
            throw malformed();
        }
        return true;
    }

    int number() {
        return number;
    }

    /** Returns the value of a number. */
    long value() {
        return value;
    }

    /** Returns where the content of a message, string or bytes begins. */
    int start() {
        if (wireType != LENGTH_DELIMITED) {
            throw malformed();
        }
        return position - (int) value;
    }

    /** Returns where it ends, exclusive. */
    int end() {
        return position;
    }

    private long varint() {
        long result = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (position >= end) {
                throw malformed();
            }
            byte b = bytes.byteAt(position++);
            result |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return result;
            }
        }
        throw malformed();
    }

    private static IllegalArgumentException malformed() {
        return new IllegalArgumentException("the daemon sent a message that is not valid protobuf");
    }
}
