package io.nexusd.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.nexusd.bus.Meters.Closed;
import io.nexusd.wire.ConnectionWatch.Check;
import io.nexusd.wire.ConnectionWatch.Seen;
import io.nexusd.wire.Http2Frames.Protocol;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The first handler of an accepted connection: closes it when the other side is silent, does not get on with what it began, has
 * no call for long, or floods it with HTTP/2 frames that carry nothing. In: bytes both ways. Out: pings, GOAWAY, the end of the
 * connection. Lives on the event loop of the connection.
 */
final class ConnectionGuard extends ChannelDuplexHandler {
    private static final AttributeKey<UnfinishedRequests> UNFINISHED = AttributeKey.valueOf("nexusd.unfinished");

    /** A client that floods gets this long to read why its connection ends. */
    private static final int LAST_WORDS_MS = 5_000;

    private static final int FRAME_OF_RESET_BYTES = Http2Frames.HEADER_BYTES + 4;
    private static final int GOAWAY_FRAME_BYTES = Http2Frames.HEADER_BYTES + 2 * Integer.BYTES;
    private static final int TYPE_OFFSET = 3;
    private static final int MAX_RESETS_TO_ANSWER = 10_000;

    private final GuardedConnections shared;
    private final Http2Frames frames = new Http2Frames();
    private final UnfinishedRequests unfinished = new UnfinishedRequests();
    private final FrameBudget budget;
    private final ConnectionWatch watch;
    private ChannelHandlerContext ctx;
    private ScheduledFuture<?> next;
    private long heardNs;
    private long receivedBytes;
    private long sentBytes;
    /** Requests of HTTP/1 that have begun and not been answered since. */
    private boolean requestOpen;

    private long requests;
    /** How many resets of the client are covered by a reset that was sent, or are too old to be. */
    private long resetsAnswered;

    private boolean condemned;
    /** A GOAWAY with an error was written. */
    private boolean saidWhy;

    private Http2Connection.PropertyKey endedKey;

    ConnectionGuard(GuardedConnections shared) {
        this.shared = shared;
        heardNs = System.nanoTime();
        budget = new FrameBudget(shared.limits().maxControlFramesPerSecond(), heardNs);
        watch = new ConnectionWatch(heardNs);
    }

    /** Returns the list for the unfinished calls of a connection; null where nobody guards it. */
    static UnfinishedRequests unfinished(HttpConnection connection) {
        // There is no public way to its channel.
        return connection instanceof ConnectionBase base
                ? base.channel().attr(UNFINISHED).get()
                : null;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
        context.channel().attr(UNFINISHED).set(unfinished);
        if (context.channel().isRegistered()) {
            check();
        }
    }

    @Override
    public void channelRegistered(ChannelHandlerContext context) {
        if (next == null) {
            check();
        }
        context.fireChannelRegistered();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (next != null) {
            next.cancel(false);
        }
        context.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (condemned || !(message instanceof ByteBuf bytes)) {
            ReferenceCountUtil.release(message);
            return;
        }
        receivedBytes += bytes.readableBytes();
        int toldBy = frames.read(bytes);
        int cost = frames.takeCost();
        if (cost > 0 && !covers(cost)) {
            bytes.release();
            flooded();
            return;
        }
        if (frames.protocol() == Protocol.HTTP_1 && !requestOpen) {
            requestOpen = true;
            requests++;
        }
        if (toldBy > 0) {
            keepHttp1(context, bytes.readRetainedSlice(toldBy));
        }
        context.fireChannelRead(bytes);
    }

    /** Notes the error of a GOAWAY frame; one without an error that follows would hide from a client why its connection ends. */
    private boolean isGoAwayWithoutError(ByteBuf bytes) {
        if (bytes.readableBytes() != GOAWAY_FRAME_BYTES
                || bytes.getByte(bytes.readerIndex() + TYPE_OFFSET) != Http2Frames.GOAWAY
                || frames.protocol() != Protocol.HTTP_2) {
            return false;
        }
        boolean withoutError = bytes.getInt(bytes.readerIndex() + GOAWAY_FRAME_BYTES - Integer.BYTES) == 0;
        if (!withoutError) {
            saidWhy = true;
        }
        return withoutError;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        heardNs = System.nanoTime();
        context.fireChannelReadComplete();
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (condemned) {
            // Nothing follows the frame that says why the connection ends, such as a GOAWAY without an error.
            ReferenceCountUtil.release(message);
            promise.tryFailure(new ClosedChannelException());
            return;
        }
        if (message instanceof ByteBuf bytes) {
            int count = bytes.readableBytes();
            if (isGoAwayWithoutError(bytes) && saidWhy) {
                bytes.release();
                promise.trySuccess();
                return;
            }
            sentBytes += count;
            budget.sent(count);
            if (count == FRAME_OF_RESET_BYTES
                    && bytes.getByte(bytes.readerIndex() + TYPE_OFFSET) == Http2Frames.RST_STREAM
                    && frames.protocol() == Protocol.HTTP_2
                    && !answersReset()
                    && !covers(Http2Frames.RESET_COST)) {
                // What makes this side reset stream after stream is a flood too.
                context.executor().execute(this::flooded);
            }
        }
        requestOpen = false;
        context.write(message, promise);
    }

    /**
     * True if a reset that is sent can be the answer to one of the client, whose cost covers both: clients send data of a call after
     * they have reset it, and a frame of a closed stream is answered with a reset.
     */
    private boolean answersReset() {
        long resets = frames.resets();
        resetsAnswered = Math.max(resetsAnswered, resets - MAX_RESETS_TO_ANSWER);
        if (resetsAnswered == resets) {
            return false;
        }
        resetsAnswered++;
        return true;
    }

