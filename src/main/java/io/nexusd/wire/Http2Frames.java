package io.nexusd.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * A reader of what a client sends on a connection, as far as the headers of HTTP/2 frames. In: bytes as they arrive. Out: the protocol,
 * the cost of the frames that carry neither a request nor data, and whether a frame or a block of headers is unfinished. Changes
 * nothing, keeps no bytes but those of one frame header. Not thread-safe.
 */
final class Http2Frames {
    /** What the first bytes say. */
    enum Protocol {
        /** No byte yet, or only bytes that both begin with. */
        UNKNOWN,
        HTTP_1,
        HTTP_2
    }

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PUSH_PROMISE = 5;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int HEADER_BYTES = 9;
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int TYPES = 10;
    private static final int ACK_OR_END_STREAM = 0x1;
    private static final int END_HEADERS = 0x4;
    private static final int PADDED = 0x8;

    /** A cancelled call cost its request too. */
    static final int RESET_COST = 2;
    /** Each is answered, and may change every stream. */
    private static final int SETTINGS_COST = 10;

    private Protocol protocol = Protocol.UNKNOWN;
    private int prefaceRead;
    private final byte[] header = new byte[HEADER_BYTES];
    private int headerFilled;
    private int payloadLeft;
    private boolean greeted;
    private boolean settingsOpen;
    private boolean inHeaders;
    private int cost;
    private int lastStream;
    private long finished;
    private final long[] costByType = new long[TYPES + 1];

    /**
     * Reads what arrived, without taking it.
     *
     * @return how many bytes it took to tell that the protocol is HTTP/1, where these bytes tell; otherwise 0
     */
    int read(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        if (protocol == Protocol.UNKNOWN) {
            while (at < end && prefaceRead < PREFACE.length) {
                if (bytes.getByte(at) != PREFACE[prefaceRead]) {
                    protocol = Protocol.HTTP_1;
                    return at + 1 - bytes.readerIndex();
                }
                at++;
                prefaceRead++;
            }
            if (prefaceRead == PREFACE.length) {
                protocol = Protocol.HTTP_2;
            }
        }
        if (protocol == Protocol.HTTP_2) {
            frames(bytes, at, end);
        }
        return 0;
    }

    private void frames(ByteBuf bytes, int from, int end) {
        int at = from;
        while (at < end) {
            if (payloadLeft > 0) {
                int taken = Math.min(payloadLeft, end - at);
                payloadLeft -= taken;
                at += taken;
            } else {
                int taken = Math.min(HEADER_BYTES - headerFilled, end - at);
                bytes.getBytes(at, header, headerFilled, taken);
                headerFilled += taken;
                at += taken;
                if (headerFilled < HEADER_BYTES) {
                    return;
                }
                begin();
            }
            if (payloadLeft == 0) {
                finish();
            }
        }
    }

    private void begin() {
        payloadLeft = (header[0] & 0xFF) << 16 | (header[1] & 0xFF) << 8 | header[2] & 0xFF;
        int type = header[3];
        int flags = header[4];
        int price = price(type, flags, payloadLeft);
        if (price > 0) {
            cost += price;
            costByType[type < 0 || type >= TYPES ? TYPES : type] += price;
        }
        if (type == HEADERS || type == CONTINUATION) {
            inHeaders = (flags & END_HEADERS) == 0;
            lastStream = Math.max(lastStream, stream());
        }
        settingsOpen = type == SETTINGS;
    }

    private void finish() {
        headerFilled = 0;
        greeted |= settingsOpen;
        if (!inHeaders) {
            finished++;
        }
    }

    private int stream() {
        return (header[5] & 0x7F) << 24 | (header[6] & 0xFF) << 16 | (header[7] & 0xFF) << 8 | header[8] & 0xFF;
    }

    private static int price(int type, int flags, int length) {
        return switch (type) {
            case DATA -> length == 0 && (flags & ACK_OR_END_STREAM) == 0 || (flags & PADDED) != 0 ? 1 : 0;
            case HEADERS -> (flags & END_HEADERS) == 0 ? 1 : 0;
            case RST_STREAM -> RESET_COST;
            case SETTINGS -> (flags & ACK_OR_END_STREAM) == 0 ? SETTINGS_COST : 1;
            default -> 1;
        };
    }

    Protocol protocol() {
        return protocol;
    }

    /** Tells whether the client's first SETTINGS are complete. */
    boolean greeted() {
        return greeted;
    }

    /** Tells whether the bytes so far end within a frame, or between the frames of one block of headers. */
    boolean unfinished() {
        return headerFilled > 0 || inHeaders;
    }

    /** Returns how many frames and blocks of headers are complete. */
    long finished() {
        return finished;
    }

    /** Returns the largest stream that the client has used. */
    int lastStream() {
        return lastStream;
    }

    /** Returns the cost of the frames since the last call. */
    int takeCost() {
        int taken = cost;
        cost = 0;
        return taken;
    }

    /** Returns how many streams the client has reset. */
    long resets() {
        return costByType[RST_STREAM] / RESET_COST;
    }

    /** Returns the kind of frame that cost most, for people. */
    String costliest() {
        int most = 0;
        for (int type = 1; type <= TYPES; type++) {
            most = costByType[type] > costByType[most] ? type : most;
        }
        return switch (most) {
            case DATA -> "empty or padded DATA";
            case HEADERS, CONTINUATION -> "CONTINUATION";
            case PRIORITY -> "PRIORITY";
            case RST_STREAM -> "RST_STREAM";
            case SETTINGS -> "SETTINGS";
            case PING -> "PING";
            case WINDOW_UPDATE -> "WINDOW_UPDATE";
            default -> "other";
        };
    }
}
