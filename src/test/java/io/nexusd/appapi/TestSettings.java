package io.nexusd.appapi;

import io.nexusd.model.Settings;
import io.nexusd.model.Settings.BackpressurePolicy;
import java.util.List;

/** A configuration for tests: the defaults, every port free to choose, and what a test sets. */
public final class TestSettings {
    public int subscriberQueueLimit = 10_000;
    public long subscriberQueueBytes = 32 * 1024 * 1024;
    public BackpressurePolicy policy = BackpressurePolicy.DROP_OLDEST;
    public int blockTimeoutMs = 5000;
    public long defaultTtlMs;
    public int reaperIntervalMs = 50;
    public int maxSubscriptions = 10_000;
    public int maxTopicsPerSubscription = 1000;
    public int maxPayloadBytes = 4 * 1024 * 1024;
    public int outboundQueueLimit = 10_000;
    public long retainedMaxBytes = 67_108_864;
    public int appPort;
    public int adminPort;

    public Settings build() {
        return new Settings(
                new Settings.Cluster("default"),
                new Settings.Node("n1", ""),
                new Settings.Mesh("127.0.0.1", 0, outboundQueueLimit, 33_554_432),
                new Settings.App("127.0.0.1", appPort, maxPayloadBytes, maxSubscriptions, maxTopicsPerSubscription),
                new Settings.Admin("127.0.0.1", adminPort, false),
                new Settings.Connections(10_000, 20_000, 30_000, 3_600_000, 20_000, 10_000, 8192),
                new Settings.Discovery(
                        new Settings.Multicast(Settings.Switch.FALSE, "239.255.42.1", 5670, 1, "auto"), 1000, 5000),
                new Settings.Peers(List.of(), List.of(), 5000, 10, 2000, 60_000, 5000),
                new Settings.Delivery(
                        subscriberQueueLimit,
                        subscriberQueueBytes,
                        policy,
                        blockTimeoutMs,
                        defaultTtlMs,
                        reaperIntervalMs,
                        10_000),
                new Settings.History(1000, 52_428_800, 300_000, 30_000),
                new Settings.Retained(100_000, retainedMaxBytes),
                new Settings.Metrics(0),
                new Settings.Tracing(false, "http://127.0.0.1:4318/v1/traces"),
                new Settings.Log(Settings.Level.INFO, Settings.Format.TEXT));
    }
}
