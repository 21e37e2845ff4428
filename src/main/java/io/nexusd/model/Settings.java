package io.nexusd.model;

import java.util.List;
import java.util.Locale;

/** The effective configuration as a tree of values, one record per section. Key `a.b-c` is `a().bC()`. */
public record Settings(
        Cluster cluster,
        Node node,
        Mesh mesh,
        App app,
        Admin admin,
        Connections connections,
        Discovery discovery,
        Peers peers,
        Delivery delivery,
        History history,
        Retained retained,
        Metrics metrics,
        Tracing tracing,
        Log log) {

    /** Section {@code cluster}. */
    public record Cluster(String id) {}

    /**
     * Section {@code node}.
     *
     * @param advertise address that other nodes dial; empty: chosen from the bind address and the interfaces
     */
    public record Node(String name, String advertise) {}

    /**
     * Section {@code mesh}.
     *
     * @param port 0: any free port
     * @param outboundQueueLimit messages that wait for one peer at most
     * @param outboundQueueBytes bytes that wait for one peer at most
     */
    public record Mesh(String bind, int port, int outboundQueueLimit, long outboundQueueBytes) {}

    /**
     * Section {@code app}.
     *
     * @param port 0: any free port
     */
    public record App(String bind, int port, int maxPayloadBytes, int maxSubscriptions, int maxTopicsPerSubscription) {
        public static final int DEFAULT_PORT = 5672;
        public static final int DEFAULT_MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;
    }

    /**
     * Section {@code admin}.
     *
     * @param port 0: off
     * @param remote whether the AdminService answers callers from other hosts
     */
    public record Admin(String bind, int port, boolean remote) {}

    /**
     * Section {@code connections}: of every listener.
     *
     * @param keepaliveIntervalMs silence of the other side after which it is asked for a sign of life
     * @param keepaliveTimeoutMs time for that sign
     * @param requestTimeoutMs time for the opening of a connection, and in which an unfinished request has to make progress
     * @param idleTimeoutMs life of a connection on which no call is open
     * @param maxPerPort connections to one port at the same time
     * @param maxControlFramesPerSecond HTTP/2 frames without a request or data, a long-term mean for each connection
     * @param maxMetadataBytes headers of one request, as HTTP/2 counts them
     */
    public record Connections(
            int keepaliveIntervalMs,
            int keepaliveTimeoutMs,
            int requestTimeoutMs,
            int idleTimeoutMs,
            int maxPerPort,
            int maxControlFramesPerSecond,
            int maxMetadataBytes) {
        /** The most that may be allowed: what a connection survives that a client sends as headers. */
        public static final int MAX_METADATA_BYTES = 256 * 1024;
    }

    /** Section {@code discovery}. */
    public record Discovery(Multicast multicast, int beaconIntervalMs, int peerTimeoutMs) {}

    /**
     * Section {@code discovery.multicast}.
     *
     * @param networkInterface interface name, or {@code auto}
     */
    public record Multicast(Switch enabled, String group, int port, int ttl, String networkInterface) {
        public static final String DEFAULT_GROUP = "239.255.42.1";
        /** For networks without IPv4; site-local, so a router may pass it on where discovery.multicast.ttl lets it. */
        public static final String SUGGESTED_IPV6_GROUP = "ff05::2a01";

        public static final int DEFAULT_PORT = 5670;

        /** Returns the family of the group, which is that of the sockets and of the addresses in beacons. */
        public boolean isIpv6() {
            return group.indexOf(':') >= 0;
        }
    }

    /**
     * Section {@code peers}.
     *
     * @param staticPeers endpoints that are always candidates, names resolved at each dial
     * @param dns names whose every address, or every host of whose service, is a candidate
     */
    public record Peers(
            List<Endpoint> staticPeers,
            List<PeerName> dns,
            int dnsRefreshMs,
            int retryCount,
            int retryIntervalMs,
            int retryMaxIntervalMs,
            int dialTimeoutMs) {
        public Peers {
            staticPeers = List.copyOf(staticPeers);
            dns = List.copyOf(dns);
        }
    }

    /** Section {@code delivery}. Times in milliseconds; a default TTL of 0 means no expiry. */
    public record Delivery(
            int subscriberQueueLimit,
            long subscriberQueueBytes,
            BackpressurePolicy backpressurePolicy,
            int blockTimeoutMs,
            long defaultMessageTtlMs,
            int ttlReaperIntervalMs,
            int drainTimeoutMs) {
        /** The longest a publish may wait for room. */
        public static final int MAX_BLOCK_TIMEOUT_MS = 3_600_000;
    }

    /** Section {@code history}. */
    public record History(int messagesPerTopic, long maxBytes, long pausedSubscriptionTtlMs, int lingerMs) {}

    /** Section {@code retained}. */
    public record Retained(int maxMessages, long maxBytes) {}

    /**
     * Section {@code metrics}.
     *
     * @param topics topics counted each on its own at most
     */
    public record Metrics(int topics) {}

    /**
     * Section {@code tracing}.
     *
     * @param endpoint URL of a collector that takes OTLP over HTTP
     */
    public record Tracing(boolean enabled, String endpoint) {}

    /** Section {@code log}. */
    public record Log(Level level, Format format) {}

    /** A key that decides by itself unless it is set. */
    public enum Switch {
        AUTO,
        TRUE,
        FALSE
    }

    /** What happens to a message for a subscriber whose queue is full. */
    public enum BackpressurePolicy {
        DROP_OLDEST,
        DROP_NEWEST,
        BLOCK;

        /** Returns the policy as it is written in the configuration. */
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** How much is logged. */
    public enum Level {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        ERROR,
        FATAL
    }

    /** How log lines are written. */
    public enum Format {
        TEXT,
        JSON
    }

    /** Tells whether beacons are sent and heard: as the key says, otherwise when no other source of peers is configured. */
    public boolean multicastOn() {
        return switch (discovery.multicast.enabled) {
            case TRUE -> true;
            case FALSE -> false;
            case AUTO -> peers.staticPeers.isEmpty() && peers.dns.isEmpty();
        };
    }
}
