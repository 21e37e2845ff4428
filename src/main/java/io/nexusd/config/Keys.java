package io.nexusd.config;

import static io.nexusd.config.ValueTypes.address;
import static io.nexusd.config.ValueTypes.endpoints;
import static io.nexusd.config.ValueTypes.integer;
import static io.nexusd.config.ValueTypes.longInteger;
import static io.nexusd.config.ValueTypes.oneOf;
import static io.nexusd.config.ValueTypes.peerNames;
import static io.nexusd.config.ValueTypes.visible;

import io.nexusd.model.Endpoint;
import io.nexusd.model.PeerName;
import io.nexusd.model.Settings;
import io.nexusd.model.Settings.BackpressurePolicy;
import io.nexusd.model.Settings.Format;
import io.nexusd.model.Settings.Level;
import io.nexusd.model.Settings.Switch;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The table of configuration keys, in the order in which they are documented. Everything else derives from it. */
final class Keys {
    private static final int SECOND = 1000;
    private static final int HOUR = 3600 * SECOND;
    private static final int DAY = 24 * HOUR;
    private static final long TEN_YEARS = 3650L * DAY;
    private static final int MANY = 10_000_000;
    private static final long ONE_TIB = 1L << 40;
    private static final int MIB = 1 << 20;

    static final Key<String> CLUSTER_ID = Key.of(
                    "cluster.id",
                    visible(128),
                    "gossip, appapi, discovery, launch, meshapi",
                    "Nodes mesh only with nodes of the same cluster id.")
            .defaultsTo("default")
            .flag("--cluster")
            .environment("NEXUSD_CLUSTER", "CLUSTER_ID");

    static final Key<String> NODE_NAME = Key.of(
                    "node.name",
                    visible(253),
                    "gossip, launch, tracing",
                    "Name by which people and other nodes know this node; give each node its own.")
            .defaultIs("host name")
            .flag("--name")
            .environment("POD_NAME");
    static final Key<String> NODE_ADVERTISE = Key.of(
                    "node.advertise",
                    ValueTypes.optionalAddress(),
                    "gossip, discovery",
                    "Address that other nodes dial to reach this one; where none is set, the one that routes prefer.")
            .defaultIs("first non-loopback address")
            .flag("--advertise")
            .environment("POD_IP");

    static final Key<String> MESH_BIND = Key.of(
                    "mesh.bind", address(), "meshapi, discovery, gossip", "Address on which other nodes are accepted.")
            .defaultsTo("0.0.0.0")
            .flag("--bind")
            .environment("NEXUSD_BIND_ADDR");
    static final Key<Integer> MESH_PORT = Key.of(
                    "mesh.port",
                    integer(0, 65535),
                    "meshapi, gossip",
                    "TCP port on which other nodes are accepted; 0 takes any free port.")
            .defaultsTo(5671)
            .flag("--mesh-port")
            .environment("MESH_PORT")
            .in("port");
    static final Key<Integer> MESH_OUTBOUND_QUEUE_LIMIT = Key.of(
                    "mesh.outbound-queue-limit",
                    integer(1, MANY),
                    "dialer, routing",
                    "Messages that wait for one peer at most; further ones are dropped and counted as link_overflow.")
            .defaultsTo(10_000)
            .in("messages");
    static final Key<Long> MESH_OUTBOUND_QUEUE_BYTES = Key.of(
                    "mesh.outbound-queue-bytes",
                    longInteger(1024, ONE_TIB),
                    "dialer, routing",
                    "Bytes that wait for one peer at most; further messages are dropped and counted as link_overflow.")
            .defaultsTo(32 * MIB)
            .in("bytes");

