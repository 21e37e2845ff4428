package io.nexusd.appapi;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Routing;
import io.nexusd.bus.Routing.Published;
import io.nexusd.bus.Spans;
import io.nexusd.model.Envelope;
import io.nexusd.model.Settings;
import io.nexusd.proto.sidecar.PublishBatch;
import io.nexusd.proto.sidecar.PublishBatchResponse;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.PublishResponse;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.ServerCall;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One call that publishes: a single message, a stream of them, or a stream of batches. In: requests, read in bursts. Out: each
 * burst to the router as one bus message, and the responses in the order of the requests. Reading stops while too much is
 * unanswered, because the router, a blocking subscriber or the client's own reading is behind. Lives on appapi's event loop.
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

    /** What every publish needs besides its request. */
    record Context(
            Bus bus, PublishOutcomes outcomes, MessageIds ids, Supplier<Settings> settings, Supplier<String> nodeId) {}

    private final Shape shape;
    private final ServerCall call;
    private final Context context;
    private final ArrayDeque<Burst> unanswered = new ArrayDeque<>();
    private long unansweredMessages;
    private long unansweredBytes;
    private boolean paused;
    private boolean halfClosed;
    private boolean gotRequest;

    PublishCall(Shape shape, ServerCall call, Context context) {
        this.shape = shape;
        this.call = call;
        this.context = context;
        call.onMessages(this::onMessages);
        call.onHalfClose(this::onHalfClose);
        call.onWritable(this::answer);
    }

    /** The requests one read brought, and what is known of their responses. */
    private static final class Burst {
        /** Responses in each gRPC frame that answers it: 1 unless batches came. */
        final List<Integer> responsesPerFrame = new ArrayList<>();

        final List<PublishResponse.Builder> responses = new ArrayList<>();
        /** For each accepted publish, which response is its own. */
        final List<PublishResponse.Builder> accepted = new ArrayList<>();

        final List<Envelope> envelopes = new ArrayList<>();
        final List<Spans.Span> spans = new ArrayList<>(0);
        Spans.Maker tracing;
        long nowMs;
        long nowNs;
        long bytes;
        int waits = 1;
    }

    private void onMessages(List<ByteString> messages) {
        if (shape == Shape.UNARY && (gotRequest || messages.size() > 1)) {
            throw new GrpcFailure(GrpcStatus.INVALID_ARGUMENT, "Publish takes one request; use PublishStream for many");
        }
        gotRequest = true;
        Burst burst = new Burst();
        burst.tracing = context.bus().spans().maker();
        burst.nowMs = System.currentTimeMillis();
        burst.nowNs = System.nanoTime();
        for (ByteString message : messages) {
            burst.bytes += message.size();
            parse(message, burst);
        }
        unanswered.add(burst);
        unansweredMessages += burst.responses.size();
        unansweredBytes += burst.bytes;
        pauseIfBehind();
        if (burst.envelopes.isEmpty()) {
            settled(burst);
        } else {
            context.bus()
                    .request(Routing.PUBLISH, new Routing.Publish(burst.envelopes))
                    .onSuccess(published -> onPublished(burst, published))
                    .onFailure(
                            e -> call.end(GrpcStatus.UNAVAILABLE, "the node is starting or stopping; publish again"));
        }
    }

    private void onHalfClose() {
        halfClosed = true;
        if (shape == Shape.UNARY && !gotRequest) {
            throw new GrpcFailure(GrpcStatus.INVALID_ARGUMENT, "the call ended without a request");
        }
        endIfDone();
    }

    private void parse(ByteString message, Burst burst) {
        try {
            if (shape == Shape.BATCHES) {
                PublishBatch batch = PublishBatch.parseFrom(message);
                batch.getRequestsList().forEach(request -> accept(request, burst));
                burst.responsesPerFrame.add(batch.getRequestsCount());
            } else {
                accept(PublishRequest.parseFrom(message), burst);
                burst.responsesPerFrame.add(1);
            }
        } catch (InvalidProtocolBufferException e) {
            throw new GrpcFailure(
                    GrpcStatus.INVALID_ARGUMENT,
                    "the message is not a valid " + (shape == Shape.BATCHES ? "PublishBatch" : "PublishRequest") + ": "
                            + e.getMessage());
        }
    }

    private void accept(PublishRequest request, Burst burst) {
        PublishResponse.Builder response = PublishResponse.newBuilder();
        Settings settings = context.settings().get();
        Optional<GrpcFailure> problem = RequestRules.problemWith(request, settings);
        burst.responses.add(response);
        if (problem.isPresent()) {
            if (shape == Shape.UNARY) {
                throw problem.get();
            }
            response.setSuccess(false).setErrorMessage(problem.get().getMessage());
            return;
        }
        String messageId = context.ids().next(burst.nowMs);
        response.setSuccess(true).setMessageId(messageId);
        burst.accepted.add(response);
        long ttlMs = request.getTtlMs() > 0
                ? request.getTtlMs()
                : settings.delivery().defaultMessageTtlMs();
        burst.envelopes.add(new Envelope(
                messageId,
                request.getTopic(),
                request.getPayload(),
                request.getContentType(),
                burst.nowMs,
                context.nodeId().get(),
                request.getRetain(),
                request.getCorrelationId(),
                ttlMs,
                headers(request, messageId, burst),
                Envelope.expiry(ttlMs, 0, burst.nowNs)));
    }

    private static Map<String, String> headers(PublishRequest request, String messageId, Burst burst) {
        Map<String, String> headers = request.getHeadersMap();
        Spans.Span span =
                burst.tracing == null ? null : burst.tracing.beginPublish(request.getTopic(), messageId, headers);
        if (span == null) {
            return headers;
        }
        burst.spans.add(span);
        return span.headers();
    }

    private void onPublished(Burst burst, Published published) {
        for (Routing.AtLinks at : published.atLinks()) {
            burst.accepted.get(at.index()).setSubscribersDropped(at.dropped()).setSubscribersBlocked(at.blocked());
        }
        for (int i = 0; i < burst.envelopes.size(); i++) {
            PublishResponse.Builder response = burst.accepted.get(i);
            response.setSubscriberCount(published.receivers().get(i));
            PublishOutcomes.Outcome outcome =
                    context.outcomes().take(burst.envelopes.get(i).messageId());
            if (outcome != null) {
                burst.waits++;
                outcome.whenReleased(() -> {
                    // A blocked publish may have cost the oldest message in the end, so the counts are read only now.
                    response.setSubscribersDropped(response.getSubscribersDropped() + outcome.dropped())
                            .setSubscribersBlocked(response.getSubscribersBlocked() + outcome.blocked());
                    settled(burst);
                });
            }
        }
        settled(burst);
    }

    /** One of the things the burst waited for has happened. */
    private void settled(Burst burst) {
        burst.waits--;
        if (burst.waits == 0) {
            answer();
        }
    }

    /** Writes the responses of all settled bursts at the head of the line, as long as the client reads them. */
    private void answer() {
        while (!unanswered.isEmpty() && unanswered.peek().waits == 0 && call.writable()) {
            Burst burst = unanswered.poll();
            unansweredMessages -= burst.responses.size();
            unansweredBytes -= burst.bytes;
            call.write(frames(burst));
            burst.spans.forEach(Spans.Span::end);
        }
        if (paused && !isBehind()) {
            paused = false;
            call.resume();
        }
        endIfDone();
    }

    private Buffer frames(Burst burst) {
        Buffer frames = Buffer.buffer();
        int next = 0;
        for (int count : burst.responsesPerFrame) {
            if (shape == Shape.BATCHES) {
                PublishBatchResponse.Builder batch = PublishBatchResponse.newBuilder();
                burst.responses.subList(next, next + count).forEach(batch::addResponses);
                frames.appendBuffer(GrpcFrames.frame(batch.build()));
            } else {
                frames.appendBuffer(GrpcFrames.frame(burst.responses.get(next).build()));
            }
            next += count;
        }
        return frames;
    }

    /** Tells whether every publish it took has been routed; the client may still have answers to read. */
    boolean isSettled() {
        return unanswered.stream().allMatch(burst -> burst.waits == 0);
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
