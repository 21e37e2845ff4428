package io.nexusd.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.UnpooledHttpClientConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.lang.reflect.Field;

/**
 * When bytes were last read from a connection, and how many. Any byte counts: a part of a long message, a message on another
 * stream, or an HTTP/2 window update, by which the other side says that it took what was written. Bytes that wait in this host's
 * own buffers do not count. Lives on the event loop of the connection.
 */
public final class ConnectionActivity {
    private static final String NAME = "connection-activity";

    private static final Field ACTUAL = actual();

    private long lastReadMono;
    private long bytesRead;

    private ConnectionActivity() {}

    /** Returns the record of a connection, the same one for the life of the connection. Call it on the connection's event loop. */
    public static ConnectionActivity of(HttpConnection connection) {
        ChannelPipeline pipeline = pipeline(connection);
        if (pipeline.get(NAME) instanceof Reads reads) {
            return reads.activity;
        }
        Reads reads = new Reads(new ConnectionActivity());
        pipeline.addFirst(NAME, reads);
        return reads.activity;
    }

    /** There is no public way to it, and what a client's connect returns hides even the connection that has one. */
    private static ChannelPipeline pipeline(HttpConnection connection) {
        Object actual = connection;
        if (connection instanceof UnpooledHttpClientConnection) {
            try {
                actual = ACTUAL.get(connection);
            } catch (IllegalAccessException e) {
                throw new IllegalStateException("the field was made accessible", e);
            }
        }
        if (actual instanceof ConnectionBase base) {
            return base.channel().pipeline();
        }
        throw new IllegalArgumentException("no connection of this version of Vert.x: " + actual.getClass());
    }

    private static Field actual() {
        try {
            Field actual = UnpooledHttpClientConnection.class.getDeclaredField("actual");
            actual.setAccessible(true);
            return actual;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("another version of Vert.x", e);
        }
    }

    /** Returns when bytes were last read, monotonic milliseconds; 0 before the first ones. */
    public long lastReadMono() {
        return lastReadMono;
    }

    /** Returns how many bytes have been read since the record was made. */
    public long bytesRead() {
        return bytesRead;
    }

    private static final int PING_FRAME_BYTES = 17;
    private static final int FRAME_TYPE_OFFSET = 3;
    private static final int PING_FRAME_TYPE = 6;

    private static final class Reads extends ChannelInboundHandlerAdapter {
        private final ConnectionActivity activity;

        Reads(ConnectionActivity activity) {
            this.activity = activity;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object read) {
            if (!isPing(read)) {
                activity.lastReadMono = MonotonicClock.nowMs();
            }
            if (read instanceof ByteBuf bytes) {
                activity.bytesRead += bytes.readableBytes();
            }
            context.fireChannelRead(read);
        }

        /** A PING frame alone, or its answer, comes from the transport of a peer whose other parts may hang. */
        private static boolean isPing(Object read) {
            return read instanceof ByteBuf bytes
                    && bytes.readableBytes() == PING_FRAME_BYTES
                    && bytes.getByte(bytes.readerIndex() + FRAME_TYPE_OFFSET) == PING_FRAME_TYPE;
        }
    }
}
