package io.nexusd.wire;

/**
 * Walks over the fields of an encoded protobuf message without making objects of them; reused for message after message. It
 * stops at what it does not know, such as groups, and where the bytes are not protobuf at all: then it is not regular, and
 * a generated parser is to say what is the matter. Not thread-safe.
 */
public final class FieldReader {
    /** Wire type of numbers, see the encoding of protocol buffers. */
    public static final int VARINT = 0;

    /** Wire type of strings, bytes and messages. */
    public static final int LENGTH_DELIMITED = 2;

    private static final byte[] NOTHING = new byte[0];
    private static final int FIXED64 = 1;
    private static final int FIXED32 = 5;
    private static final int MAX_VARINT_BITS = 64;

    private byte[] bytes = NOTHING;
    private int position;
    private int end;
    private int number;
    private int wireType;
    private long value;
    private int start;
    private boolean regular = true;

    /** Begins with the bytes from {@code from} to before {@code to}. */
    public FieldReader over(byte[] message, int from, int to) {
        bytes = message;
        position = from;
        end = to;
        regular = true;
        return this;
    }

    /** Goes to the next field; false at the end, and where it cannot go on. */
    public boolean next() {
        if (position >= end || !regular) {
            return false;
        }
        long tag = varint();
        number = (int) (tag >>> 3);
        wireType = (int) tag & 7;
        if (number <= 0 || tag >>> 32 != 0) {
            regular = false;
        }
        start = position;
        switch (wireType) {
            case VARINT -> value = varint();
            case LENGTH_DELIMITED -> {
                long length = varint();
                start = position;
                skip(length);
            }
            case FIXED64 -> skip(Long.BYTES);
            case FIXED32 -> skip(Integer.BYTES);
            default -> regular = false;
        }
        return regular;
    }

    /** Goes to the next of numbers that follow each other without tags; false at the end, and where it cannot go on. */
    public boolean nextNumber() {
        if (position >= end || !regular) {
            return false;
        }
        value = varint();
        return regular;
    }

    /** Lets go of the bytes. */
    public void release() {
        over(NOTHING, 0, 0);
    }

    /** Tells whether everything so far was understood. */
    public boolean isRegular() {
        return regular;
    }

    /** Returns the number of the field. */
    public int number() {
        return number;
    }

    /** Tells whether the field has this number and this wire type. */
    public boolean is(int fieldNumber, int type) {
        return number == fieldNumber && wireType == type;
    }

    /** Returns how the field is encoded, such as {@link #VARINT}. */
    public int wireType() {
        return wireType;
    }

    /** Returns the value of a number. */
    public long value() {
        return value;
    }

    /** Returns where the content of a message, string or bytes begins. */
    public int start() {
        return start;
    }

    /** Returns where the field ends, exclusive. */
    public int end() {
        return position;
    }

    /** Returns how many bytes the content of a message, string or bytes has. */
    public int length() {
        return position - start;
    }

    private void skip(long count) {
        if (count < 0 || count > end - position) {
            regular = false;
        } else {
            position += (int) count;
        }
    }

    private long varint() {
        if (position < end && bytes[position] >= 0) {
            return bytes[position++];
        }
        long result = 0;
        for (int shift = 0; shift < MAX_VARINT_BITS && position < end; shift += 7) {
            byte b = bytes[position++];
            result |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return result;
            }
        }
        regular = false;
        return 0;
    }
}
