package io.nexusd.admin;

import io.nexusd.bus.Configuration.Effective;
import io.nexusd.bus.Inspection.Client;
import io.nexusd.bus.Membership.PeerView;
import io.nexusd.bus.Membership.Peers;
import io.nexusd.model.NodeIdentity;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What the verticles answer, as JSON for people and scripts. */
final class Views {
    /** Shown of one subscription; the rest is only counted. */
    private static final int MAX_FILTERS = 100;

    private Views() {}

    /** Returns who this node is. */
    static JsonObject node(NodeIdentity self) {
        return new JsonObject()
                .put("id", self.id().value())
                .put("name", self.name())
                .put("cluster", self.clusterId())
                .put("version", self.version())
                .put("started_at_ms", self.startedAtMs())
                .put("endpoint", self.mesh().toString())
                .put("app_port", self.appPort());
    }

    /** Returns the members as gossip sees them. */
    static JsonObject peers(Peers peers, long nowMs) {
        JsonArray list = new JsonArray();
        peers.peers().forEach(peer -> list.add(peer(peer, nowMs)));
        return node(peers.self()).put("peers", list);
    }

    private static JsonObject peer(PeerView view, long nowMs) {
        JsonObject json = node(view.peer())
                .put("state", lower(view.state()))
                .put("linked", view.linked())
                .put("protocol", view.peer().protocolVersion())
                .put("last_heard_ms", view.lastHeardMs())
                .put("silent_ms", Math.max(0, nowMs - view.lastHeardMs()))
                .put("topics", new JsonArray(view.filters()));
        view.reachedAt().ifPresent(endpoint -> json.put("reached_at", endpoint.toString()));
        view.roundTripUs().ifPresent(us -> json.put("round_trip_us", us));
        view.clockAheadMs().ifPresent(ms -> json.put("clock_ahead_ms", ms));
        return json;
    }

    /** Returns how many subscriptions hold each filter, in alphabetical order. */
    static JsonObject topics(Map<String, Integer> subscriptionsByFilter) {
        JsonObject byFilter = new JsonObject();
        new TreeMap<>(subscriptionsByFilter).forEach(byFilter::put);
        return byFilter;
    }

    /** Returns one subscription: what it wants, how it keeps up, what it lost. */
    static JsonObject subscription(Client client, long nowMs) {
        JsonArray filters =
                new JsonArray(client.filters().stream().limit(MAX_FILTERS).toList());
        JsonObject json = new JsonObject()
                .put("id", client.id())
                .put("state", lower(client.state()))
                .put("address", client.address())
                .put("age_ms", Math.max(0, nowMs - client.createdMs()))
                .put("topics", filters)
                .put("queue_depth", client.queueDepth())
                .put("queue_limit", client.queueLimit())
                .put("delivered", client.delivered())
                .put("dropped", client.dropped())
                .put("expired", client.expired())
                .put("missed", client.missed());
        if (client.filters().size() > MAX_FILTERS) {
            json.put("topics_not_shown", client.filters().size() - MAX_FILTERS);
        }
        if (!client.group().isEmpty()) {
            json.put("group", client.group());
        }
        return json;
    }

    /** Returns the configuration in force and how the last reload went. */
    static JsonObject configuration(Effective effective) {
        JsonObject keys = new JsonObject();
        effective
                .entries()
                .forEach(entry -> keys.put(
                        entry.key(),
                        new JsonObject().put("value", entry.value()).put("source", entry.source())));
        JsonObject lastReload = new JsonObject()
                .put("at_ms", effective.lastReload().atMs())
                .put("successful", effective.lastReload().successful())
                .put("changed", new JsonArray(effective.lastReload().changedKeys()))
                .put("problems", new JsonArray(effective.lastReload().problems()));
        return new JsonObject()
                .put("file", effective.file())
                .put("watching", effective.watching())
                .put("digest", effective.digest())
                .put("last_reload", lastReload)
                .put("keys", keys);
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
