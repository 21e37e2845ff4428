package io.nexusd.appapi.admin;

import io.nexusd.bus.Inspection;
import io.nexusd.bus.Membership.PeerView;
import io.nexusd.model.Envelope;
import io.nexusd.proto.admin.Field;
import io.nexusd.proto.admin.GetObjectResponse;
import java.util.Locale;
import java.util.Map;

/** One thing that this node holds, told field by field. */
final class Details {
    private final GetObjectResponse.Builder object;

    private Details(String kind) {
        object = GetObjectResponse.newBuilder().setKind(kind);
    }

    static GetObjectResponse of(Inspection.Client client) {
        return new Details("subscription")
                .field("id", client.id())
                .field("handle", client.handle())
                .field("topics", String.join(" ", client.filters()))
                .field("group", client.group())
                .field("state", client.state().name().toLowerCase(Locale.ROOT))
                .field("address", client.address())
                .field("created_ms", client.createdMs())
                .field("queue_depth", client.queueDepth())
                .field("queue_limit", client.queueLimit())
                .field("delivered", client.delivered())
                .field("dropped", client.dropped())
                .field("expired", client.expired())
                .field("missed", client.missed())
                .field("batches", client.batches())
                .field("retained", client.retained())
                .object
                .build();
    }

    static GetObjectResponse of(PeerView view) {
        return new Details("peer")
                .field("id", view.peer().id())
                .field("name", view.peer().name())
                .field("endpoint", view.peer().mesh())
                .field("app_port", view.peer().appPort())
                .field("cluster", view.peer().clusterId())
                .field("state", view.state().name().toLowerCase(Locale.ROOT))
                .field("linked", view.linked())
                .field("version", view.peer().version())
                .field("protocol", view.peer().protocolVersion())
                .field("started_ms", view.peer().startedAtMs())
                .field("last_seen_ms", view.lastHeardMs())
                .field("topic_state_hash", String.format("%016x", view.topicHash()))
                .field("topics", String.join(" ", view.filters()))
                .object
                .build();
    }

    static GetObjectResponse of(String topic, Inspection.TopicHoldings holdings, Inspection.Explanation explanation) {
        Details object = new Details("topic")
                .field("topic", topic)
                .field("subscriptions", explanation.subscriptions().size())
                .field("peers", explanation.peers().size())
                .field("groups", explanation.groups().size())
                .field("last_sequence", holdings.lastSequence())
                .field("history_messages", holdings.historyMessages())
                .field("history_bytes", holdings.historyBytes());
        holdings.retained().ifPresent(object::retained);
        return object.object.build();
    }

    private void retained(Envelope envelope) {
        field("retained_id", envelope.messageId());
        field("retained_timestamp_ms", envelope.timestampMs());
        field("retained_source", envelope.source());
        field("retained_bytes", envelope.payload().size());
        field("retained_content_type", envelope.contentType());
        field("retained_ttl_ms", envelope.ttlMs());
        for (Map.Entry<String, String> header : envelope.headers().entrySet()) {
            field("retained_header_" + header.getKey(), header.getValue());
        }
    }

    private Details field(String name, Object value) {
        object.addFields(Field.newBuilder().setName(name).setValue(String.valueOf(value)));
        return this;
    }
}