    static final Key<String> APP_BIND = Key.of(
                    "app.bind", address(), "appapi", "Address on which applications are accepted.")
            .defaultsTo("127.0.0.1")
            .flag("--app-bind", "--bind")
            .environment("NEXUSD_BIND_ADDR");
    static final Key<Integer> APP_PORT = Key.of(
                    "app.port",
                    integer(0, 65535),
                    "appapi",
                    "TCP port on which applications are accepted; 0 takes any free port.")
            .defaultsTo(Settings.App.DEFAULT_PORT)
            .flag("--app-port")
            .environment("APP_PORT")
            .in("port");
    static final Key<Integer> APP_MAX_PAYLOAD_BYTES = Key.of(
                    "app.max-payload-bytes",
                    integer(1, 256 * MIB),
                    "appapi, meshapi",
                    "Largest payload of one message; keep it equal on all nodes.")
            .defaultsTo(Settings.App.DEFAULT_MAX_PAYLOAD_BYTES)
            .flag("--max-payload")
            .in("bytes");
    static final Key<Integer> APP_MAX_SUBSCRIPTIONS = Key.of(
                    "app.max-subscriptions",
                    integer(1, MANY),
                    "appapi",
                    "Subscriptions held at one time, paused ones included.")
            .defaultsTo(10_000)
            .in("subscriptions");
    static final Key<Integer> APP_MAX_TOPICS = Key.of(
                    "app.max-topics-per-subscription",
                    integer(1, 1_000_000),
                    "appapi",
                    "Topic filters in one subscription at most.")
            .defaultsTo(1000)
            .in("filters");

    static final Key<String> ADMIN_BIND = Key.of(
                    "admin.bind", address(), "admin", "Address of the HTTP server for probes, metrics and views.")
            .defaultsTo("127.0.0.1");
    static final Key<Integer> ADMIN_PORT = Key.of(
                    "admin.port",
                    integer(0, 65535),
                    "admin",
                    "TCP port of the HTTP server for probes, metrics and views; 0 turns it off.")
            .defaultsTo(9090)
            .flag("--admin-port")
            .in("port");
    static final Key<Boolean> ADMIN_REMOTE = Key.of(
                    "admin.remote",
                    ValueTypes.trueOrFalse(),
                    "appapi",
                    "Whether the AdminService, on the application port, answers callers from other hosts.")
            .defaultsTo(false);

    static final Key<Integer> KEEPALIVE_INTERVAL_MS = Key.of(
                    "connections.keepalive-interval-ms",
                    integer(100, DAY),
                    "launch",
                    "Silence of the other side of a connection after which it is asked for a sign of life, by an HTTP/2 ping.")
            .defaultsTo(10 * SECOND)
            .in("ms");
    static final Key<Integer> KEEPALIVE_TIMEOUT_MS = Key.of(
                    "connections.keepalive-timeout-ms",
                    integer(100, DAY),
                    "launch",
                    "Time for that sign; a connection that stays silent is closed.")
            .defaultsTo(20 * SECOND)
            .in("ms");
    static final Key<Integer> REQUEST_TIMEOUT_MS = Key.of(
                    "connections.request-timeout-ms",
                    integer(100, DAY),
                    "launch",
                    "Time from the opening of a connection to HTTP's greeting; an unfinished request has to advance by 16 KiB in it.")
            .defaultsTo(30 * SECOND)
            .in("ms");
    static final Key<Integer> IDLE_TIMEOUT_MS = Key.of(
                    "connections.idle-timeout-ms",
                    integer(1000, Integer.MAX_VALUE),
                    "launch",
                    "Life of a connection on which no call is open; clients connect again by themselves.")
            .defaultsTo(HOUR)
            .in("ms");
    static final Key<Integer> MAX_PER_PORT = Key.of(
                    "connections.max-per-port",
                    integer(1, MANY),
                    "launch",
                    "Connections to one port at the same time; further ones are closed at once.")
            .defaultsTo(20_000)
            .in("connections");
    static final Key<Integer> MAX_CONTROL_FRAMES_PER_SECOND = Key.of(
                    "connections.max-control-frames-per-second",
                    integer(100, MANY),
                    "launch",
                    "HTTP/2 frames that carry neither a request nor data, for each connection; a cancelled call counts as 2.")
            .defaultsTo(10_000)
            .in("frames");
    static final Key<Integer> MAX_METADATA_BYTES = Key.of(
                    "connections.max-metadata-bytes",
                    integer(1024, Settings.Connections.MAX_METADATA_BYTES),
                    "admin, appapi, meshapi",
                    "Headers of one call, each with 32 bytes added as HTTP/2 counts them; more is refused for that call.")
            .defaultsTo(8 * 1024)
            .in("bytes");

