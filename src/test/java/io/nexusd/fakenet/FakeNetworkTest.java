package io.nexusd.fakenet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FakeNetworkTest {
    private static final int PORT = 5671;
    private static final int LIMIT_S = 60;
    private static final int PIECES = 500;
    private static final int MAX_PIECE_BYTES = 20_000;
    private static final int CONNECT_TIMEOUT_MS = 100;

    private final FakeNetwork network = new FakeNetwork();
    private final FakeHost here = network.addHost("10.0.0.1");
    private final FakeHost there = network.addHost("10.0.0.2");
    private final Vertx client = Vertx.builder().withTransport(here.transport()).build();
    private final Vertx server =
            Vertx.builder().withTransport(there.transport()).build();

    /** Kept, for one that nobody refers to is closed when it is collected. */
    private final NetClient connector =
            client.createNetClient(new NetClientOptions().setConnectTimeout(CONNECT_TIMEOUT_MS));

    @AfterEach
    void close() {
        get(client.close());
        get(server.close());
    }

    @Test
    void shouldCarryBytesWholeAndInOrderBothWays() {
        listen(socket -> socket.handler(socket::write));
        Random random = new Random(7);
        Buffer sent = Buffer.buffer();
        Buffer received = Buffer.buffer();
        CompletableFuture<Void> all = new CompletableFuture<>();
        NetSocket socket = connect();
        for (int i = 0; i < PIECES; i++) {
            byte[] piece = new byte[random.nextInt(MAX_PIECE_BYTES)];
            random.nextBytes(piece);
            sent.appendBytes(piece);
        }
        socket.handler(bytes -> {
            received.appendBuffer(bytes);
            if (received.length() == sent.length()) {
                all.complete(null);
            }
        });
        for (int from = 0, to; from < sent.length(); from = to) {
            to = Math.min(sent.length(), from + 1 + random.nextInt(MAX_PIECE_BYTES));
            socket.write(sent.slice(from, to));
        }
        get(all);
        assertThat(received).isEqualTo(sent);
        assertThat(here.sentBytes()).isEqualTo(sent.length());
        assertThat(there.sentBytes()).isEqualTo(sent.length());
        assertThat(here.sentWrites()).isPositive();
    }

    @Test
    void shouldGiveBothEndsTheirAddresses() {
        CompletableFuture<String> seen = new CompletableFuture<>();
        listen(socket -> seen.complete(socket.remoteAddress() + " " + socket.localAddress()));
        NetSocket socket = connect();
        assertThat(socket.remoteAddress().toString()).isEqualTo(there.ip() + ":" + PORT);
        assertThat(get(seen)).isEqualTo(socket.localAddress() + " " + socket.remoteAddress());
        assertThat(socket.localAddress().host()).isEqualTo(here.ip());
    }

    @Test
    void shouldTellTheOtherSideOfACloseAfterWhatWasSent() {
        listen(socket -> socket.handler(bytes -> {
            socket.write("farewell");
            socket.close();
        }));
        CompletableFuture<String> closed = new CompletableFuture<>();
        Buffer received = Buffer.buffer();
        NetSocket socket = connect();
        socket.handler(received::appendBuffer);
        socket.closeHandler(v -> closed.complete(received.toString()));
        socket.write("go");
        assertThat(get(closed)).isEqualTo("farewell");
    }

    @Test
    void shouldTellTheListenerOfACloseAndForgetTheConnection() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        listen(socket -> socket.closeHandler(v -> closed.complete(null)));
        NetSocket socket = connect();
        await().until(() -> there.connectionsTo(PORT) == 1);
        socket.close();
        get(closed);
        await().until(() -> there.connectionsTo(PORT) == 0);
    }

    @Test
    void shouldEndAConnectionWhoseOtherSideIsGoneWithoutHavingReadEverything() {
        CompletableFuture<NetSocket> accepted = new CompletableFuture<>();
        listen(socket -> accepted.complete(socket.pause()));
        CompletableFuture<Void> closed = new CompletableFuture<>();
        NetSocket socket = connect();
        socket.closeHandler(v -> closed.complete(null));
        socket.pause();
        socket.write("never read");
        await().until(() -> here.sentBytes() > 0);
        get(accepted).close();
        get(closed);
    }

    @Test
    void shouldStopAWriterWhoseBytesNobodyReadsUntilSomebodyDoes() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        CompletableFuture<Channel> accepted = new CompletableFuture<>();
        AtomicInteger received = new AtomicInteger();
        new ServerBootstrap()
                .group(loops)
                .channelFactory(() -> new FakeServerChannel(there))
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new SimpleChannelInboundHandler<ByteBuf>() {
                    @Override
                    public void channelActive(ChannelHandlerContext context) {
                        accepted.complete(context.channel());
                    }

                    @Override
                    protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
                        received.addAndGet(bytes.readableBytes());
                    }
                })
                .bind(there.ip(), PORT)
                .sync();
        Channel writer = new Bootstrap()
                .group(loops)
                .channelFactory(() -> new FakeChannel(here))
                .handler(new ChannelInboundHandlerAdapter())
                .connect(there.ip(), PORT)
                .sync()
                .channel();
        int all = 2 * Pipe.CAPACITY_BYTES;
        ChannelFuture last = writer.writeAndFlush(Unpooled.buffer(all).writeZero(all));
        await().until(() -> here.sentBytes() == Pipe.CAPACITY_BYTES);
        assertThat(writer.isWritable()).isFalse();
        assertThat(last.isDone()).isFalse();
        get(accepted).config().setAutoRead(true);
        last.sync();
        await().until(() -> received.get() == all);
        assertThat(writer.isWritable()).isTrue();
        loops.shutdownGracefully(0, LIMIT_S, TimeUnit.SECONDS).sync();
    }

    @Test
    void shouldRefuseWhereNobodyListens() {
        assertThatThrownBy(this::connect).hasCauseInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> get(connector.connect(PORT, "10.0.0.3")))
                .hasCauseInstanceOf(NoRouteToHostException.class);
        NetServer listener = listen(socket -> {});
        connect();
        get(listener.close());
        assertThatThrownBy(this::connect).hasCauseInstanceOf(ConnectException.class);
    }

    @Test
    void shouldLetEachPortBeListenedOnOnce() {
        listen(socket -> {});
        Vertx other = Vertx.builder().withTransport(there.transport()).build();
        NetServer second = other.createNetServer().connectHandler(socket -> {});
        assertThatThrownBy(() -> get(second.listen(PORT, "127.0.0.1"))).hasCauseInstanceOf(BindException.class);
        assertThatThrownBy(() -> get(second.listen(PORT, here.ip()))).hasCauseInstanceOf(BindException.class);
        assertThat(get(second.listen(0, "0.0.0.0")).actualPort()).isPositive();
        get(other.close());
    }

    @Test
    void shouldReachOnlyTheHostItselfByItsLoopbackAddress() {
        listen(socket -> {});
        get(server.createNetClient().connect(PORT, "127.0.0.1"));
        assertThatThrownBy(() -> get(connector.connect(PORT, "127.0.0.1"))).hasCauseInstanceOf(ConnectException.class);
    }

    @Test
    void shouldDelayEachWay() {
        listen(socket -> socket.handler(socket::write));
        NetSocket socket = connect();
        CompletableFuture<Void> answered = new CompletableFuture<>();
        socket.handler(bytes -> answered.complete(null));
        network.delay(Duration.ofMillis(30));
        long startedNs = System.nanoTime();
        socket.write("?");
        get(answered);
        assertThat(System.nanoTime() - startedNs).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(60));
    }

    @Test
    void shouldKeepTheOrderWhenTheDelayBecomesShorter() {
        Buffer received = Buffer.buffer();
        CompletableFuture<Void> all = new CompletableFuture<>();
        listen(socket -> socket.handler(bytes -> {
            received.appendBuffer(bytes);
            if (received.length() == 20) {
                all.complete(null);
            }
        }));
        NetSocket socket = connect();
        for (int i = 0; i < 10; i++) {
            network.delay(Duration.ofMillis(20 - 2 * i));
            get(socket.write(i + ";"));
        }
        get(all);
        assertThat(received.toString()).isEqualTo("0;1;2;3;4;5;6;7;8;9;");
    }

    @Test
    void shouldHoldBackWhatHostsSendEachOtherThatAreCutOff() {
        Buffer received = Buffer.buffer();
        listen(socket -> socket.handler(received::appendBuffer));
        NetSocket socket = connect();
        get(socket.write("before;"));
        await().until(() -> received.length() == 7);
        network.cut(here, there);
        get(socket.write("during;"));
        get(socket.write("still;"));
        assertThatThrownBy(this::connect).hasMessageContaining("timed out");
        assertThat(received.toString()).isEqualTo("before;");
        network.heal();
        get(socket.write("after;"));
        await().until(() -> received.length() == 26);
        assertThat(received.toString()).isEqualTo("before;during;still;after;");
        connect();
    }

    private NetServer listen(Consumer<NetSocket> handler) {
        return get(server.createNetServer().connectHandler(handler::accept).listen(PORT, "0.0.0.0"));
    }

    private NetSocket connect() {
        return get(connector.connect(PORT, there.ip()));
    }

    private static <T> T get(Future<T> future) {
        return get(future.toCompletionStage().toCompletableFuture());
    }

    private static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(LIMIT_S, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
