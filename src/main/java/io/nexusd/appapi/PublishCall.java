package io.nexusd.appapi;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Routing;
import io.nexusd.bus.Routing.Published;
import io.nexusd.bus.Spans;
import io.nexusd.model.Envelope;
import io.nexusd.model.Settings;
import io.nexusd.proto.sidecar.PublishBatch;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.wire.FieldReader;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.MessageBytes;
import io.nexusd.wire.ServerCall;
import io.nexusd.wire.Texts.Text;
import io.vertx.core.Future;
import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One call that publishes: a single message, a stream of them, or a stream of batches. In: requests, read in bursts. Out: each
 * burst to the router as one bus message, and the responses in the order of the requests. Reading stops while too much is
 * unanswered, because the router, a blocking subscriber or the client's own reading is behind. Lives on
 * the event loop of its connection.
 */
final class PublishCall {
    /** Unanswered publishes at which reading stops; one burst may go beyond it. */
    static final int WINDOW_MESSAGES = 4096;

    /** Unanswered request bytes at which reading stops; one burst may go beyond it. */
    static final long WINDOW_BYTES = 4 * 1024 * 1024;

    /** What the requests of the call are. */
    enum Shape {
        UNARY,
        STREAM,
        BATCHES
    }

    /** What every publish needs besides its bytes; the readers are used by one call at a time. */
    record Context(
            Bus bus,
            TurnPublishes turn,
            MessageIds ids,
            Supplier<Settings> settings,
            Text source,
            PublishFields request,
            FieldReader batch) {}

    private final Shape shape;
    private final ServerCall call;
    private final Context context;
    private final ArrayDeque<PublishBurst> unanswered = new ArrayDeque<>();
    private long unansweredMessages;
    private long unansweredBytes;
    private boolean paused;
    private boolean halfClosed;
    private boolean gotRequest;

    PublishCall(Shape shape, ServerCall call, Context context) {
        this.shape = shape;
        this.call = call;
        this.context = context;
        if (shape != Shape.UNARY) {
            call.withoutHaste();
        }
        call.onMessages(this::onMessages);
        call.onHalfClose(this::onHalfClose);
        call.onWritable(this::answer);
    }

    private void onMessages(List<MessageBytes> messages) {
        if (shape == Shape.UNARY && (gotRequest || messages.size() > 1)) {
            throw new GrpcFailure(GrpcStatus.INVALID_ARGUMENT, "Publish takes one request; use PublishStream for many");
        }
        gotRequest = true;
        PublishBurst burst = new PublishBurst(shape == Shape.BATCHES);
        for (MessageBytes message : messages) {
            if (shape == Shape.BATCHES) {
                acceptBatch(message, burst);
            } else {
                accept(message.array(), message.from(), message.to(), burst);
            }
            burst.endFrame(message.size());
        }
        unanswered.add(burst);
        unansweredMessages += burst.size();
        unansweredBytes += burst.bytes();
        pauseIfBehind();
        if (burst.envelopes().isEmpty()) {
            settled(burst);
        } else {
            route(burst.envelopes())
                    .onSuccess(published -> onPublished(burst, published))
                    .onFailure(
                            e -> call.end(GrpcStatus.UNAVAILABLE, "the node is starting or stopping; publish again"));
        }
    }

    private Future<Published> route(List<Envelope> envelopes) {
        // Under the policy block the answer waits for the slowest receiver of any of them.
        boolean blocking =
                context.settings().get().delivery().backpressurePolicy() == Settings.BackpressurePolicy.BLOCK;
        return shape == Shape.UNARY && !blocking
                ? context.turn().publish(envelopes)
                : context.bus().request(Routing.PUBLISH, new Routing.Publish(envelopes));
    }

    private void onHalfClose() {
        halfClosed = true;
        if (shape == Shape.UNARY && !gotRequest) {
            throw new GrpcFailure(GrpcStatus.INVALID_ARGUMENT, "the call ended without a request");
        }
        endIfDone();
    }