    static final Key<Switch> MULTICAST_ENABLED = Key.of(
                    "discovery.multicast.enabled",
                    oneOf(Switch.class, ValueTypes::lowerCase),
                    "discovery, dialer",
                    "Finds nodes by multicast; auto means only when no static and no DNS peers are configured.")
            .defaultsTo("auto")
            .flag("--multicast");
    static final Key<String> MULTICAST_GROUP = Key.of(
                    "discovery.multicast.group",
                    ValueTypes.multicastGroup(),
                    "discovery",
                    "Multicast address to which beacons go.")
            .defaultsTo(Settings.Multicast.DEFAULT_GROUP)
            .flag("--mcast-addr")
            .environment("NEXUSD_MCAST_ADDR");
    static final Key<Integer> MULTICAST_PORT = Key.of(
                    "discovery.multicast.port",
                    integer(1, 65535),
                    "discovery",
                    "UDP port of the beacons; several daemons on a host share it.")
            .defaultsTo(Settings.Multicast.DEFAULT_PORT)
            .flag("--mcast-port")
            .environment("NEXUSD_MCAST_PORT")
            .in("port");
    static final Key<Integer> MULTICAST_TTL = Key.of(
                    "discovery.multicast.ttl",
                    integer(0, 255),
                    "discovery",
                    "Networks a beacon may cross: 0 stays on this host, 1 on this LAN.")
            .defaultsTo(1)
            .in("hops");
    static final Key<String> MULTICAST_INTERFACE = Key.of(
                    "discovery.multicast.interface",
                    ValueTypes.networkInterface(),
                    "discovery",
                    "Network interface of the beacons; auto uses every one that can.")
            .defaultsTo("auto");
    static final Key<Integer> BEACON_INTERVAL_MS = Key.of(
                    "discovery.beacon-interval-ms",
                    integer(10, HOUR),
                    "gossip, dialer, meshapi",
                    "Time between two signs of life; a node silent for two of them is suspected.")
            .defaultsTo(SECOND)
            .in("ms");
    static final Key<Integer> PEER_TIMEOUT_MS = Key.of(
                    "discovery.peer-timeout-ms",
                    integer(20, DAY),
                    "gossip, dialer, meshapi",
                    "Silence after which a node is dead and forgotten; more than the beacon interval.")
            .defaultsTo(5 * SECOND)
            .in("ms");

    static final Key<List<Endpoint>> PEERS_STATIC = Key.of(
                    "peers.static",
                    endpoints(),
                    "dialer, discovery, gossip",
                    "Nodes that are always dialed; one that lists another is enough for both.")
            .defaultIs("none")
            .flag("--peers")
            .environment("NEXUSD_PEERS");
    static final Key<List<PeerName>> PEERS_DNS = Key.of(
                    "peers.dns",
                    peerNames(),
                    "dialer, discovery",
                    "Names whose every address is dialed, such as a headless Service; one that begins with _ is looked up"
                            + " as SRV. Asked again and again.")
            .defaultIs("none")
            .flag("--peers-dns");
    static final Key<Integer> PEERS_DNS_REFRESH_MS = Key.of(
                    "peers.dns-refresh-ms",
                    integer(100, DAY),
                    "dialer",
                    "Time between two look-ups of the names in peers.dns.")
            .defaultsTo(5 * SECOND)
            .in("ms");
    static final Key<Integer> PEERS_RETRY_COUNT = Key.of(
                    "peers.retry-count",
                    integer(0, 1_000_000),
                    "dialer",
                    "Failed dials at the fixed interval, before the growing one and a warning.")
            .defaultsTo(10)
            .flag("--peer-retry-count")
            .in("attempts");
    static final Key<Integer> PEERS_RETRY_INTERVAL_MS = Key.of(
                    "peers.retry-interval-ms",
                    integer(10, HOUR),
                    "dialer",
                    "Time between the first retry-count dials of a peer.")
            .defaultsTo(2 * SECOND)
            .flag("--peer-retry-interval")
            .in("ms");
    static final Key<Integer> PEERS_RETRY_MAX_INTERVAL_MS = Key.of(
                    "peers.retry-max-interval-ms",
                    integer(10, DAY),
                    "dialer",
                    "Longest time between later dials, which go on for ever; at least the retry interval.")
            .defaultsTo(60 * SECOND)
            .flag("--peer-retry-max-interval")
            .in("ms");
    static final Key<Integer> PEERS_DIAL_TIMEOUT_MS = Key.of(
                    "peers.dial-timeout-ms",
                    integer(10, 600 * SECOND),
                    "dialer, meshapi",
                    "Time for one dial: look-up, connection and exchange of identities.")
            .defaultsTo(5 * SECOND)
            .in("ms");

