package io.nexusd.lab;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;

/**
 * A collector of trace spans: takes OTLP over HTTP and keeps what tells spans apart. Field numbers are those of
 * opentelemetry/proto/collector/trace/v1 and trace/v1.
 */
public final class SpanCollector implements AutoCloseable {
    private static final int RESOURCE_SPANS = 1;
    private static final int RESOURCE = 1;
    private static final int SCOPE_SPANS = 2;
    private static final int SPANS = 2;
    private static final int ATTRIBUTES = 1;

    private final HttpServer server;
    private final List<Span> spans = new CopyOnWriteArrayList<>();

    private SpanCollector(HttpServer server) {
        this.server = server;
    }

    /** One span; ids in hexadecimal. */
    public record Span(String node, String name, String traceId, String spanId, String parentId) {}

    public static SpanCollector start() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        SpanCollector collector = new SpanCollector(server);
        server.createContext("/v1/traces", collector::take);
        server.start();
        return collector;
    }

    public String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces";
    }

    /** Returns what has come so far. */
    public List<Span> spans() {
        return List.copyOf(spans);
    }

    private void take(HttpExchange exchange) throws IOException {
        try (InputStream body = exchange.getRequestBody()) {
            boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            byte[] request = (zipped ? new GZIPInputStream(body) : body).readAllBytes();
            for (UnknownFieldSet resourceSpans : messages(UnknownFieldSet.parseFrom(request), RESOURCE_SPANS)) {
                String node = attribute(messages(resourceSpans, RESOURCE).get(0), "nexusd.node");
                for (UnknownFieldSet scopeSpans : messages(resourceSpans, SCOPE_SPANS)) {
                    messages(scopeSpans, SPANS).forEach(span -> spans.add(span(node, span)));
                }
            }
        }
        exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
        exchange.sendResponseHeaders(200, -1);
        exchange.close();
    }

    private static Span span(String node, UnknownFieldSet span) {
        HexFormat hex = HexFormat.of();
        return new Span(
                node,
                bytes(span, 5).toStringUtf8(),
                hex.formatHex(bytes(span, 1).toByteArray()),
                hex.formatHex(bytes(span, 2).toByteArray()),
                hex.formatHex(bytes(span, 4).toByteArray()));
    }

    private static String attribute(UnknownFieldSet resource, String key) throws IOException {
        for (UnknownFieldSet attribute : messages(resource, ATTRIBUTES)) {
            if (bytes(attribute, 1).toStringUtf8().equals(key)) {
                return bytes(messages(attribute, 2).get(0), 1).toStringUtf8();
            }
        }
        return "";
    }

    private static ByteString bytes(UnknownFieldSet message, int field) {
        List<ByteString> values = message.getField(field).getLengthDelimitedList();
        return values.isEmpty() ? ByteString.EMPTY : values.get(0);
    }

    private static List<UnknownFieldSet> messages(UnknownFieldSet message, int field) throws IOException {
        List<UnknownFieldSet> messages = new ArrayList<>();
        for (ByteString bytes : message.getField(field).getLengthDelimitedList()) {
            messages.add(UnknownFieldSet.parseFrom(bytes));
        }
        return messages;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
