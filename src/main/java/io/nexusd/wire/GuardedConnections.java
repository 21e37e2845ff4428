package io.nexusd.wire;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Meters.Closed;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.spi.transport.Transport;
import java.net.SocketAddress;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transport of a Vertx whose servers accept guarded connections: each gets a {@link ConnectionGuard} before anything else sees
 * it, and there are only so many for each port. Vert.x shows a connection no earlier than when it has begun to speak HTTP. Owns the
 * limits, which may change at any time, and the counts. Thread-safe.
 */
public final class GuardedConnections implements io.vertx.core.transport.Transport {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedConnections.class);
    private static final long WARN_EVERY_NS = TimeUnit.SECONDS.toNanos(10);
    private static final int KEEPALIVE_PROBES = 3;

    private final io.vertx.core.transport.Transport other;
    private final Meters meters;
    private final AtomicLong warnedNs = new AtomicLong(System.nanoTime() - WARN_EVERY_NS);
    private final LongAdder untold = new LongAdder();
    private volatile ConnectionLimits limits;

    public GuardedConnections(io.vertx.core.transport.Transport other, ConnectionLimits limits, Meters meters) {
        this.other = other;
        this.limits = limits;
        this.meters = meters;
    }

    /** Replaces the limits, for the connections that are open too. */
    public void limits(ConnectionLimits changed) {
        limits = changed;
    }

    ConnectionLimits limits() {
        return limits;
    }

    /** Counts a connection that is closed from this side, and logs it unless another was just logged. */
    void closed(Channel channel, Closed reason, String text) {
        meters.connectionClosed(reason);
        if (reason == Closed.IDLE) {
            LOG.debug("connection closed from={} to={}: {}", channel.remoteAddress(), channel.localAddress(), text);
            return;
        }
        long nowNs = System.nanoTime();
        long lastNs = warnedNs.get();
        if (nowNs - lastNs < WARN_EVERY_NS || !warnedNs.compareAndSet(lastNs, nowNs)) {
            untold.increment();
            return;
        }
        LOG.warn(
                "connection closed from={} to={} reason={} not_logged_before={}: {}",
                channel.remoteAddress(),
                channel.localAddress(),
                Meters.text(reason),
                untold.sumThenReset(),
                text);
    }

    @Override
    public String name() {
        return other.name();
    }

    @Override
    public boolean available() {
        return other.available();
    }

    @Override
    public Throwable unavailabilityCause() {
        return other.unavailabilityCause();
    }

    @Override
    public Transport implementation() {
        return new Guarded(other.implementation());
    }

    /** Sees each accepted connection first. One for each listening socket. */
    private final class Gate extends ChannelInboundHandlerAdapter {
        private final AtomicInteger open = new AtomicInteger();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            Channel accepted = (Channel) message;
            int most = limits.maxPerPort();
            if (open.incrementAndGet() > most) {
                open.decrementAndGet();
                closed(accepted, Closed.TOO_MANY, "more than " + most + " connections (connections.max-per-port)");
                accepted.unsafe().closeForcibly();
                return;
            }
            accepted.closeFuture().addListener(closed -> open.decrementAndGet());
            probeWhenIdle(accepted);
            accepted.pipeline().addFirst("guard", new ConnectionGuard(GuardedConnections.this));
            ctx.fireChannelRead(message);
        }
    }

    /** Has the kernel notice a host that vanished while neither side has anything to say, in HTTP/1. */
    private void probeWhenIdle(Channel accepted) {
        if (accepted instanceof NioSocketChannel) {
            accepted.config()
                    .setOption(
                            NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE),
                            seconds(limits.keepaliveIntervalNs()));
            int between = seconds(limits.keepaliveTimeoutNs() / KEEPALIVE_PROBES);
            accepted.config().setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), between);
            accepted.config().setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), KEEPALIVE_PROBES);
            accepted.config().setOption(io.netty.channel.ChannelOption.SO_KEEPALIVE, true);
        }
    }

    private static int seconds(long ns) {
        // The kernel takes up to 32767.
        return (int) Math.max(1, Math.min(Short.MAX_VALUE, TimeUnit.NANOSECONDS.toSeconds(ns)));
    }

    /** Another transport with a gate in each of its listening sockets. */
    private final class Guarded implements Transport {
        private final Transport inner;

        Guarded(Transport inner) {
            this.inner = inner;
        }

        @Override
        public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
            inner.configure(options, domainSocket, bootstrap);
            bootstrap.handler(new Gate());
        }

        @Override
        public boolean supportsDomainSockets() {
            return inner.supportsDomainSockets();
        }

        @Override
        public boolean supportFileRegion() {
            return inner.supportFileRegion();
        }

        @Override
        public boolean isAvailable() {
            return inner.isAvailable();
        }

        @Override
        public Throwable unavailabilityCause() {
            return inner.unavailabilityCause();
        }

        @Override
        public SocketAddress convert(io.vertx.core.net.SocketAddress address) {
            return inner.convert(address);
        }

        @Override
        public io.vertx.core.net.SocketAddress convert(SocketAddress address) {
            return inner.convert(address);
        }

        @Override
        public IoHandlerFactory ioHandlerFactory() {
            return inner.ioHandlerFactory();
        }

        @Override
        public EventLoopGroup eventLoopGroup(int type, int threads, ThreadFactory factory, int ioRatio) {
            return inner.eventLoopGroup(type, threads, factory, ioRatio);
        }

        @Override
        public DatagramChannel datagramChannel() {
            return inner.datagramChannel();
        }

        @Override
        @SuppressWarnings("deprecation") // It is what Vert.x asks for.
        public DatagramChannel datagramChannel(InternetProtocolFamily family) {
            return inner.datagramChannel(family);
        }

        @Override
        public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
            return inner.channelFactory(domainSocket);
        }

        @Override
        public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
            return inner.serverChannelFactory(domainSocket);
        }

        @Override
        public void configure(DatagramChannel channel, DatagramSocketOptions options) {
            inner.configure(channel, options);
        }

        @Override
        public void configure(
                ClientOptionsBase options, int connectTimeout, boolean domainSocket, Bootstrap bootstrap) {
            inner.configure(options, connectTimeout, domainSocket, bootstrap);
        }
    }
}
