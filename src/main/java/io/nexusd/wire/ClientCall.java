package io.nexusd.wire;

import com.google.protobuf.MessageLite;
import io.nexusd.model.Endpoint;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.grpc.common.GrpcStatus;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * One gRPC call of this process as a client, on a connection its owner holds. Lives on the event loop of that connection. In:
 * messages and, exactly once, the end with a status. Out: frames, half-close, cancel.
 */
public final class ClientCall {
    private static final long CANCEL = 8;

    private final HttpClientRequest request;
    private final GrpcFrameReader reader;
    private Consumer<List<MessageBytes>> onMessages = messages -> {};
    private BiConsumer<GrpcStatus, String> onEnd = (status, text) -> {};
    private HttpClientResponse response;
    private boolean over;

    /** The way in which the time of a reply is limited. */
    private interface TimeLimit {
        Future<MessageBytes> over(Promise<MessageBytes> reply);
    }

    private ClientCall(HttpClientRequest request, int maxMessageBytes) {
        this.request = request;
        this.reader = new GrpcFrameReader(maxMessageBytes);
    }

    /**
     * Opens a call; its request headers are sent at once. Set the handlers in the same turn in which the future completes.
     *
     * @param path {@code /package.Service/Method}
     */
    public static Future<ClientCall> open(
            HttpClientConnection connection, Endpoint authority, String path, int maxMessageBytes) {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost(authority.bracketedHost())
                .setPort(authority.port())
                .setURI(path);
        return connection.request(options).map(request -> {
            request.setChunked(true)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/grpc")
                    .putHeader("te", "trailers");
            ClientCall call = new ClientCall(request, maxMessageBytes);
            request.exceptionHandler(e -> call.ended(GrpcStatus.UNAVAILABLE, String.valueOf(e.getMessage())));
            request.response()
                    .onSuccess(call::respond)
                    .onFailure(e -> call.ended(GrpcStatus.UNAVAILABLE, String.valueOf(e.getMessage())));
            TurnFlush.apply(request.connection());
            request.sendHead();
            return call;
        });
    }

    /**
     * Makes a call with one message each way.
     *
     * @return the response message; fails with a {@link GrpcFailure}, DEADLINE_EXCEEDED after the time-out
     */
    public static Future<MessageBytes> unary(
            HttpClientConnection connection,
            Endpoint authority,
            String path,
            MessageLite message,
            int maxMessageBytes,
            long timeoutMs) {
        return unary(
                connection,
                authority,
                path,
                message,
                maxMessageBytes,
                reply -> reply.future().timeout(timeoutMs, TimeUnit.MILLISECONDS));
    }

    /**
     * Makes a call with one message each way that may take long as long as it makes progress.
     *
     * @param silenceMs fails the call when so long nothing was read from the connection
     * @return the response message; fails with a {@link GrpcFailure}, DEADLINE_EXCEEDED after the silence
     */
    public static Future<MessageBytes> unaryWhileHeard(
            HttpClientConnection connection,
            Endpoint authority,
            String path,
            MessageLite message,
            int maxMessageBytes,
            long silenceMs) {
        Vertx vertx = Vertx.currentContext().owner();
        ConnectionActivity activity = ConnectionActivity.of(connection);
        SilenceLimit limit = new SilenceLimit(MonotonicClock.nowMs(), silenceMs, message.getSerializedSize());
        return unary(
                connection,
                authority,
                path,
                message,
                maxMessageBytes,
                reply -> SilenceWatch.over(vertx, reply, limit, () -> activity, path));
    }

