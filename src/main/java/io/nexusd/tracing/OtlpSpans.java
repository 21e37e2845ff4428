package io.nexusd.tracing;

import io.nexusd.bus.Spans;
import io.nexusd.model.Envelope;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Makes spans of messages whose headers name a sampled span (W3C trace context) and sends them to a collector by OTLP over HTTP.
 * The exporter has a thread and a bounded queue of its own; what does not fit is dropped there, and no message waits for it.
 */
final class OtlpSpans implements Spans.Maker, AutoCloseable {
    private static final String TRACEPARENT = "traceparent";
    private static final Duration EXPORT_EVERY = Duration.ofSeconds(1);
    private static final int EXPORT_TIMEOUT_S = 5;
    private static final int CLOSE_TIMEOUT_S = 2;

    private static final TextMapGetter<Map<String, String>> HEADERS = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Map<String, String> headers) {
            return headers.keySet();
        }

        @Override
        public String get(Map<String, String> headers, String key) {
            return headers == null ? null : headers.get(key);
        }
    };

    private final SdkTracerProvider provider;
    private final Tracer tracer;

    OtlpSpans(String endpoint, String nodeId, String nodeName, String version) {
        OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(endpoint)
                .setTimeout(EXPORT_TIMEOUT_S, TimeUnit.SECONDS)
                .build();
        provider = SdkTracerProvider.builder()
                .setResource(Resource.create(Attributes.of(
                        AttributeKey.stringKey("service.name"), "nexusd",
                        AttributeKey.stringKey("service.version"), version,
                        AttributeKey.stringKey("service.instance.id"), nodeId,
                        AttributeKey.stringKey("nexusd.node"), nodeName)))
                .setSampler(Sampler.parentBased(Sampler.alwaysOff()))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter)
                        .setScheduleDelay(EXPORT_EVERY)
                        .build())
                .build();
        tracer = provider.get("io.nexusd");
    }

    @Override
    public Spans.Span begin(Spans.Step step, Envelope envelope) {
        return begin(step, envelope.topic(), envelope.messageId(), envelope.headers());
    }

    @Override
    public Spans.Span beginPublish(String topic, String messageId, Map<String, String> headers) {
        return begin(Spans.Step.PUBLISH, topic, messageId, headers);
    }

    private Spans.Span begin(Spans.Step step, String topic, String messageId, Map<String, String> headers) {
        if (!headers.containsKey(TRACEPARENT)) {
            return null;
        }
        Context parent = W3CTraceContextPropagator.getInstance().extract(Context.root(), headers, HEADERS);
        SpanContext above = Span.fromContext(parent).getSpanContext();
        if (!above.isValid() || !above.isSampled()) {
            return null;
        }
        String name = step.name().toLowerCase(Locale.ROOT);
        Span span = tracer.spanBuilder(name + " " + topic)
                .setParent(parent)
                .setSpanKind(kind(step))
                .setAttribute("messaging.system", "nexusd")
                .setAttribute("messaging.operation.name", name)
                .setAttribute("messaging.destination.name", topic)
                .setAttribute("messaging.message.id", messageId)
                .startSpan();
        return new OtlpSpan(span, headers);
    }

    private static SpanKind kind(Spans.Step step) {
        return switch (step) {
            case PUBLISH -> SpanKind.SERVER;
            case ROUTE -> SpanKind.INTERNAL;
            case FORWARD -> SpanKind.PRODUCER;
            case DELIVER -> SpanKind.CONSUMER;
        };
    }

    private record OtlpSpan(Span span, Map<String, String> original) implements Spans.Span {
        @Override
        public Map<String, String> headers() {
            // Only traceparent names a span; tracestate is the publisher's and stays as it is.
            Map<String, String> named = new HashMap<>(original);
            SpanContext own = span.getSpanContext();
            named.put(
                    TRACEPARENT,
                    "00-" + own.getTraceId() + "-" + own.getSpanId() + "-"
                            + own.getTraceFlags().asHex());
            return named;
        }

        @Override
        public void put(String key, String value) {
            span.setAttribute(key, value);
        }

        @Override
        public void put(String key, long value) {
            span.setAttribute(key, value);
        }

        @Override
        public void end() {
            span.end();
        }
    }

    @Override
    public void close() {
        provider.shutdown().join(CLOSE_TIMEOUT_S, TimeUnit.SECONDS);
    }
}
