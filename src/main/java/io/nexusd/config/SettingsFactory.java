package io.nexusd.config;

import io.nexusd.model.Settings;

/** Puts valid values into the tree that everybody reads. */
final class SettingsFactory {
    private SettingsFactory() {}

    static Settings from(Values v) {
        return new Settings(
                new Settings.Cluster(v.get(Keys.CLUSTER_ID)),
                new Settings.Node(v.get(Keys.NODE_NAME), v.get(Keys.NODE_ADVERTISE)),
                new Settings.Mesh(
                        v.get(Keys.MESH_BIND),
                        v.get(Keys.MESH_PORT),
                        v.get(Keys.MESH_OUTBOUND_QUEUE_LIMIT),
                        v.get(Keys.MESH_OUTBOUND_QUEUE_BYTES)),
                new Settings.App(
                        v.get(Keys.APP_BIND),
                        v.get(Keys.APP_PORT),
                        v.get(Keys.APP_MAX_PAYLOAD_BYTES),
                        v.get(Keys.APP_MAX_SUBSCRIPTIONS),
                        v.get(Keys.APP_MAX_TOPICS)),
                new Settings.Admin(v.get(Keys.ADMIN_BIND), v.get(Keys.ADMIN_PORT), v.get(Keys.ADMIN_REMOTE)),
                new Settings.Connections(
                        v.get(Keys.KEEPALIVE_INTERVAL_MS),
                        v.get(Keys.KEEPALIVE_TIMEOUT_MS),
                        v.get(Keys.REQUEST_TIMEOUT_MS),
                        v.get(Keys.IDLE_TIMEOUT_MS),
                        v.get(Keys.MAX_PER_PORT),
                        v.get(Keys.MAX_CONTROL_FRAMES_PER_SECOND),
                        v.get(Keys.MAX_METADATA_BYTES)),
                discovery(v),
                new Settings.Peers(
                        v.get(Keys.PEERS_STATIC),
                        v.get(Keys.PEERS_DNS),
                        v.get(Keys.PEERS_DNS_REFRESH_MS),
                        v.get(Keys.PEERS_RETRY_COUNT),
                        v.get(Keys.PEERS_RETRY_INTERVAL_MS),
                        v.get(Keys.PEERS_RETRY_MAX_INTERVAL_MS),
                        v.get(Keys.PEERS_DIAL_TIMEOUT_MS)),
                new Settings.Delivery(
                        v.get(Keys.SUBSCRIBER_QUEUE_LIMIT),
                        v.get(Keys.SUBSCRIBER_QUEUE_BYTES),
                        v.get(Keys.BACKPRESSURE_POLICY),
                        v.get(Keys.BLOCK_TIMEOUT_MS),
                        v.get(Keys.DEFAULT_MESSAGE_TTL_MS),
                        v.get(Keys.TTL_REAPER_INTERVAL_MS),
                        v.get(Keys.DRAIN_TIMEOUT_MS)),
                new Settings.History(
                        v.get(Keys.HISTORY_MESSAGES_PER_TOPIC),
                        v.get(Keys.HISTORY_MAX_BYTES),
                        v.get(Keys.PAUSED_SUBSCRIPTION_TTL_MS),
                        v.get(Keys.LINGER_MS)),
                new Settings.Retained(v.get(Keys.RETAINED_MAX_MESSAGES), v.get(Keys.RETAINED_MAX_BYTES)),
                new Settings.Metrics(v.get(Keys.METRICS_TOPICS)),
                new Settings.Tracing(v.get(Keys.TRACING_ENABLED), v.get(Keys.TRACING_ENDPOINT)),
                new Settings.Log(v.get(Keys.LOG_LEVEL), v.get(Keys.LOG_FORMAT)));
    }

    private static Settings.Discovery discovery(Values v) {
        return new Settings.Discovery(
                new Settings.Multicast(
                        v.get(Keys.MULTICAST_ENABLED),
                        v.get(Keys.MULTICAST_GROUP),
                        v.get(Keys.MULTICAST_PORT),
                        v.get(Keys.MULTICAST_TTL),
                        v.get(Keys.MULTICAST_INTERFACE)),
                v.get(Keys.BEACON_INTERVAL_MS),
                v.get(Keys.PEER_TIMEOUT_MS));
    }
}
