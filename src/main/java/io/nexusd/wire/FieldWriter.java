package io.nexusd.wire;

/** Writes fields of protobuf messages into byte arrays that have room for them. Each method returns where the next byte goes. */
public final class FieldWriter {
    private FieldWriter() {}

    /** Returns how many bytes a number takes. */
    public static int varintBytes(long value) {
        // Seven bits a byte; or-ing one makes zero take a byte too.
        return (Long.SIZE - Long.numberOfLeadingZeros(value | 1) + 6) / 7;
    }

    /** Returns how many bytes a field with a number below 16 takes that holds so many bytes. */
    public static int delimitedBytes(int length) {
        return 1 + varintBytes(length) + length;
    }

    /** Writes a number, without a tag. */
    public static int varint(byte[] target, int offset, long value) {
        int at = offset;
        long left = value;
        while ((left & ~0x7FL) != 0) {
            target[at++] = (byte) (left & 0x7F | 0x80);
            left >>>= 7;
        }
        target[at++] = (byte) left;
        return at;
    }

    /** Writes a field with a number below 16 that is a number. */
    public static int number(byte[] target, int offset, int field, long value) {
        target[offset] = (byte) (field << 3 | FieldReader.VARINT);
        return varint(target, offset + 1, value);
    }

    /** Writes what comes before the content of a string, bytes or a message in a field with a number below 16. */
    public static int delimiter(byte[] target, int offset, int field, int length) {
        target[offset] = (byte) (field << 3 | FieldReader.LENGTH_DELIMITED);
        return varint(target, offset + 1, length);
    }

    /** Writes a field with a number below 16 that is a string of nothing but ASCII. */
    @SuppressWarnings("deprecation") // The one way from such a string into an array without another array.
    public static int ascii(byte[] target, int offset, int field, String content) {
        int at = delimiter(target, offset, field, content.length());
        content.getBytes(0, content.length(), target, at);
        return at + content.length();
    }

    /** Writes a field with a number below 16 that is a string or bytes. */
    public static int bytes(byte[] target, int offset, int field, byte[] content) {
        int at = delimiter(target, offset, field, content.length);
        System.arraycopy(content, 0, target, at, content.length);
        return at + content.length;
    }
}
