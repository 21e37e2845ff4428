package io.nexusd.bus;

import io.nexusd.model.Envelope;
import java.util.Map;

/**
 * Access to trace spans for the code on the path of a message; while tracing is off, it costs one read of a field. The configuration
 * switches tracing on and off. Thread-safe, as are makers and spans.
 */
public final class Spans {
    /** A part of the path of a message. */
    public enum Step {
        /** From the request of an application to its answer. */
        PUBLISH,
        /** The routing decision, on each node. */
        ROUTE,
        /** From the outbound queue of a peer to its acknowledgement. */
        FORWARD,
        /** From the queue of a subscriber to the write on its stream. */
        DELIVER
    }

    /** Makes spans. The span of a message that is not traced is null. */
    public interface Maker {
        /** Begins a span of a message, as a child of the one in its headers. */
        Span begin(Step step, Envelope envelope);

        /** Begins the first span of a publish, before its envelope exists. */
        Span beginPublish(String topic, String messageId, Map<String, String> headers);
    }

    /** A span that has begun. One that is never ended is not exported. */
    public interface Span {
        /** The headers of the publish, with this span in place of its parent. */
        Map<String, String> headers();

        void put(String key, String value);

        void put(String key, long value);

        void end();
    }

    private volatile Maker maker;

    /** The source of spans, null while tracing is off. */
    public Maker maker() {
        return maker;
    }

    /** Sets the source of spans, null to switch tracing off. */
    public void use(Maker other) {
        maker = other;
    }
}
