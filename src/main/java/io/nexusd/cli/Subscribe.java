package io.nexusd.cli;

import io.nexusd.proto.sidecar.BackpressureWarning;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.proto.sidecar.SubscribeRequest;
import io.nexusd.proto.sidecar.UnsubscribeRequest;
import io.nexusd.proto.sidecar.UnsubscribeResponse;
import io.nexusd.wire.CommandFailure;
import io.nexusd.wire.MessageBytes;
import io.vertx.core.json.JsonObject;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows messages as they arrive. */
@Command(name = "SUBSCRIBE", aliases = "SUB", description = "Shows messages as they arrive; Ctrl-C ends it.")
final class Subscribe extends Subcommand {
    private static final int UNSUBSCRIBE_TIMEOUT_MS = 2000;

    @Parameters(
            arity = "1..*",
            paramLabel = "filter",
            description = "Topic filters: + is one level, a final # the rest.")
    private List<String> filters;

    @Mixin
    private Limits limits;

    @Option(names = "--raw", description = "Only the payloads, as they are.")
    private boolean raw;

    @Option(names = "--retained", description = "Begin with the retained messages.")
    private boolean retained;

    @Option(
            names = "--group",
            paramLabel = "G",
            defaultValue = "",
            description = "Share the messages with its members.")
    private String group;

    @Option(names = "--ready", description = "Say on standard error when the subscription has begun.")
    private boolean ready;

    /** Empty until the daemon has answered. */
    private String id = "";

    @Override
    void run() {
        limits.begin();
        id = "";
        SubscribeRequest request = SubscribeRequest.newBuilder()
                .addAllTopics(filters)
                .setClientId("nexusd-cli")
                .setReceiveRetained(retained)
                .setGroup(group)
                .build();
        EventStream.End end;
        try {
            end = new EventStream(session())
                    .run(DaemonClient.Stream.SUBSCRIBE, request, this::show, limits.timeoutMs());
        } finally {
            unsubscribe();
        }
        limits.ended(end, "arrive");
    }

    /** A stream that is only cancelled would leave the subscription waiting for a resume, and a receiver in the mesh. */
    private void unsubscribe() {
        if (id.isEmpty()) {
            return;
        }
        try {
            daemon().sidecar(
                            "Unsubscribe",
                            UnsubscribeRequest.newBuilder()
                                    .setSubscriptionId(id)
                                    .build(),
                            UnsubscribeResponse.parser(),
                            UNSUBSCRIBE_TIMEOUT_MS);
        } catch (CommandFailure e) {
            // The daemon is stopping or out of reach; it removes the subscription by itself.
        }
    }

    /** Tells whether this was the last one wanted. */
    private boolean show(MessageBytes bytes) {
        MessageEvent event = DaemonClient.parsed(MessageEvent.parser(), bytes);
        switch (event.getEventCase()) {
            case SUBSCRIPTION_INFO -> {
                id = event.getSubscriptionInfo().getSubscriptionId();
                if (ready) {
                    output().note("ready " + id);
                }
            }
            case BACKPRESSURE_WARNING -> lost(event.getBackpressureWarning());
            case MESSAGE -> {
                return shown(event.getMessage(), false);
            }
            case RETAINED_MESSAGE -> {
                return shown(event.getRetainedMessage(), true);
            }
            default -> {
                // A heartbeat, or what a later daemon has to say.
            }
        }
        return false;
    }

    private void lost(BackpressureWarning warning) {
        output().note("lost: " + warning.getMessagesDropped() + " dropped, " + warning.getMessagesExpired()
                + " expired (" + Text.safe(warning.getReason()) + ")");
    }

    private boolean shown(Message message, boolean isRetained) {
        if (raw) {
            output().raw(message.getPayload().toByteArray());
        } else if (output().isJson()) {
            JsonObject headers = new JsonObject();
            message.getHeadersMap().forEach(headers::put);
            output().object(Payload.put(new JsonObject(), message.getPayload())
                    .put("id", message.getMessageId())
                    .put("topic", message.getTopic())
                    .put("content_type", message.getContentType())
                    .put("timestamp_ms", message.getTimestampMs())
                    .put("source", message.getSourceNodeId())
                    .put("sequence", message.getSequenceNumber())
                    .put("retained", isRetained)
                    .put("headers", headers));
        } else {
            output().line(output().styled(Style.HEADER, Text.safe(message.getTopic())) + "  "
                    + Payload.text(message.getPayload())
                    + (isRetained ? output().styled(Style.FAINT, "  (retained)") : ""));
        }
        return limits.countShown();
    }
}