    static final Key<Integer> SUBSCRIBER_QUEUE_LIMIT = Key.of(
                    "delivery.subscriber-queue-limit",
                    integer(1, MANY),
                    "appapi",
                    "Messages that wait for one subscription at most.")
            .defaultsTo(10_000)
            .flag("--subscriber-queue-limit")
            .in("messages");
    static final Key<Long> SUBSCRIBER_QUEUE_BYTES = Key.of(
                    "delivery.subscriber-queue-bytes",
                    longInteger(1024, ONE_TIB),
                    "appapi",
                    "Bytes that wait for one subscription at most.")
            .defaultsTo(32 * MIB)
            .in("bytes");
    static final Key<BackpressurePolicy> BACKPRESSURE_POLICY = Key.of(
                    "delivery.backpressure-policy",
                    oneOf(BackpressurePolicy.class, BackpressurePolicy::text),
                    "appapi, dialer, routing",
                    "What happens to a message for a subscription whose queue is full.")
            .defaultsTo("drop-oldest")
            .flag("--backpressure-policy");
    static final Key<Integer> BLOCK_TIMEOUT_MS = Key.of(
                    "delivery.block-timeout-ms",
                    integer(0, Settings.Delivery.MAX_BLOCK_TIMEOUT_MS),
                    "appapi, dialer",
                    "With policy block: how long a publish waits for room before the oldest message is dropped.")
            .defaultsTo(5 * SECOND)
            .flag("--block-timeout-ms")
            .in("ms");
    static final Key<Long> DEFAULT_MESSAGE_TTL_MS = Key.of(
                    "delivery.default-message-ttl-ms",
                    longInteger(0, TEN_YEARS),
                    "appapi",
                    "Life of a message that does not set its own; 0 is without end.")
            .defaultsTo(0)
            .flag("--default-message-ttl")
            .in("ms");
    static final Key<Integer> TTL_REAPER_INTERVAL_MS = Key.of(
                    "delivery.ttl-reaper-interval-ms",
                    integer(10, HOUR),
                    "dialer, routing",
                    "Time between two sweeps that free expired messages; they are never delivered, swept or not.")
            .defaultsTo(SECOND)
            .flag("--ttl-reaper-interval")
            .in("ms");
    static final Key<Integer> DRAIN_TIMEOUT_MS = Key.of(
                    "delivery.drain-timeout-ms",
                    integer(0, HOUR),
                    "launch",
                    "Time for delivering what waits when the daemon is told to stop.")
            .defaultsTo(10 * SECOND)
            .in("ms");

    static final Key<Integer> HISTORY_MESSAGES_PER_TOPIC = Key.of(
                    "history.messages-per-topic",
                    integer(0, 1_000_000),
                    "routing",
                    "Last messages kept of each topic for subscribers that resume; 0 keeps none.")
            .defaultsTo(1000)
            .flag("--message-buffer-size")
            .in("messages");
    static final Key<Long> HISTORY_MAX_BYTES = Key.of(
                    "history.max-bytes",
                    longInteger(0, ONE_TIB),
                    "routing",
                    "Bytes of history in all; beyond it the topic used least recently goes first.")
            .defaultsTo(50 * MIB)
            .flag("--max-buffer-memory")
            .in("bytes");
    static final Key<Long> PAUSED_SUBSCRIPTION_TTL_MS = Key.of(
                    "history.paused-subscription-ttl-ms",
                    longInteger(0, TEN_YEARS),
                    "appapi",
                    "How long a paused subscription is kept for resuming.")
            .defaultsTo(300 * SECOND)
            .flag("--paused-subscription-ttl")
            .in("ms");
    static final Key<Integer> LINGER_MS = Key.of(
                    "history.linger-ms",
                    integer(0, DAY),
                    "appapi, dialer",
                    "How long a subscription whose stream broke is kept for resuming.")
            .defaultsTo(30 * SECOND)
            .in("ms");

    static final Key<Integer> RETAINED_MAX_MESSAGES = Key.of(
                    "retained.max-messages",
                    integer(0, MANY),
                    "routing, appapi",
                    "Topics that hold a retained message at most; 0 retains none.")
            .defaultsTo(100_000)
            .in("messages");
    static final Key<Long> RETAINED_MAX_BYTES = Key.of(
                    "retained.max-bytes",
                    longInteger(0, ONE_TIB),
                    "appapi, routing",
                    "Bytes of retained messages in all.")
            .defaultsTo(64 * MIB)
            .in("bytes");

