package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.nexusd.client.ForeignClient;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.client.RawHttp2;
import io.nexusd.lab.FreePort;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.ShowLogs;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.PublishResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections that do not get on, and floods of HTTP/2 frames, on each port, beside an application that behaves. */
@ExtendWith(ShowLogs.class)
class UnwelcomeClientsIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int ENHANCE_YOUR_CALM = 0xb;
    private static final int FRAMES_PER_WRITE = 1000;
    private static final int WRITES = 3000;
    private static final double HEAP_LIMIT = 100e6;
    private static final int CANCELLED_CALLS = 9000;

    private static LabDaemon daemon;
    private static LabDaemon strict;
    private static int mesh;
    private static int strictMesh;

    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    /** Writes a part of a flood whose streams begin with the given number. */
    private interface Flood {
        byte[] frames(int firstStream);
    }

    @BeforeAll
    static void start() {
        mesh = FreePort.tcp();
        daemon = LabDaemon.onLoopback("flooded")
                .environment("NEXUSD_MESH_PORT", String.valueOf(mesh))
                .start()
                .awaitReady();
        strictMesh = FreePort.tcp();
        strict = LabDaemon.onLoopback("strict")
                .environment("NEXUSD_MESH_PORT", String.valueOf(strictMesh))
                .environment("NEXUSD_CONNECTIONS_REQUEST_TIMEOUT_MS", "300")
                .environment("NEXUSD_CONNECTIONS_IDLE_TIMEOUT_MS", "1000")
                .start()
                .awaitReady();
    }

    @AfterAll
    static void stop() {
        daemon.close();
        strict.close();
    }

    static List<Arguments> floods() {
        List<Arguments> all = new ArrayList<>();
        for (String port : List.of("app", "mesh", "admin")) {
            for (String kind : List.of(
                    "resets",
                    "pings",
                    "settings",
                    "priorities",
                    "windows",
                    "empty data",
                    "padding",
                    "continuations",
                    "unknown")) {
                all.add(Arguments.of(port, kind));
            }
        }
        // The admin port refuses the 101st open call, and data of a refused call is a protocol error.
        all.add(Arguments.of("app", "made resets"));
        all.add(Arguments.of("mesh", "made resets"));
        return all;
    }

    @ParameterizedTest
    @MethodSource("floods")
    void shouldEndAConnectionThatFloodsAndServeTheOthers(String port, String kind) throws Exception {
        try (ForeignClient innocent = new ForeignClient("127.0.0.1", daemon.appPort());
                ForeignSubscription subscription = innocent.subscribe("calm/#");
                RawHttp2 flooder = RawHttp2.greeted(port(daemon, port, mesh))) {
            innocent.publish("calm/1", "before");
            subscription.awaitMessages(1);
            CompletableFuture<Integer> error = goAwayOf(flooder);
            flood(flooder, flood(kind), error);
            assertThat(error.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(ENHANCE_YOUR_CALM);
            innocent.publish("calm/1", "after");
            subscription.awaitMessages(2);
            assertThat(subscription.status()).isNull();
        }
        assertThat(daemon.isAlive()).isTrue();
    }

    @Test
    void shouldKeepItsMemoryAfterFloods() throws Exception {
        for (String kind : List.of("resets", "settings", "continuations")) {
            try (RawHttp2 flooder = RawHttp2.greeted(daemon.appPort())) {
                CompletableFuture<Integer> error = goAwayOf(flooder);
                flood(flooder, flood(kind), error);
                error.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
        }
        await().atMost(LIMIT).until(() -> daemon.heapAfterCollection() < HEAP_LIMIT);
        assertThat(daemon.metric("nexusd_connections_closed_total", "reason=\"flood\""))
                .isPositive();
    }

    @Test
    void shouldServeAnApplicationThatCancelsThousandsOfCalls() {
        try (ForeignClient client = new ForeignClient("127.0.0.1", daemon.appPort());
                ForeignSubscription subscription = client.subscribe("kept/#")) {
            for (int i = 0; i < CANCELLED_CALLS; i++) {
                ClientCall<PublishRequest, PublishResponse> call =
                        client.channel().newCall(ForeignClient.PUBLISH, CallOptions.DEFAULT);
                call.start(new ClientCall.Listener<>() {}, new Metadata());
                call.sendMessage(
                        PublishRequest.newBuilder().setTopic("cancelled").build());
                call.cancel("not wanted any more", null);
            }
            client.publish("kept/1", "x");
            subscription.awaitMessages(1);
            assertThat(subscription.status()).isNull();
        }
    }

    /** As gRPC clients do: the request of a cancelled call leaves after the reset, and is answered with a reset. */
    @Test
    void shouldNotChargeAClientForTheResetsThatAnswerItsOwn() throws Exception {
        try (RawHttp2 client = RawHttp2.greeted(daemon.appPort())) {
            ByteArrayOutputStream frames = new ByteArrayOutputStream();
            for (int stream = 1; stream < 2 * CANCELLED_CALLS; stream += 2) {
                frames.writeBytes(headers(stream, "/nexusd.sidecar.SidecarService/Publish"));
                frames.writeBytes(RawHttp2.frame(RawHttp2.RST_STREAM, 0, stream, new byte[4]));
                frames.writeBytes(RawHttp2.frame(RawHttp2.DATA, 0, stream, new byte[5]));
            }
            CompletableFuture<RawHttp2.Frame> answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return client.read(RawHttp2.PING);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            client.write(frames.toByteArray());
            client.write(RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8]));
            assertThat(answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS).stream()).isZero();
        }
    }

    static List<Arguments> strangers() {
        return Stream.of("app", "mesh", "admin")
                .flatMap(port -> Stream.of(
                                "nothing",
                                "half a preface",
                                "a preface",
                                "half a header of HTTP/1",
                                "half a body of HTTP/1",
                                "half a frame",
                                "half a block of headers",
                                "only the greeting",
                                "idle in HTTP/1")
                        .map(kind -> Arguments.of(port, kind)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("strangers")
    void shouldCloseAConnectionThatDoesNotGetOn(String port, String kind) throws Exception {
        try (RawHttp2 stranger = new RawHttp2(port(strict, port, strictMesh))) {
            stranger.write(beginning(kind));
            stranger.awaitClosed();
        }
    }

    @Test
    void shouldCloseAConnectionThatTrickles() throws Exception {
        String slow = "GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: " + "a".repeat(10_000);
        try (RawHttp2 stranger = new RawHttp2(port(strict, "admin", strictMesh))) {
            CompletableFuture<Integer> closed = goAwayOf(stranger);
            await().atMost(LIMIT).pollInterval(Duration.ofMillis(50)).until(() -> {
                try {
                    stranger.write(
                            slow.substring(received.size(), received.size() + 1).getBytes(StandardCharsets.US_ASCII));
                    received.write(0);
                } catch (IOException e) {
                    return true;
                }
                return closed.isDone();
            });
        }
    }

    @Test
    void shouldEndACallWhoseMessageDoesNotGetOn() throws Exception {
        try (RawHttp2 client = RawHttp2.greeted(strict.appPort())) {
            client.write(RawHttp2.frame(
                    RawHttp2.HEADERS,
                    RawHttp2.END_HEADERS,
                    1,
                    RawHttp2.call("/nexusd.sidecar.SidecarService/PublishStream")));
            client.write(RawHttp2.frame(RawHttp2.DATA, 0, 1, new byte[] {0, 0, 0, 1, 0, 42}));
            assertThat(client.read(RawHttp2.HEADERS).flags() & RawHttp2.END_STREAM)
                    .isPositive();
            // It was ended by the daemon, and is not ended by the client either.
            assertThat(client.read(RawHttp2.RST_STREAM).stream()).isEqualTo(1);
        }
    }

    @Test
    void shouldEndACallWithoutARequestAndKeepAStreamThatWaitsForOne() throws Exception {
        try (RawHttp2 client = RawHttp2.greeted(strict.appPort())) {
            client.write(headers(1, "/nexusd.sidecar.SidecarService/PublishStream"));
            client.write(headers(3, "/nexusd.sidecar.SidecarService/Publish"));
            assertThat(client.read(RawHttp2.HEADERS).stream()).isEqualTo(3);
            client.write(RawHttp2.frame(RawHttp2.RST_STREAM, 0, 3, new byte[4]));
            // A request with nothing in it, which is answered by a refusal in the stream.
            client.write(RawHttp2.frame(RawHttp2.DATA, 0, 1, new byte[5]));
            assertThat(client.read(RawHttp2.DATA).stream()).isEqualTo(1);
        }
    }

    /** Each claims a message of a megabyte and sends a byte of it. */
    @Test
    void shouldNotReserveWhatMessagesMerelyClaim() throws Exception {
        int streams = 8_000;
        try (RawHttp2 client = RawHttp2.greeted(daemon.appPort())) {
            CompletableFuture<Integer> end = goAwayOf(client);
            ByteArrayOutputStream frames = new ByteArrayOutputStream();
            for (int i = 0; i < streams; i++) {
                frames.writeBytes(headers(1 + 2 * i, "/nexusd.sidecar.SidecarService/PublishStream"));
                frames.writeBytes(RawHttp2.frame(RawHttp2.DATA, 0, 1 + 2 * i, new byte[] {0, 0, 16, 0, 0, 7}));
            }
            client.write(frames.toByteArray());
            await().atMost(LIMIT).until(() -> daemon.heapAfterCollection() < HEAP_LIMIT || end.isDone());
            assertThat(end).isNotDone();
        }
        assertThat(daemon.isAlive()).isTrue();
    }

    private static byte[] headers(int stream, String path) {
        return RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, RawHttp2.call(path));
    }

    private static byte[] beginning(String kind) {
        byte[] greeting = join(RawHttp2.PREFACE, RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[0]));
        byte[] headers =
                RawHttp2.frame(RawHttp2.HEADERS, 0, 1, RawHttp2.call("/nexusd.sidecar.SidecarService/Publish"));
        return switch (kind) {
            case "nothing" -> new byte[0];
            case "half a preface" -> Arrays.copyOf(RawHttp2.PREFACE, 10);
            case "a preface" -> RawHttp2.PREFACE;
            case "half a header of HTTP/1" -> ascii("GET /livez HTTP/1.1\r\nHos");
            case "half a body of HTTP/1" -> ascii("POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
            case "half a frame" -> join(greeting, Arrays.copyOf(headers, 40));
            case "half a block of headers" -> join(greeting, headers);
            case "only the greeting" -> greeting;
            case "idle in HTTP/1" -> ascii("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private static Flood flood(String kind) {
        byte[] call = RawHttp2.call("/nexusd.sidecar.SidecarService/GetTopics");
        return switch (kind) {
            case "resets" ->
                first -> repeat(i -> join(
                        RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, first + 2 * i, call),
                        RawHttp2.frame(RawHttp2.RST_STREAM, 0, first + 2 * i, new byte[4])));
            case "made resets" ->
                first -> repeat(i -> join(
                        RawHttp2.frame(
                                RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, first + 2 * i, call),
                        RawHttp2.frame(RawHttp2.DATA, 0, first + 2 * i, new byte[5])));
            case "pings" -> first -> repeat(i -> RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8]));
            case "settings" -> first -> repeat(i -> RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[0]));
            case "priorities" ->
                first -> repeat(i -> RawHttp2.frame(RawHttp2.PRIORITY, 0, first + 2 * i, new byte[] {0, 0, 0, 0, 1}));
            case "windows" ->
                first -> repeat(i -> RawHttp2.frame(RawHttp2.WINDOW_UPDATE, 0, 0, new byte[] {0, 0, 0, 1}));
            case "unknown" -> first -> repeat(i -> RawHttp2.frame(0x20, 0, 0, new byte[4]));
            case "empty data" -> onOneStream(call, RawHttp2.frame(RawHttp2.DATA, 0, 1, new byte[0]));
            case "padding" -> onOneStream(call, RawHttp2.frame(RawHttp2.DATA, 8, 1, new byte[] {0}));
            case "continuations" ->
                first -> join(
                        first == 1 ? RawHttp2.frame(RawHttp2.HEADERS, 0, 1, call) : new byte[0],
                        repeat(i -> RawHttp2.frame(RawHttp2.CONTINUATION, 0, 1, new byte[0])));
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private static Flood onOneStream(byte[] call, byte[] frame) {
        return first -> join(
                first == 1 ? RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, call) : new byte[0],
                repeat(i -> frame));
    }

    /** Writes until the connection is closed, or enough for any limit. */
    private static void flood(RawHttp2 flooder, Flood flood, CompletableFuture<Integer> end) {
        for (int i = 0; i < WRITES && !end.isDone(); i++) {
            try {
                flooder.write(flood.frames(1 + 2 * FRAMES_PER_WRITE * i));
            } catch (IOException e) {
                return;
            }
        }
    }

    private static CompletableFuture<Integer> goAwayOf(RawHttp2 client) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return client.awaitGoAway();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static byte[] repeat(IntFunction<byte[]> frame) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = 0; i < FRAMES_PER_WRITE; i++) {
            frames.writeBytes(frame.apply(i));
        }
        return frames.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static int port(LabDaemon of, String name, int meshPort) {
        return switch (name) {
            case "app" -> of.appPort();
            case "mesh" -> meshPort;
            default -> Integer.parseInt(of.adminAddress().replaceFirst(".*:", ""));
        };
    }
}