    private boolean covers(int cost) {
        return budget.spend(cost) || budget.refill(shared.limits().maxControlFramesPerSecond(), System.nanoTime());
    }

    /** The bytes so far tell that it is HTTP/1; the handlers for that are made by them. */
    private static void keepHttp1(ChannelHandlerContext context, ByteBuf told) {
        context.fireChannelRead(told);
        ChannelPipeline pipeline = context.pipeline();
        if (pipeline.get("h2c") != null) {
            pipeline.addBefore("h2c", "no-upgrade", NoUpgrade.INSTANCE);
        }
    }

    private void check() {
        if (condemned || !ctx.channel().isOpen()) {
            return;
        }
        long nowNs = System.nanoTime();
        ConnectionLimits limits = shared.limits();
        Http2ConnectionHandler http2 = ctx.pipeline().get(Http2ConnectionHandler.class);
        Check check = watch.check(seen(http2), limits, nowNs);
        unfinished.check(limits.requestTimeoutNs(), nowNs);
        if (http2 != null) {
            endHalfClosed(http2, limits.requestTimeoutNs(), nowNs);
        }
        switch (check.action()) {
            case PING -> ctx.writeAndFlush(ping());
            case CLOSE_SILENT -> abort(Closed.SILENT, check.reason());
            case CLOSE_UNFINISHED -> abort(Closed.UNFINISHED, check.reason());
            case CLOSE_IDLE -> {
                shared.closed(ctx.channel(), Closed.IDLE, check.reason());
                // From the last handler, so that HTTP/2 says GOAWAY first.
                ctx.channel().close();
            }
            default -> {}
        }
        next = ctx.executor().schedule(this::check, Math.max(1, check.againNs() - nowNs), TimeUnit.NANOSECONDS);
    }

    private Seen seen(Http2ConnectionHandler http2) {
        ChannelOutboundBuffer waiting = ctx.channel().unsafe().outboundBuffer();
        boolean isHttp2 = frames.protocol() == Protocol.HTTP_2;
        boolean busy = isHttp2 ? http2 != null && http2.connection().numActiveStreams() > 0 : requestOpen;
        return new Seen(
                heardNs,
                receivedBytes,
                sentBytes - (waiting == null ? 0 : waiting.totalPendingWriteBytes()),
                waiting != null && waiting.size() > 0,
                isHttp2,
                isHttp2 ? frames.greeted() : frames.protocol() == Protocol.HTTP_1,
                isHttp2 ? frames.unfinished() : requestOpen,
                isHttp2 ? frames.finished() : requests,
                busy || waiting != null && waiting.size() > 0);
    }

    /** Resets the streams that were answered and that the client does not end. */
    private void endHalfClosed(Http2ConnectionHandler http2, long timeoutNs, long nowNs) {
        if (endedKey == null) {
            endedKey = http2.connection().newKey();
        }
        List<Http2Stream> over = new ArrayList<>(0);
        try {
            http2.connection().forEachActiveStream(stream -> {
                if (stream.state() == Http2Stream.State.HALF_CLOSED_LOCAL) {
                    Long since = stream.getProperty(endedKey);
                    if (since == null) {
                        stream.setProperty(endedKey, nowNs);
                    } else if (nowNs - since >= timeoutNs) {
                        over.add(stream);
                    }
                }
                return true;
            });
        } catch (Http2Exception e) {
            throw new IllegalStateException("streams could not be listed", e);
        }
        ChannelHandlerContext inner = ctx.pipeline().context(http2);
        over.forEach(stream -> http2.resetStream(inner, stream.id(), Http2Error.NO_ERROR.code(), inner.newPromise()));
        if (!over.isEmpty()) {
            inner.flush();
        }
    }

    /** Ends the connection without waiting for what the other host does not take any more. */
    private void abort(Closed reason, String text) {
        shared.closed(ctx.channel(), reason, text);
        condemned = true;
        reset(ctx.channel());
    }

    /** Closes a channel so that the kernel forgets what is unsent too. */
    static void reset(Channel channel) {
        if (channel instanceof DuplexChannel) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        channel.pipeline().firstContext().close();
    }

    private void flooded() {
        if (condemned) {
            return;
        }
        condemned = true;
        String text = "too many " + frames.costliest() + " frames (connections.max-control-frames-per-second)";
        shared.closed(ctx.channel(), Closed.FLOOD, text);
        ctx.writeAndFlush(goAway(text)).addListener(written -> {
            if (ctx.channel() instanceof DuplexChannel duplex) {
                duplex.shutdownOutput();
            }
        });
        // Closed at once, with bytes unread, the client would be told of the reset only.
        next = ctx.executor().schedule(() -> reset(ctx.channel()), LAST_WORDS_MS, TimeUnit.MILLISECONDS);
    }

    private static ByteBuf ping() {
        byte[] frame = new byte[Http2Frames.HEADER_BYTES + Long.BYTES];
        frame[2] = Long.BYTES;
        frame[TYPE_OFFSET] = Http2Frames.PING;
        return Unpooled.wrappedBuffer(frame);
    }

    private ByteBuf goAway(String text) {
        byte[] debug = text.getBytes(StandardCharsets.US_ASCII);
        return Unpooled.buffer(Http2Frames.HEADER_BYTES + 2 * Integer.BYTES + debug.length)
                .writeMedium(2 * Integer.BYTES + debug.length)
                .writeByte(Http2Frames.GOAWAY)
                .writeByte(0)
                .writeInt(0)
                .writeInt(frames.lastStream())
                .writeInt((int) Http2Error.ENHANCE_YOUR_CALM.code())
                .writeBytes(debug);
    }
}