    private static Future<MessageBytes> unary(
            HttpClientConnection connection,
            Endpoint authority,
            String path,
            MessageLite message,
            int maxMessageBytes,
            TimeLimit limit) {
        Future<MessageBytes> result = open(connection, authority, path, maxMessageBytes)
                .compose(call -> {
                    Promise<MessageBytes> reply = Promise.promise();
                    call.onMessages(messages -> reply.tryComplete(messages.get(0)));
                    call.onEnd((status, text) -> reply.tryFail(new GrpcFailure(
                            status == GrpcStatus.OK ? GrpcStatus.INTERNAL : status,
                            status == GrpcStatus.OK ? "the call ended without a response" : text)));
                    call.write(GrpcFrames.frame(message));
                    call.halfClose();
                    return limit.over(reply).onFailure(e -> call.cancel());
                });
        return result.recover(e -> Future.failedFuture(
                e instanceof GrpcFailure
                        ? e
                        : new GrpcFailure(
                                e instanceof TimeoutException ? GrpcStatus.DEADLINE_EXCEEDED : GrpcStatus.UNAVAILABLE,
                                path + ": " + e.getMessage())));
    }

    /** Sets the receiver of all messages that one read completed, in order. */
    public ClientCall onMessages(Consumer<List<MessageBytes>> handler) {
        onMessages = handler;
        return this;
    }

    /** Sets what runs exactly once when the call is over; UNAVAILABLE when the connection broke. */
    public ClientCall onEnd(BiConsumer<GrpcStatus, String> handler) {
        onEnd = handler;
        return this;
    }

    /** Writes one or more frames; ignored after the end. The caller asks {@link #writable()} before. */
    public void write(Buffer frames) {
        if (!over) {
            request.write(frames);
        }
    }

    /** Tells whether the stream takes more now: its HTTP/2 window and the connection have room. */
    public boolean writable() {
        return !over && !request.writeQueueFull();
    }

    /** Sets what runs each time the stream takes more again after it did not. */
    public void onWritable(Runnable handler) {
        if (!over) {
            request.drainHandler(v -> handler.run());
        }
    }

    /** Tells the server that nothing more will be written. */
    public void halfClose() {
        if (!over) {
            request.end();
        }
    }

    /** Gives the call up; onEnd runs with CANCELLED unless it has run. */
    public void cancel() {
        if (!over) {
            request.reset(CANCEL);
            ended(GrpcStatus.CANCELLED, "cancelled by this side");
        }
    }

    /** Tells whether the call has ended. */
    public boolean isOver() {
        return over;
    }

    /** Stops reading; what is already on its way in is bounded by the HTTP/2 window. */
    public void pause() {
        if (!over && response != null) {
            response.pause();
        }
    }

    /** Reads on. */
    public void resume() {
        if (!over && response != null) {
            response.resume();
        }
    }

    private void respond(HttpClientResponse opened) {
        response = opened;
        response.exceptionHandler(e -> ended(GrpcStatus.UNAVAILABLE, String.valueOf(e.getMessage())));
        if (response.statusCode() != 200) {
            ended(GrpcStatus.UNAVAILABLE, "HTTP status " + response.statusCode());
            return;
        }
        response.handler(this::read);
        response.endHandler(v -> {
            String status = response.trailers().get("grpc-status");
            String text = response.trailers().get("grpc-message");
            if (status == null) {
                status = response.getHeader("grpc-status");
                text = response.getHeader("grpc-message");
            }
            ended(statusOf(status), text == null ? "" : GrpcFrames.decodeText(text));
        });
    }

    private void read(Buffer chunk) {
        if (over) {
            return;
        }
        try {
            List<MessageBytes> messages = reader.read(chunk);
            if (!messages.isEmpty()) {
                onMessages.accept(messages);
            }
        } catch (GrpcFailure e) {
            request.reset(CANCEL);
            ended(e.status(), e.getMessage());
        } catch (RuntimeException e) {
            request.reset(CANCEL);
            ended(GrpcStatus.INTERNAL, e.toString());
        }
    }

    private void ended(GrpcStatus status, String text) {
        if (!over) {
            over = true;
            onEnd.accept(status, text);
        }
    }

    private static GrpcStatus statusOf(String code) {
        if (code == null) {
            return GrpcStatus.UNKNOWN;
        }
        try {
            GrpcStatus status = GrpcStatus.valueOf(Integer.parseInt(code));
            return status == null ? GrpcStatus.UNKNOWN : status;
        } catch (NumberFormatException e) {
            return GrpcStatus.UNKNOWN;
        }
    }
}
