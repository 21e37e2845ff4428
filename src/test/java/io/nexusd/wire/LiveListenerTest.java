package io.nexusd.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Configuration;
import io.nexusd.bus.Configuration.NotApplied;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Lifecycle.Listener;
import io.nexusd.bus.Lifecycle.ListenerBound;
import io.nexusd.lab.FreePort;
import io.nexusd.wire.LiveListener.Site;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LiveListenerTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Vertx vertx = Vertx.vertx();
    private final Bus bus = new Bus(vertx);
    private final Context context = vertx.getOrCreateContext();
    private final List<ListenerBound> bound = new CopyOnWriteArrayList<>();
    private final List<NotApplied> notApplied = new CopyOnWriteArrayList<>();
    private final Promise<String> slow = Promise.promise();
    private LiveListener listener;

    @BeforeEach
    void listen() {
        bus.on(Lifecycle.LISTENER_BOUND, bound::add);
        bus.on(Configuration.NOT_APPLIED, notApplied::add);
        listener = new LiveListener(
                vertx,
                bus,
                Listener.APP,
                () -> vertx.createHttpServer()
                        .requestHandler(request -> (request.path().equals("/slow")
                                        ? slow.future()
                                        : Future.succeededFuture("ok"))
                                .onSuccess(text -> request.response().end(text))));
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void shouldMoveWhileACallOverTheOldAddressGoesOn() throws Exception {
        int first = open();
        CompletableFuture<String> call = get(first, "/slow");
        await().atMost(LIMIT).until(() -> !call.isDone());
        int second = FreePort.tcp();
        move("127.0.0.1", second);
        await().atMost(LIMIT).until(() -> accepts(second) && !accepts(first));
        assertThat(get(second, "/").get(20, TimeUnit.SECONDS)).isEqualTo("ok");
        assertThat(call).isNotDone();
        slow.complete("late");
        assertThat(call.get(20, TimeUnit.SECONDS)).isEqualTo("late");
        await().atMost(LIMIT).until(() -> bound.size() == 2);
        assertThat(bound.get(1)).isEqualTo(new ListenerBound(Listener.APP, "127.0.0.1", second));
        assertThat(notApplied).isEmpty();
    }

    @Test
    void shouldMoveToAnotherAddressWithTheSamePort() throws Exception {
        int port = FreePort.tcp();
        open("127.0.0.1", port);
        move("0.0.0.0", port);
        await().atMost(LIMIT).until(() -> bound.size() == 2);
        assertThat(get(port, "/").get(20, TimeUnit.SECONDS)).isEqualTo("ok");
        move("127.0.0.1", port);
        await().atMost(LIMIT).until(() -> bound.size() == 3);
        assertThat(get(port, "/").get(20, TimeUnit.SECONDS)).isEqualTo("ok");
        assertThat(notApplied).isEmpty();
    }

    @Test
    void shouldStayWhereItIsUntilTheNewAddressCanBeHad() throws Exception {
        int first = open();
        int second;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            second = taken.getLocalPort();
            move("127.0.0.1", second);
            await().atMost(LIMIT).until(() -> notApplied.size() == 1);
            assertThat(notApplied.get(0).keys()).isEqualTo("app.bind:app.port");
            assertThat(notApplied.get(0).problem()).contains(String.valueOf(second), "still listens");
            assertThat(get(first, "/").get(20, TimeUnit.SECONDS)).isEqualTo("ok");
        }
        await().atMost(LIMIT).until(() -> accepts(second) && !accepts(first));
        await().atMost(LIMIT).until(() -> notApplied.size() == 2);
        assertThat(notApplied.get(1).problem()).isEmpty();
    }

    @Test
    void shouldForgetAnAddressThatIsNotWantedAnyMore() throws Exception {
        int first = open("127.0.0.1", FreePort.tcp());
        move("203.0.113.1", first);
        await().atMost(LIMIT).until(() -> notApplied.size() == 1);
        move("127.0.0.1", first);
        await().atMost(LIMIT).until(() -> notApplied.size() == 2);
        assertThat(notApplied.get(1).problem()).isEmpty();
        assertThat(get(first, "/").get(20, TimeUnit.SECONDS)).isEqualTo("ok");
        assertThat(bound).hasSize(1);
    }

    @Test
    void shouldEndUpAtTheLastOfManyAddresses() throws Exception {
        open();
        int last = 0;
        for (int i = 0; i < 20; i++) {
            last = FreePort.tcp();
            move("127.0.0.1", last);
        }
        int expected = last;
        await().atMost(LIMIT).until(() -> bound.get(bound.size() - 1).port() == expected);
        assertThat(get(expected, "/").get(20, TimeUnit.SECONDS)).isEqualTo("ok");
        context.runOnContext(v -> listener.turnOff());
        await().atMost(LIMIT).until(() -> !accepts(expected));
    }

    @Test
    void shouldKeepTwoConnectionsTogetherAndSpreadMoreOverAllLoops() throws Exception {
        List<Site> sites = EventLoops.beginningWith(context, 2).stream()
                .map(loop -> new Site(
                        loop,
                        () -> vertx.createHttpServer()
                                .requestHandler(request -> request.response()
                                        .end(Thread.currentThread().getName()))))
                .toList();
        CompletableFuture<LiveListener> made = new CompletableFuture<>();
        context.runOnContext(v -> made.complete(new LiveListener(vertx, bus, Listener.APP, sites)));
        listener = made.get(20, TimeUnit.SECONDS);
        spreadsAt(open());
        spreadsAt(moved(FreePort.tcp()));
        spreadsAt(moved(0));
        assertThat(notApplied).isEmpty();
    }

    private static void spreadsAt(int port) throws IOException {
        List<Socket> sockets = new ArrayList<>();
        try {
            String first = loopOf(connect(port, sockets));
            assertThat(loopOf(connect(port, sockets))).isEqualTo(first);
            await().atMost(LIMIT).until(() -> !loopOf(connect(port, sockets)).equals(first));
            await().atMost(LIMIT).until(() -> loopOf(connect(port, sockets)).equals(first));
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        // When all are gone, it is as in the beginning.
        await().atMost(LIMIT).until(() -> {
            try (Socket alone = connect(port, new ArrayList<>())) {
                return loopOf(alone).equals(loopOfNew(port));
            }
        });
    }

    private int moved(int port) {
        int before = bound.size();
        move("127.0.0.1", port);
        await().atMost(LIMIT).until(() -> bound.size() > before);
        return bound.get(before).port();
    }

    private static Socket connect(int port, List<Socket> all) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        all.add(socket);
        return socket;
    }

    private static String loopOfNew(int port) {
        try (Socket socket = connect(port, new ArrayList<>())) {
            return loopOf(socket);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Asks over a connection for the thread that serves it. */
    private static String loopOf(Socket socket) throws IOException {
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        StringBuilder answer = new StringBuilder();
        while (!answer.toString().matches("(?s).*\r\n\r\n.*thread-\\d+")) {
            int read = socket.getInputStream().read();
            if (read < 0) {
                throw new EOFException(answer.toString());
            }
            answer.append((char) read);
        }
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    private int open() throws Exception {
        return open("127.0.0.1", 0);
    }

    private int open(String host, int port) throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        context.runOnContext(v -> listener.open(host, port).onComplete(result -> done.complete(null)));
        done.get(20, TimeUnit.SECONDS);
        await().atMost(LIMIT).until(() -> bound.size() == 1);
        return bound.get(0).port();
    }

    private void move(String host, int port) {
        context.runOnContext(v -> listener.move(host, port));
    }

    private static CompletableFuture<String> get(int port, String path) {
        // Not HTTP/2: this client gives up its calls when the server says that there should be no new ones.
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .build()
                .sendAsync(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .thenApply(HttpResponse::body);
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
