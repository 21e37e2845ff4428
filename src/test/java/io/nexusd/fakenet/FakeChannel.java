package io.nexusd.fakenet;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * An end of a connection, dialed or accepted. Owns what has arrived and was not read yet. All that it is asked for, and all that
 * arrives, happens on its event loop.
 */
final class FakeChannel extends AbstractChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);
    /** As much as a socket is given and gives at once. */
    private static final int MAX_CHUNK_BYTES = 64 * 1024;

    private static final int MAX_CHUNK_BUFFERS = 1024;
    /** Reads after which others have their turn on the event loop. */
    private static final int MAX_READS = 16;

    private final FakeHost host;
    private final boolean accepted;
    private final ChannelConfig config = new FakeChannelConfig(this);
    private final Queue<ByteBuf> arrived = new ArrayDeque<>();
    /** The attempt that this is an end of; null before there is one. */
    private Dial dial;
    /** Null until it is connected, as is the other one. */
    private Pipe in;

    private Pipe out;
    private boolean readWanted;
    private volatile InetSocketAddress local;
    private volatile InetSocketAddress remote;
    private volatile boolean connected;
    private volatile boolean open = true;

    /** Makes an end that can dial. */
    FakeChannel(FakeHost host) {
        super(null);
        this.host = host;
        accepted = false;
    }

    /** Makes the end of who accepts. The other one is told when this one has an event loop. */
    FakeChannel(FakeServerChannel listener, Dial dial) {
        super(listener);
        this.dial = dial;
        host = listener.host();
        accepted = true;
        local = dial.remote();
        remote = dial.dialing().local;
        in = new Pipe(dial.dialing(), this);
        out = new Pipe(this, dial.dialing());
        connected = true;
        host.opened(local.getPort());
    }

    FakeHost host() {
        return host;
    }

    FakeNetwork network() {
        return host.network();
    }

    /** Bytes have arrived, or the end. */
    void arrive(ByteBuf chunk) {
        if (!open) {
            chunk.release();
            if (chunk != Pipe.END && in != null) {
                in.reset();
            }
        } else if (chunk == Pipe.END && !connected) {
            dial.fail(new ConnectException("Connection reset: " + remote));
        } else {
            arrived.add(chunk);
            readArrived();
        }
    }

    /** The other side has read enough for there to be room again. */
    void onRoom() {
        ((FakeUnsafe) unsafe()).resume();
    }

    /** The other side does not know of this connection any more. */
    void onReset() {
        if (open) {
            pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
            unsafe().close(voidPromise());
        }
    }

    /** The other side has accepted; {@code other} is its end. */
    private void onAccepted(FakeChannel other) {
        if (!open) {
            other.out.reset();
            return;
        }
        in = other.out;
        out = other.in;
        connected = true;
        boolean wanted = dial.succeed();
        pipeline().fireChannelActive();
        if (!wanted) {
            unsafe().close(voidPromise());
        }
    }

    private void readArrived() {
        if (!readWanted || !isActive() || arrived.isEmpty()) {
            return;
        }
        readWanted = false;
        boolean ended = false;
        for (int reads = 0; reads < MAX_READS && !arrived.isEmpty() && (reads == 0 || config.isAutoRead()); reads++) {
            ByteBuf chunk = arrived.remove();
            if (chunk == Pipe.END) {
                ended = true;
                break;
            }
            in.read(chunk.readableBytes());
            pipeline().fireChannelRead(chunk);
        }
        pipeline().fireChannelReadComplete();
        if (ended) {
            unsafe().close(voidPromise());
        }
    }

    @Override
    protected void doBeginRead() {
        readWanted = true;
        if (!arrived.isEmpty()) {
            eventLoop().execute(this::readArrived);
        }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer written) {
        for (Object next = written.current(); next != null; next = written.current()) {
            if (!((ByteBuf) next).isReadable()) {
                written.remove();
                continue;
            }
            int room = out.room();
            if (room == 0) {
                return;
            }
            ByteBuf chunk = copy(written, Math.min(room, MAX_CHUNK_BYTES));
            int bytes = chunk.readableBytes();
            host.sent(bytes);
            out.send(chunk);
            written.removeBytes(bytes);
        }
    }

    /** Returns the first bytes of what is to be written, from as many buffers as they are in. */
    private static ByteBuf copy(ChannelOutboundBuffer written, int maxBytes) {
        ByteBuffer[] buffers = written.nioBuffers(MAX_CHUNK_BUFFERS, maxBytes);
        ByteBuf chunk = Unpooled.buffer((int) Math.min(maxBytes, written.nioBufferSize()));
        for (int i = 0; i < written.nioBufferCount() && chunk.isWritable(); i++) {
            // The next call gives the same buffer again when it is not read to its end.
            ByteBuffer buffer = buffers[i];
            int limit = buffer.limit();
            buffer.limit(Math.min(limit, buffer.position() + chunk.writableBytes()));
            chunk.writeBytes(buffer);
            buffer.limit(limit);
        }
        return chunk;
    }

    @Override
    protected Object filterOutboundMessage(Object message) {
        if (message instanceof ByteBuf) {
            return message;
        }
        throw new UnsupportedOperationException("cannot be sent: " + message.getClass());
    }

    @Override
    protected void doRegister(ChannelPromise registered) {
        if (accepted) {
            FakeChannel other = dial.dialing();
            network().carry(host, other.host, other.eventLoop(), () -> other.onAccepted(this));
        }
        super.doRegister(registered);
    }

    @Override
    protected void doBind(SocketAddress wanted) {
        local = new InetSocketAddress(host.address(), ((InetSocketAddress) wanted).getPort());
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected void doClose() {
        if (!open) {
            return;
        }
        open = false;
        boolean unread = arrived.stream().anyMatch(chunk -> chunk != Pipe.END);
        arrived.forEach(ByteBuf::release);
        arrived.clear();
        if (accepted) {
            host.closed(local.getPort());
        }
        if (!connected) {
            if (dial != null) {
                dial.fail(new ClosedChannelException());
            }
        } else if (unread) {
            in.reset();
        } else {
            out.send(Pipe.END);
        }
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open && connected;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected SocketAddress localAddress0() {
        return local;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return connected ? remote : null;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new FakeUnsafe();
    }

    /** What the pipeline ends in. */
    private final class FakeUnsafe extends AbstractUnsafe {
        @Override
        public void connect(SocketAddress to, SocketAddress from, ChannelPromise promise) {
            if (!promise.setUncancellable() || !ensureOpen(promise)) {
                return;
            }
            if (dial != null) {
                safeSetFailure(promise, new AlreadyConnectedException());
                return;
            }
            if (local == null) {
                local = host.freeAddress();
            }
            remote = (InetSocketAddress) to;
            dial = new Dial(FakeChannel.this, remote, promise);
            dial.start();
        }

        /** Goes on writing what there was no room for. */
        void resume() {
            flush0();
        }
    }
}
