package io.nexusd.fakenet;

import io.netty.channel.AbstractServerChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** A listener of a fake host. Accepts at once whatever comes. */
final class FakeServerChannel extends AbstractServerChannel {
    private final FakeHost host;
    private final ChannelConfig config = new FakeChannelConfig(this);
    private volatile InetSocketAddress local;
    private volatile boolean open = true;

    FakeServerChannel(FakeHost host) {
        this.host = host;
    }

    FakeHost host() {
        return host;
    }

    /** Takes a connection, on the event loop of this channel. */
    void accept(Dial dial) {
        if (!isActive()) {
            dial.refuse();
            return;
        }
        pipeline().fireChannelRead(new FakeChannel(this, dial));
        pipeline().fireChannelReadComplete();
    }

    @Override
    protected void doBind(SocketAddress wanted) throws Exception {
        local = host.listen(this, (InetSocketAddress) wanted);
    }

    @Override
    protected void doClose() {
        open = false;
        if (local != null) {
            host.stopListening(this, local.getPort());
        }
    }

    @Override
    protected void doBeginRead() {
        // Connections come without being asked for.
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open && local != null;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected SocketAddress localAddress0() {
        return local;
    }
}
