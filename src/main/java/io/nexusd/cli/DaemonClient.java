package io.nexusd.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.nexusd.model.Endpoint;
import io.nexusd.wire.ClientCall;
import io.nexusd.wire.GrpcFrames;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A connection to one daemon for a command that waits for each answer. Every failure is a {@link CommandFailure}. */
final class DaemonClient implements AutoCloseable {
    private static final String SERVICE = "/nexusd.sidecar.SidecarService/";
    private static final int MAX_MESSAGE_BYTES = 512 * 1024 * 1024;

    private final Vertx vertx = Vertx.vertx(
            new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1).setInternalBlockingPoolSize(1));
    private final HttpClientAgent http;
    private final HttpClientConnection connection;
    private final Endpoint daemon;
    private final int timeoutMs;

    DaemonClient(Endpoint daemon, int timeoutMs) {
        this.daemon = daemon;
        this.timeoutMs = timeoutMs;
        http = vertx.createHttpClient(new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setConnectTimeout(timeoutMs));
        try {
            connection = await(
                    http.connect(new HttpConnectOptions().setHost(daemon.host()).setPort(daemon.port())));
        } catch (CommandFailure e) {
            close();
            throw e;
        }
    }

    Endpoint daemon() {
        return daemon;
    }

    /** Calls a method with one message each way. */
    <T> T call(String method, MessageLite request, Parser<T> parser) {
        ByteString answer =
                await(ClientCall.unary(connection, daemon, SERVICE + method, request, MAX_MESSAGE_BYTES, timeoutMs));
        return parsed(parser, answer);
    }

    /** Opens a call with one request and a stream of answers; the action sets its handlers on the event loop. */
    ClientCall open(String method, MessageLite request, java.util.function.Consumer<ClientCall> handlers) {
        return await(ClientCall.open(connection, daemon, SERVICE + method, MAX_MESSAGE_BYTES)
                .map(call -> {
                    handlers.accept(call);
                    call.write(GrpcFrames.frame(request));
                    call.halfClose();
                    return call;
                }));
    }

    /** Runs the action where calls live. */
    void onEventLoop(Runnable action) {
        vertx.runOnContext(v -> action.run());
    }

    static <T> T parsed(Parser<T> parser, ByteString bytes) {
        try {
            return parser.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new CommandFailure(CommandFailure.FAILED, "the answer cannot be read: " + e.getMessage());
        }
    }

    private <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw CommandFailure.of(e.getCause(), daemon.toString());
        } catch (TimeoutException e) {
            throw CommandFailure.of(e, daemon.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(CommandFailure.FAILED, "interrupted");
        }
    }

    @Override
    public void close() {
        // Not waited for: the process is about to end, and the end of the connection tells the daemon all it needs.
        vertx.close();
    }
}
