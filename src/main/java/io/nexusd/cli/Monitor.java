package io.nexusd.cli;

import io.nexusd.proto.admin.WatchEvent;
import io.nexusd.proto.admin.WatchRequest;
import io.nexusd.proto.admin.WatchedMessage;
import io.nexusd.wire.MessageBytes;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows every message that the node sees. */
@Command(name = "MONITOR", aliases = "MON", description = "Shows every message that the node sees; Ctrl-C ends it.")
final class Monitor extends Subcommand {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneOffset.UTC);
    /** As much of a payload as is shown on a line; all of it with --json. */
    private static final int SHOWN_PAYLOAD_BYTES = 4096;

    private static final int ID_SHOWN = 8;

    @Parameters(arity = "0..*", paramLabel = "filter", description = "Only messages on topics that match one of these.")
    private List<String> filters = List.of();

    @Option(names = "--topics", paramLabel = "filter", description = "The same as an option; may be repeated.")
    private List<String> topics = List.of();

    @Mixin
    private Limits limits;

    @Option(names = "--ready", description = "Say on standard error when watching has begun.")
    private boolean ready;

    private boolean begun;
    private NodeNames names;

    @Override
    void run() {
        limits.begin();
        WatchRequest request = WatchRequest.newBuilder()
                .addAllFilters(filters)
                .addAllFilters(topics)
                .setMaxPayloadBytes(output().isJson() ? 0 : SHOWN_PAYLOAD_BYTES)
                .build();
        names = new NodeNames(daemon());
        EventStream.End end =
                new EventStream(session()).run(DaemonClient.Stream.WATCH, request, this::show, limits.timeoutMs());
        limits.ended(end, "pass");
    }

    private boolean show(MessageBytes bytes) {
        WatchEvent event = DaemonClient.parsed(WatchEvent.parser(), bytes);
        if (event.getMissed() > 0) {
            output().note("missed " + Text.count(event.getMissed(), "message") + ": too many for this stream");
        }
        if (!event.hasMessage()) {
            if (!begun && ready) {
                output().note("ready");
            }
            begun = true;
            return false;
        }
        WatchedMessage message = event.getMessage();
        if (output().isJson()) {
            output().object(object(message));
        } else {
            output().line(line(message));
        }
        return limits.countShown();
    }

    private String line(WatchedMessage message) {
        String from = message.getFromPeer() ? "from " + Text.safe(source(message)) : "published here";
        String to = message.getFromPeer()
                ? Text.count(message.getSubscriptions(), "subscription")
                : Text.count(message.getSubscriptions(), "subscription") + ", "
                        + Text.count(message.getPeers(), "peer");
        return output().styled(Style.FAINT, TIME.format(Instant.ofEpochMilli(message.getTimestampMs())))
                + "  " + from + " → " + to + "  "
                + output().styled(Style.HEADER, Text.safe(message.getTopic())) + "  "
                + Payload.text(message.getPayload())
                + (message.getPayloadBytes() > message.getPayload().size()
                        ? "… (" + Text.count(message.getPayloadBytes(), "byte") + ")"
                        : "")
                + (message.getRetain() ? "  (retained)" : "");
    }

    private String source(WatchedMessage message) {
        String id = message.getSourceNodeId();
        return names.of(id).orElseGet(() -> id.substring(0, Math.min(ID_SHOWN, id.length())));
    }

    private JsonObject object(WatchedMessage message) {
        JsonObject headers = new JsonObject();
        message.getHeadersMap().forEach(headers::put);
        JsonObject object = Payload.put(new JsonObject(), message.getPayload())
                .put("id", message.getMessageId())
                .put("topic", message.getTopic())
                .put("content_type", message.getContentType())
                .put("timestamp_ms", message.getTimestampMs())
                .put("source", message.getSourceNodeId())
                .put("from_peer", message.getFromPeer())
                .put("subscriptions", message.getSubscriptions())
                .put("peers", message.getPeers())
                .put("retain", message.getRetain())
                .put("ttl_ms", message.getTtlMs())
                .put("headers", headers);
        names.of(message.getSourceNodeId()).ifPresent(name -> object.put("source_name", name));
        return object;
    }
}
