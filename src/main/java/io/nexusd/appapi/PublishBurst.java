package io.nexusd.appapi;

import io.nexusd.bus.Spans;
import io.nexusd.model.Envelope;
import io.nexusd.proto.sidecar.PublishBatchResponse;
import io.nexusd.proto.sidecar.PublishResponse;
import io.nexusd.wire.FieldWriter;
import io.nexusd.wire.GrpcFrames;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The requests that one read of a publishing call brought, and what is known of their answers. */
final class PublishBurst {
    /** The answer to one request; what it counts is known when the burst is settled. */
    static final class Answer {
        private static final byte[] NO_ERROR = new byte[0];

        /** In ASCII; empty when it was refused. */
        private final String messageId;
        /** Why it was refused; empty when it was not. */
        private final byte[] error;

        private int receivers;
        private int dropped;
        private int blocked;
        private int waiting;

        private Answer(String messageId, byte[] error) {
            this.messageId = messageId;
            this.error = error;
        }

        void receivers(int count) {
            receivers = count;
        }

        /** Counts receivers whose queue was full, and those that have no stream. */
        void addFull(int droppedThere, int blockedThere, int waitingThere) {
            waiting += waitingThere;
            dropped += droppedThere;
            blocked += blockedThere;
        }

        private int size() {
            int idBytes = messageId.isEmpty() ? 0 : 2 + FieldWriter.delimitedBytes(messageId.length());
            int errorBytes = error.length == 0 ? 0 : FieldWriter.delimitedBytes(error.length);
            return idBytes
                    + errorBytes
                    + numberBytes(reached())
                    + numberBytes(dropped)
                    + numberBytes(blocked)
                    + numberBytes(waiting);
        }

        private int writeTo(byte[] target, int offset) {
            int at = offset;
            if (!messageId.isEmpty()) {
                at = FieldWriter.number(target, at, PublishResponse.SUCCESS_FIELD_NUMBER, 1);
                at = FieldWriter.ascii(target, at, PublishResponse.MESSAGE_ID_FIELD_NUMBER, messageId);
            }
            at = number(target, at, PublishResponse.SUBSCRIBER_COUNT_FIELD_NUMBER, reached());
            if (error.length > 0) {
                at = FieldWriter.bytes(target, at, PublishResponse.ERROR_MESSAGE_FIELD_NUMBER, error);
            }
            at = number(target, at, PublishResponse.SUBSCRIBERS_DROPPED_FIELD_NUMBER, dropped);
            at = number(target, at, PublishResponse.SUBSCRIBERS_BLOCKED_FIELD_NUMBER, blocked);
            return number(target, at, PublishResponse.SUBSCRIBERS_WAITING_FIELD_NUMBER, waiting);
        }

        /** Returns the receivers that get it now. */
        private int reached() {
            return receivers - waiting;
        }

        private static int numberBytes(int value) {
            return value == 0 ? 0 : 1 + FieldWriter.varintBytes(value);
        }

        private static int number(byte[] target, int offset, int field, int value) {
            return value == 0 ? offset : FieldWriter.number(target, offset, field, value);
        }
    }

    private final boolean batches;
    private final List<Answer> answers = new ArrayList<>();
    /** For each frame of requests, how many came before it or in it. */
    private final List<Integer> frameEnds = new ArrayList<>();
    /** The accepted ones. */
    private final List<Envelope> envelopes = new ArrayList<>();
    /** Theirs. */
    private final List<Answer> accepted = new ArrayList<>();

    private final List<Spans.Span> spans = new ArrayList<>(0);
    private final long nowMs = System.currentTimeMillis();
    private final long nowNs = System.nanoTime();
    private long bytes;
    private boolean settled;

    /** Makes one; the answers to what comes in batches go out in batches. */
    PublishBurst(boolean batches) {
        this.batches = batches;
    }

    /** Returns when it came, milliseconds since the epoch. */
    long nowMs() {
        return nowMs;
    }

    /** Returns when it came, monotonic clock. */
    long nowNs() {
        return nowNs;
    }

    /** Adds a request that is accepted; the span may be null. */
    void accept(Envelope envelope, Spans.Span span) {
        Answer answer = new Answer(envelope.messageId(), Answer.NO_ERROR);
        answers.add(answer);
        envelopes.add(envelope);
        accepted.add(answer);
        if (span != null) {
            spans.add(span);
        }
    }

    /** Adds a request that is refused. */
    void refuse(String why) {
        answers.add(new Answer("", why.getBytes(StandardCharsets.UTF_8)));
    }

    /** All requests of a frame are added. */
    void endFrame(int frameBytes) {
        frameEnds.add(answers.size());
        bytes += frameBytes;
    }

    /** Returns the accepted messages, in order. */
    List<Envelope> envelopes() {
        return envelopes;
    }

    /** Returns the answer to the accepted message with this index. */
    Answer answer(int index) {
        return accepted.get(index);
    }

    /** Returns how many requests there are. */
    int size() {
        return answers.size();
    }

    /** Returns the bytes of the requests. */
    long bytes() {
        return bytes;
    }

    /** What there is to know for its answers is known. */
    void settle() {
        settled = true;
    }

    boolean isSettled() {
        return settled;
    }

    /** Ends the spans of its messages. */
    void endSpans() {
        spans.forEach(Spans.Span::end);
    }

    /** Returns the answers, a frame for each frame of requests. */
    Buffer frames() {
        int size = 0;
        int first = 0;
        for (int end : frameEnds) {
            size += GrpcFrames.PREFIX_BYTES + frameSize(first, end);
            first = end;
        }
        byte[] frames = new byte[size];
        int at = 0;
        first = 0;
        for (int end : frameEnds) {
            GrpcFrames.writePrefix(frames, at, frameSize(first, end));
            at += GrpcFrames.PREFIX_BYTES;
            for (int i = first; i < end; i++) {
                Answer answer = answers.get(i);
                if (batches) {
                    at = FieldWriter.delimiter(frames, at, PublishBatchResponse.RESPONSES_FIELD_NUMBER, answer.size());
                }
                at = answer.writeTo(frames, at);
            }
            first = end;
        }
        return GrpcFrames.wrap(frames);
    }

    private int frameSize(int first, int end) {
        int size = 0;
        for (int i = first; i < end; i++) {
            int answer = answers.get(i).size();
            size += batches ? FieldWriter.delimitedBytes(answer) : answer;
        }
        return size;
    }
}
