package io.nexusd.fakenet;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.vertx.core.impl.transports.NioTransport;

/**
 * Connections and listeners of a Vertx that are in memory. Event loops are those of the ordinary transport, and so are UDP
 * sockets, which nobody opens who does not look for names or send multicast.
 */
final class FakeTransport extends NioTransport {
    private final FakeHost host;

    FakeTransport(FakeHost host) {
        this.host = host;
    }

    @Override
    public boolean supportsDomainSockets() {
        return false;
    }

    @Override
    public boolean supportFileRegion() {
        return false;
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
        return () -> new FakeChannel(host);
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        return () -> new FakeServerChannel(host);
    }
}
