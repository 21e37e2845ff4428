package io.nexusd.cli;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.nexusd.model.Endpoint;
import io.nexusd.wire.BoundedAnswer;
import io.nexusd.wire.ClientCall;
import io.nexusd.wire.CommandFailure;
import io.nexusd.wire.ConnectTo;
import io.nexusd.wire.FileAccess;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.MessageBytes;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A connection to one daemon for commands that wait for each answer. Every failure is a {@link CommandFailure}. */
final class DaemonClient implements AutoCloseable {
    private static final int CLOSE_WITHIN_MS = 200;
    private static final String SIDECAR = "/nexusd.sidecar.SidecarService/";
    private static final String ADMIN = "/nexusd.admin.AdminService/";
    private static final int MAX_MESSAGE_BYTES = 512 * 1024 * 1024;

    private final Vertx vertx;
    private final HttpClientAgent http;
    private final HttpClientConnection connection;
    private final Endpoint daemon;
    private final Set<String> noted = new HashSet<>();
    private Consumer<String> incomplete = text -> {};
    private int timeoutMs;
    /** Written on the event loop. */
    private volatile boolean open = true;

    DaemonClient(Endpoint daemon, int timeoutMs) {
        this.daemon = daemon;
        this.timeoutMs = timeoutMs;
        vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(FileAccess.withoutCache()));
        http = vertx.createHttpClient(new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setConnectTimeout(timeoutMs));
        try {
            connection = await(ConnectTo.anyAddress(vertx, http, daemon, timeoutMs), timeoutMs);
            connection.closeHandler(v -> open = false);
        } catch (CommandFailure e) {
            close();
            throw e;
        }
    }

    Endpoint daemon() {
        return daemon;
    }

    boolean isOpen() {
        return open;
    }

    void timeoutMs(int ms) {
        timeoutMs = ms;
    }

    /** Calls a method of the SidecarService with one message each way. */
    <T> T sidecar(String method, MessageLite request, Parser<T> parser) {
        return call(SIDECAR + method, request, parser, timeoutMs);
    }

    /** As above, with a time limit of its own. */
    <T> T sidecar(String method, MessageLite request, Parser<T> parser, int withinMs) {
        return call(SIDECAR + method, request, parser, withinMs);
    }

    /** Calls a method of the AdminService with one message each way. */
    <T> T admin(String method, MessageLite request, Parser<T> parser) {
        return call(ADMIN + method, request, parser, timeoutMs);
    }

    /** As above, with a time limit of its own. */
    <T> T admin(String method, MessageLite request, Parser<T> parser, int withinMs) {
        return call(ADMIN + method, request, parser, withinMs);
    }

    /** Calls any method with one message each way. */
    <T> T call(String path, MessageLite request, Parser<T> parser, int withinMs) {
        T answer = parsed(
                parser,
                await(
                        onLoop(() -> ClientCall.unary(connection, daemon, path, request, MAX_MESSAGE_BYTES, withinMs)),
                        withinMs));
        noteIfIncomplete(path, answer);
        return answer;
    }

    /** Sets the receiver of a text for each method whose answer the daemon has cut. */
    void onIncomplete(Consumer<String> receiver) {
        incomplete = receiver;
    }

    private void noteIfIncomplete(String path, Object answer) {
        // An answer that was cut is nearly as large as one may be; of others no description is needed.
        if (!(answer instanceof Message message)
                || message.getSerializedSize() < BoundedAnswer.CLIENT_MESSAGE_BYTES / 256) {
            return;
        }
        FieldDescriptor field = message.getDescriptorForType().findFieldByName(BoundedAnswer.OMITTED);
        long omitted = field == null ? 0 : (long) message.getField(field);
        // Once is enough for a command that asks again and again.
        if (omitted > 0 && noted.add(path)) {
            incomplete.accept("incomplete: the daemon left " + omitted + " entries out, its answers have at most "
                    + BoundedAnswer.CLIENT_MESSAGE_BYTES + " bytes");
        }
    }

    /** Opens a call with one request and a stream of answers; the action sets its handlers on the event loop. */
    ClientCall open(Stream stream, MessageLite request, Consumer<ClientCall> handlers) {
        return await(
                onLoop(() -> ClientCall.open(connection, daemon, stream.path, MAX_MESSAGE_BYTES)
                        .map(call -> {
                            handlers.accept(call);
                            call.write(GrpcFrames.frame(request));
                            call.halfClose();
                            return call;
                        })),
                timeoutMs);
    }

    /** The calls that go on. */
    enum Stream {
        SUBSCRIBE(SIDECAR + "Subscribe"),
        WATCH(ADMIN + "Watch");

        private final String path;

        Stream(String path) {
            this.path = path;
        }
    }

    /** Runs the action where calls live. */
    void onEventLoop(Runnable action) {
        vertx.runOnContext(v -> action.run());
    }

    static <T> T parsed(Parser<T> parser, MessageBytes bytes) {
        try {
            return parser.parseFrom(bytes.array(), bytes.from(), bytes.size());
        } catch (InvalidProtocolBufferException e) {
            throw new CommandFailure(CommandFailure.FAILED, "the answer cannot be read: " + e.getMessage());
        }
    }

    /**
     * Makes a call where calls live: elsewhere a daemon that refuses it by its path alone could have answered before anybody
     * listens.
     */
    private <T> Future<T> onLoop(Supplier<Future<T>> call) {
        Promise<T> answer = Promise.promise();
        vertx.runOnContext(v -> call.get().onComplete(answer));
        return answer.future();
    }

    private <T> T await(Future<T> future, int withinMs) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(withinMs, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw CommandFailure.of(e.getCause(), daemon.toString());
        } catch (TimeoutException e) {
            throw CommandFailure.of(e, daemon.toString());
        } catch (InterruptedException e) {
            throw new CommandFailure(CommandFailure.FAILED, "interrupted");
        }
    }

    @Override
    public void close() {
        open = false;
        try {
            // A JVM that exits while a thread of its own waits for the network gives that thread 300 ms to come back.
            vertx.close().toCompletionStage().toCompletableFuture().get(CLOSE_WITHIN_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // The end of the process does it too.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