    private void acceptBatch(MessageBytes message, PublishBurst burst) {
        FieldReader fields = context.batch().over(message.array(), message.from(), message.to());
        int requests = 0;
        while (fields.next()) {
            requests += fields.is(PublishBatch.REQUESTS_FIELD_NUMBER, FieldReader.LENGTH_DELIMITED) ? 1 : 0;
        }
        if (!fields.isRegular()) {
            for (PublishRequest one : message.parsed(PublishBatch.parser()).getRequestsList()) {
                byte[] bytes = one.toByteArray();
                accept(bytes, 0, bytes.length, burst);
            }
            return;
        }
        fields.over(message.array(), message.from(), message.to());
        while (requests > 0 && fields.next()) {
            if (fields.is(PublishBatch.REQUESTS_FIELD_NUMBER, FieldReader.LENGTH_DELIMITED)) {
                accept(message.array(), fields.start(), fields.end(), burst);
                requests--;
            }
        }
    }

    private void accept(byte[] bytes, int from, int to, PublishBurst burst) {
        PublishFields request = context.request();
        request.read(bytes, from, to);
        Settings settings = context.settings().get();
        Optional<GrpcFailure> problem = RequestRules.problemWith(request, settings);
        if (problem.isPresent()) {
            if (shape == Shape.UNARY) {
                throw problem.get();
            }
            burst.refuse(problem.get().getMessage());
            return;
        }
        String messageId = context.ids().next(burst.nowMs());
        Spans.Maker tracing = context.bus().spans().maker();
        Spans.Span span = tracing == null ? null : tracing.beginPublish(request.topic(), messageId, request.headers());
        long ttlMs = request.ttlMs() > 0 ? request.ttlMs() : settings.delivery().defaultMessageTtlMs();
        burst.accept(
                request.envelope(
                        messageId,
                        burst.nowMs(),
                        burst.nowNs(),
                        context.source(),
                        span == null ? request.headers() : span.headers(),
                        ttlMs),
                span);
    }

    private void onPublished(PublishBurst burst, Published published) {
        for (Routing.FullQueues full : published.full()) {
            burst.answer(full.index()).addFull(full.dropped(), full.blocked(), full.waiting());
        }
        for (int i = 0; i < burst.envelopes().size(); i++) {
            burst.answer(i).receivers(published.receivers().get(i));
        }
        settled(burst);
    }

    private void settled(PublishBurst burst) {
        burst.settle();
        answer();
    }

    /** Writes the responses of all settled bursts at the head of the line, as long as the client reads them. */
    private void answer() {
        while (!unanswered.isEmpty() && unanswered.peek().isSettled() && call.writable()) {
            PublishBurst burst = unanswered.poll();
            unansweredMessages -= burst.size();
            unansweredBytes -= burst.bytes();
            if (shape == Shape.UNARY && halfClosed) {
                call.endWith(burst.frames());
            } else {
                call.write(burst.frames());
            }
            burst.endSpans();
        }
        if (paused && !isBehind()) {
            paused = false;
            call.resume();
        }
        endIfDone();
    }

    /** Tells whether every publish it took has been routed; the client may still have answers to read. */
    boolean isSettled() {
        return unanswered.stream().allMatch(PublishBurst::isSettled);
    }

    /** Stops taking requests and ends the call with the status once those already taken are answered. */
    void drain(GrpcStatus status, String text) {
        if (unanswered.isEmpty()) {
            call.end(status, text);
        } else {
            paused = true;
            call.pause();
            draining = Optional.of(new GrpcFailure(status, text));
        }
    }

    private Optional<GrpcFailure> draining = Optional.empty();

    private void endIfDone() {
        if (!unanswered.isEmpty()) {
            return;
        }
        if (draining.isPresent() && shape != Shape.UNARY) {
            call.end(draining.get().status(), draining.get().getMessage());
        } else if (halfClosed) {
            call.end(GrpcStatus.OK, "");
        }
    }

    private void pauseIfBehind() {
        if (!paused && isBehind()) {
            paused = true;
            call.pause();
        }
    }

    private boolean isBehind() {
        return draining.isPresent() || unansweredMessages >= WINDOW_MESSAGES || unansweredBytes >= WINDOW_BYTES;
    }
}