    static final Key<Integer> METRICS_TOPICS = Key.of(
                    "metrics.topics",
                    integer(0, 10_000),
                    "routing",
                    "Topics counted each on its own in the metrics, the first that come; 0 counts none.")
            .defaultsTo(0)
            .in("topics");

    static final Key<Boolean> TRACING_ENABLED = Key.of(
                    "tracing.enabled",
                    ValueTypes.trueOrFalse(),
                    "tracing",
                    "Whether spans are made of messages whose publisher has sent a sampled traceparent.")
            .defaultsTo(false);
    static final Key<String> TRACING_ENDPOINT = Key.of(
                    "tracing.endpoint",
                    ValueTypes.httpUrl(),
                    "tracing",
                    "Collector that takes the spans, by OTLP over HTTP.")
            .defaultsTo("http://127.0.0.1:4318/v1/traces");

    static final Key<Level> LOG_LEVEL = Key.of(
                    "log.level", oneOf(Level.class, Enum::name), "launch", "Least severe messages that are logged.")
            .defaultsTo("INFO")
            .flag("--log-level")
            .environment("LOG_LEVEL");
    static final Key<Format> LOG_FORMAT = Key.of(
                    "log.format",
                    oneOf(Format.class, ValueTypes::lowerCase),
                    "launch",
                    "Log lines for people (text) or for machines (json).")
            .defaultsTo("text")
            .flag("--log-format");

    static final List<Key<?>> ALL = List.of(
            CLUSTER_ID,
            NODE_NAME,
            NODE_ADVERTISE,
            MESH_BIND,
            MESH_PORT,
            MESH_OUTBOUND_QUEUE_LIMIT,
            MESH_OUTBOUND_QUEUE_BYTES,
            APP_BIND,
            APP_PORT,
            APP_MAX_PAYLOAD_BYTES,
            APP_MAX_SUBSCRIPTIONS,
            APP_MAX_TOPICS,
            ADMIN_BIND,
            ADMIN_PORT,
            ADMIN_REMOTE,
            KEEPALIVE_INTERVAL_MS,
            KEEPALIVE_TIMEOUT_MS,
            REQUEST_TIMEOUT_MS,
            IDLE_TIMEOUT_MS,
            MAX_PER_PORT,
            MAX_CONTROL_FRAMES_PER_SECOND,
            MAX_METADATA_BYTES,
            MULTICAST_ENABLED,
            MULTICAST_GROUP,
            MULTICAST_PORT,
            MULTICAST_TTL,
            MULTICAST_INTERFACE,
            BEACON_INTERVAL_MS,
            PEER_TIMEOUT_MS,
            PEERS_STATIC,
            PEERS_DNS,
            PEERS_DNS_REFRESH_MS,
            PEERS_RETRY_COUNT,
            PEERS_RETRY_INTERVAL_MS,
            PEERS_RETRY_MAX_INTERVAL_MS,
            PEERS_DIAL_TIMEOUT_MS,
            SUBSCRIBER_QUEUE_LIMIT,
            SUBSCRIBER_QUEUE_BYTES,
            BACKPRESSURE_POLICY,
            BLOCK_TIMEOUT_MS,
            DEFAULT_MESSAGE_TTL_MS,
            TTL_REAPER_INTERVAL_MS,
            DRAIN_TIMEOUT_MS,
            HISTORY_MESSAGES_PER_TOPIC,
            HISTORY_MAX_BYTES,
            PAUSED_SUBSCRIPTION_TTL_MS,
            LINGER_MS,
            RETAINED_MAX_MESSAGES,
            RETAINED_MAX_BYTES,
            METRICS_TOPICS,
            TRACING_ENABLED,
            TRACING_ENDPOINT,
            LOG_LEVEL,
            LOG_FORMAT);

    static final Map<String, Key<?>> BY_PATH =
            ALL.stream().collect(Collectors.toUnmodifiableMap(Key::path, Function.identity()));

    /** Every proper prefix of a path: the mappings of the file. */
    static final Set<String> SECTIONS = sections();

    private Keys() {}

    private static Set<String> sections() {
        Set<String> sections = new TreeSet<>();
        for (Key<?> key : ALL) {
            for (int dot = key.path().indexOf('.'); dot >= 0; dot = key.path().indexOf('.', dot + 1)) {
                sections.add(key.path().substring(0, dot));
            }
        }
        return Set.copyOf(sections);
    }
}
