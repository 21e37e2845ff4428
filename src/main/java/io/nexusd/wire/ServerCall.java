package io.nexusd.wire;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.grpc.common.GrpcStatus;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One gRPC call on the server, framed straight onto its HTTP/2 stream so that many messages go out in one write. Lives on the
 * event loop of its connection, or on another one that it is made for: then what comes in crosses over to there, and what goes
 * out crosses back, both in order. In: messages, half-close, close. Out: frames and, once, a status. What a handler throws
 * ends the call: a {@link GrpcFailure} with its status, anything else with INTERNAL.
 */
public final class ServerCall {
    private static final Logger LOG = LoggerFactory.getLogger(ServerCall.class);
    static final String GRPC = "application/grpc";

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    /** Used on the connection's event loop only. */
    private final GrpcFrameReader reader;
    /** Runs things on the event loop that the call lives on. */
    private final Executor home;

    private Consumer<List<MessageBytes>> onMessages = messages -> {};
    private Runnable onHalfClose = () -> {};
    private Consumer<String> onClosed = reason -> {};
    private BiConsumer<GrpcStatus, String> onEnded = (status, text) -> {};
    private final Promise<Void> gone = Promise.promise();
    private boolean closed;
    private boolean halfClosed;
    private boolean paused;
    /** On the event loop of the connection; null where nobody guards it. */
    private final UnfinishedRequests unfinished;

    private final UnfinishedRequests.Place place = new UnfinishedRequests.Place(this);
    /** Whether the rest of a read waits; used on the connection's event loop only, as the next is. */
    private boolean stalled;

    private boolean requested;
    /** Looked at by the connection's event loop too. */
    private volatile boolean ended;

    /** Takes over the request; {@link #accepts} must hold. Set the handlers before returning to the event loop. */
    public ServerCall(HttpServerRequest request, int maxMessageBytes) {
        this(request, () -> maxMessageBytes);
    }

    /** As above, with a limit that may change while the call lives. */
    public ServerCall(HttpServerRequest request, IntSupplier maxMessageBytes) {
        this(request, maxMessageBytes, Runnable::run);
    }

    /**
     * As above, for a call that lives on an event loop other than the connection's. To be made on the connection's, and handed
     * over in the executor before returning; it cannot be paused.
     *
     * @param maxMessageBytes asked on the connection's event loop
     * @param home runs things on the event loop that the call lives on, in order
     */
    public ServerCall(HttpServerRequest request, IntSupplier maxMessageBytes, Executor home) {
        this.request = request;
        this.response = request.response();
        this.home = home;
        this.reader = new GrpcFrameReader(maxMessageBytes, RequestHead.isGzip(request));
        this.unfinished = ConnectionGuard.unfinished(request.connection());
        if (unfinished != null) {
            unfinished.add(place);
        }
        response.putHeader(HttpHeaders.CONTENT_TYPE, GRPC);
        response.closeHandler(v -> {
            finished();
            home.execute(() -> closed("stream closed"));
        });
        response.exceptionHandler(e -> home.execute(() -> closed(String.valueOf(e.getMessage()))));
        request.exceptionHandler(e -> home.execute(() -> closed(String.valueOf(e.getMessage()))));
        request.handler(this::read);
        request.endHandler(v -> {
            boolean midMessage = reader.midMessage();
            finished();
            home.execute(() -> halfClosed(midMessage));
        });
    }

    /** Returns the connection that the call is on, with others. */
    public HttpConnection connection() {
        return request.connection();
    }

    /** Tells whether the request is a gRPC call over HTTP/2, as opposed to gRPC-Web or something else. */
    public static boolean accepts(HttpServerRequest request) {
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        return request.version() == HttpVersion.HTTP_2
                && type != null
                && type.startsWith(GRPC)
                && (type.length() == GRPC.length()
                        || type.charAt(GRPC.length()) == '+'
                        || type.charAt(GRPC.length()) == ';');
    }

    /** Lets the client send its first message when it likes; otherwise it has the request timeout for that. Before any message. */
    public ServerCall withoutHaste() {
        finished();
        return this;
    }

    /** Sets the receiver of all messages that one read completed, in order. */
    public ServerCall onMessages(Consumer<List<MessageBytes>> handler) {
        onMessages = handler;
        return this;
    }

    /** Sets what runs when the client has sent its last message. */
    public ServerCall onHalfClose(Runnable handler) {
        onHalfClose = handler;
        return this;
    }

    /** Sets what runs exactly once when the call is over, whoever ended it; the text is for the log. */
    public ServerCall onClosed(Consumer<String> handler) {
        onClosed = handler;
        return this;
    }

    /**
     * Sets what runs exactly once when the outcome is known: the status and text this side ended the call with, or CANCELLED
     * when the other side closed it first.
     */
    public ServerCall onEnded(BiConsumer<GrpcStatus, String> handler) {
        onEnded = handler;
        return this;
    }

    /** Stops reading; what is already on its way in is bounded by the HTTP/2 window. */
    public void pause() {
        if (!ended && !closed && !halfClosed) {
            paused = true;
            request.pause();
        }
    }

