package io.nexusd.wire;

import com.google.protobuf.ByteString;

/**
 * A message as it travels to one kind of receiver, applications or nodes. Encoded once and shared by all of them.
 *
 * @param head what is the same for both kinds, see {@link io.nexusd.model.Envelope#head()}
 * @param tail the other fields; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record EncodedEnvelope(ByteString head, byte[] tail) {
    /** Nothing at all. */
    public static final EncodedEnvelope EMPTY = new EncodedEnvelope(ByteString.EMPTY, new byte[0]);

    /** Returns its size in bytes. */
    public int size() {
        return head.size() + tail.length;
    }

    /** Writes it; returns where the next byte goes. */
    public int writeTo(byte[] target, int offset) {
        head.copyTo(target, offset);
        System.arraycopy(tail, 0, target, offset + head.size(), tail.length);
        return offset + size();
    }

    /** Returns its bytes. */
    public byte[] toByteArray() {
        byte[] bytes = new byte[size()];
        writeTo(bytes, 0);
        return bytes;
    }
}
