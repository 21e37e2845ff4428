package io.nexusd.bus;

import io.nexusd.model.Envelope;
import java.util.Map;

/**
 * The way to trace spans, for those on the way of a message: one look at a field while tracing is off. What makes spans comes and
 * goes with the configuration. Thread-safe, as are makers and spans.
 */
public final class Spans {
    /** A part of a message's way. */
    public enum Step {
        /** From the request of an application to its answer. */
        PUBLISH,
        /** The decision where a message goes, on each node. */
        ROUTE,
        /** From the outbound queue of a peer to its acknowledgement. */
        FORWARD,
        /** From the queue of a subscriber to the write on its stream. */
        DELIVER
    }

    /** Makes spans of messages that are traced; those of others are null. */
    public interface Maker {
        /** Begins a span of a message, below the one that its headers name. */
        Span begin(Step step, Envelope envelope);

        /** Begins the first span of a publish, before it is an envelope. */
        Span beginPublish(String topic, String messageId, Map<String, String> headers);
    }

    /** A span that has begun; one that is never ended is not told of. */
    public interface Span {
        /** Returns the publish's headers, with this span in the place of the one it is below. */
        Map<String, String> headers();

        void put(String key, String value);

        void put(String key, long value);

        void end();
    }

    private volatile Maker maker;

    /** Returns what makes spans, null while tracing is off. */
    public Maker maker() {
        return maker;
    }

    /** Sets what makes spans from now on, null for nothing. */
    public void use(Maker other) {
        maker = other;
    }
}