    /** Reads on. */
    public void resume() {
        if (paused && !closed && !halfClosed) {
            paused = false;
            if (stalled && !ended) {
                readRestSoon();
            } else {
                request.resume();
            }
        }
    }

    /** Sends the response headers now, for a client that waits for them before any message. */
    public void sendHeaders() {
        if (!ended && !closed && !response.headWritten()) {
            response.writeHead();
        }
    }

    /** Writes one or more frames; ignored after the end. The caller asks {@link #writable()} before. */
    public void write(Buffer frames) {
        if (!ended && !closed) {
            response.write(frames);
        }
    }

    /** Tells whether the stream takes more now: its HTTP/2 window and the connection have room. */
    public boolean writable() {
        return !ended && !closed && !response.writeQueueFull();
    }

    /** Sets what runs each time the stream takes more again after it did not. */
    public void onWritable(Runnable handler) {
        if (!ended && !closed) {
            response.drainHandler(v -> home.execute(handler));
        }
    }

    /** Ends the call with a status; what was written before goes out first. Later writes and ends are ignored. */
    public void end(GrpcStatus status, String message) {
        if (!ended && !closed) {
            finish(status, message, !response.headWritten(), response::end);
        }
    }

    /** Ends the call well with its last frames, in fewer HTTP/2 frames than a write and an end take. */
    public void endWith(Buffer frames) {
        if (!ended && !closed) {
            finish(GrpcStatus.OK, "", false, () -> response.end(frames));
        }
    }

    private void finish(GrpcStatus status, String message, boolean trailersOnly, Supplier<Future<Void>> end) {
        ended = true;
        String code = Integer.toString(status.code);
        var target = trailersOnly ? response.headers() : response.trailers();
        target.set("grpc-status", code);
        if (!message.isEmpty()) {
            target.set("grpc-message", GrpcFrames.encodeText(message));
        }
        end.get().onComplete(written -> home.execute(gone::tryComplete));
        onEnded.accept(status, message);
        // The client may still be sending; what comes is read and forgotten so that the connection's window does not
        // fill.
        resume();
    }

    /** Completes when all that was written, the status last, has left this process, or the stream is closed. */
    public Future<Void> gone() {
        return gone.future();
    }

    /** Tells whether the call has been ended by either side. */
    public boolean isOver() {
        return ended || closed;
    }

    private void read(Buffer chunk) {
        if (ended) {
            return;
        }
        List<MessageBytes> messages;
        try {
            messages = reader.read(chunk);
        } catch (GrpcFailure e) {
            refuse(e);
            return;
        }
        hand(messages);
        if (unfinished != null) {
            noteProgress(chunk.length(), !messages.isEmpty());
        }
        if (reader.hasRest()) {
            // Nothing more is read until what is inflated so far was taken.
            stalled = true;
            request.pause();
            readRestSoon();
        }
    }

    private void hand(List<MessageBytes> messages) {
        if (!messages.isEmpty()) {
            home.execute(() -> took(messages));
        }
    }

    private void noteProgress(int bytes, boolean completed) {
        requested |= completed;
        place.received(bytes);
        if (reader.midMessage()) {
            if (completed) {
                unfinished.remove(place);
            }
            unfinished.add(place);
            if (!unfinished.hold(place, reader.held())) {
                unfinished.remove(place);
                refuse(UnfinishedRequests.tooMuch());
            }
        } else if (requested) {
            unfinished.remove(place);
        }
    }

    private void finished() {
        if (unfinished != null) {
            unfinished.remove(place);
        }
    }

    /** Ends the call from the event loop of the connection. */
    void refuse(GrpcFailure failure) {
        reader.forget();
        home.execute(() -> end(failure.status(), failure.getMessage()));
    }

    private void readRestSoon() {
        Context connectionLoop = Vertx.currentContext();
        home.execute(() -> connectionLoop.runOnContext(v -> readRest()));
    }

    private void readRest() {
        if (ended) {
            stalled = false;
            request.resume();
            return;
        }
        if (paused) {
            return;
        }
        try {
            hand(reader.readRest());
        } catch (GrpcFailure e) {
            refuse(e);
        }
        if (reader.hasRest()) {
            readRestSoon();
        } else {
            stalled = false;
            if (!paused) {
                request.resume();
            }
        }
    }

    private void took(List<MessageBytes> messages) {
        if (!ended) {
            guarded(() -> onMessages.accept(messages));
        }
    }

    private void halfClosed(boolean midMessage) {
        halfClosed = true;
        if (ended) {
            return;
        }
        guarded(() -> {
            if (midMessage) {
                throw new GrpcFailure(GrpcStatus.INTERNAL, "the stream ended in the middle of a message");
            }
            onHalfClose.run();
        });
    }

    private void closed(String reason) {
        if (!closed) {
            closed = true;
            gone.tryComplete();
            if (!ended) {
                onEnded.accept(GrpcStatus.CANCELLED, reason);
            }
            onClosed.accept(reason);
        }
    }

    private void guarded(Runnable action) {
        try {
            action.run();
        } catch (GrpcFailure e) {
            end(e.status(), e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("call failed path={}", request.path(), e);
            end(GrpcStatus.INTERNAL, "internal error: " + e.getClass().getSimpleName());
        }
    }
}
