package io.nexusd.bus;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Every counter that a feature counts with, under the names operators know. Thread-safe: the only objects besides the bus that
 * verticles share.
 */
public final class Meters {
    /** Why a message did not reach one of its targets. */
    public enum Dropped {
        QUEUE_FULL,
        EXPIRED,
        PEER_DOWN,
        LINK_OVERFLOW,
        DISCONNECTED
    }

    /** How a message came to a subscriber. */
    public enum Delivered {
        /** Published at this node. */
        LOCAL,
        /** Pushed by another node. */
        REMOTE,
        RETAINED,
        REPLAY
    }

    /** What became of a datagram. */
    public enum Beacon {
        ACCEPTED,
        SELF,
        OTHER_CLUSTER,
        MALFORMED
    }

    /** Why this node closed a connection to one of its listeners. */
    public enum Closed {
        /** No sign of life. */
        SILENT,
        /** A greeting or a request that did not advance. */
        UNFINISHED,
        /** No call for long. */
        IDLE,
        /** HTTP/2 frames that carry nothing. */
        FLOOD,
        /** More connections than the port may have. */
        TOO_MANY
    }

    /** What triggered a fetch of a peer's interest. */
    public enum Sync {
        HASH_CHANGED,
        LINK_UP
    }

    /** What is fetched from a peer. */
    public enum Fetched {
        /** Its interest. */
        STATE,
        MEMBERS,
        RETAINED
    }

    /** Peers that are counted under their own names; further ones share a label, so that names cannot fill the memory. */
    private static final int MAX_PEER_LABELS = 512;

    /** What is said of the gauge that every owner of a queue adds to. */
    public static final String QUEUED = "Messages that wait for subscribers or links";

    private static final String OTHER_PEERS = "(others)";

    private final MeterRegistry registry;
    private final Counter published;
    private final Counter targets;
    private final Timer latencyLocal;
    private final Timer latencyRemote;
    private final Counter beaconsSent;
    private final Counter reconnects;
    private final Counter bytesSent;
    private final Counter bytesReceived;
    private final DistributionSummary messageSize;
    private final Map<Delivered, Counter> delivered;
    private final Map<Dropped, Counter> dropped;
    private final Map<Beacon, Counter> beaconsReceived;
    private final Map<Sync, Counter> synced;
    private final Map<Closed, Counter> connectionsClosed;
    private final Map<Fetched, Counter> fetched = new EnumMap<>(Fetched.class);
    private final Map<Fetched, Counter> notFetched = new EnumMap<>(Fetched.class);
    private final Map<Membership.Reason, Counter> gone;
    /** By name of the peer; only ever added to. */
    private final Map<String, Counter> forwarded = new ConcurrentHashMap<>();

    public Meters(MeterRegistry registry) {
        this.registry = registry;
        published = counter("nexusd.messages.published", "Publishes accepted from applications");
        targets = counter("nexusd.messages.targets", "Pairs of a message and a subscription or peer it was for");
        delivered = counters(
                Delivered.class,
                "nexusd.messages.delivered",
                "Messages written to subscriber streams",
                "delivery_type");
        latencyLocal = latency("local");
        latencyRemote = latency("remote");
        beaconsSent = counter("nexusd.discovery.beacons.sent", "Multicast beacons sent");
        reconnects = counter("nexusd.mesh.reconnects", "Links that came up again after they had been up");
        bytesSent = counter("nexusd.mesh.bytes.sent", "Bytes written to links, in gRPC frames");
        bytesReceived = counter("nexusd.mesh.bytes.received", "Bytes read from links, in gRPC frames");
        messageSize = DistributionSummary.builder("nexusd.message.size.bytes")
                .description("Payload size of accepted publishes")
                .serviceLevelObjectives(64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304)
                .register(registry);
        dropped = counters(
                Dropped.class, "nexusd.messages.dropped", "Messages that did not reach a target, by reason", "reason");
        beaconsReceived = counters(
                Beacon.class,
                "nexusd.discovery.beacons.received",
                "Datagrams heard on the beacon port, by result",
                "result");
        gone = counters(
                Membership.Reason.class,
                "nexusd.mesh.peers.gone",
                "Members that are members no more, by reason",
                "reason");
        synced = counters(
                Sync.class, "nexusd.discovery.sync.operations", "Fetches of a peer's interest, by trigger", "trigger");
        connectionsClosed = counters(
                Closed.class, "nexusd.connections.closed", "Connections closed by this node, by reason", "reason");
        for (Fetched what : Fetched.values()) {
            fetched.put(what, fetches(what, "success"));
            notFetched.put(what, fetches(what, "failure"));
        }
    }

    /** Counts a connection that this node closed. */
    public void connectionClosed(Closed reason) {
        connectionsClosed.get(reason).increment();
    }

    /** Returns a reason as it is in labels and in the log. */
    public static String text(Closed reason) {
        return lower(reason);
    }

    /** Counts accepted publishes. */
    public void published(long messages) {
        published.increment(messages);
    }

    /** Records the size in bytes of the payload of an accepted publish. */
    public void payload(int payloadBytes) {
        messageSize.record(payloadBytes);
    }

    /**
     * Counts pairs of a message and a local subscription or peer that it is for. Each ends as delivered, forwarded or dropped;
     * until then it is queued.
     */
    public void targets(long count) {
        targets.increment(count);
    }

    /** Counts messages written to subscriber streams. */
    public void delivered(Delivered type, long messages) {
        if (messages > 0) {
            delivered.get(type).increment(messages);
        }
    }

    /**
     * Records how long ago, in nanoseconds, the oldest message of a write to a subscriber was published; a negative time is not
     * known and not recorded.
     */
    public void latency(boolean fromPeer, long ageNs) {
        if (ageNs >= 0) {
            (fromPeer ? latencyRemote : latencyLocal).record(ageNs, TimeUnit.NANOSECONDS);
        }
    }

    /** Counts messages that a peer has acknowledged; none makes the peer's counter show up. */
    public void forwarded(String peerName, long messages) {
        Counter counter = forwarded.get(peerName);
        if (counter == null) {
            String label = forwarded.size() < MAX_PEER_LABELS ? peerName : OTHER_PEERS;
            counter = forwarded.computeIfAbsent(
                    label,
                    name -> Counter.builder("nexusd.messages.forwarded")
                            .description("Messages acknowledged by a peer")
                            .tag("peer", name)
                            .register(registry));
        }
        counter.increment(messages);
    }

    /** Counts messages that did not reach a target. */
    public void dropped(Dropped reason, long messages) {
        if (messages > 0) {
            dropped.get(reason).increment(messages);
        }
    }

    /** Returns how many messages have been dropped for the reason since the start. */
    public long droppedSoFar(Dropped reason) {
        return (long) dropped.get(reason).count();
    }

    /** Counts one beacon sent. */
    public void beaconSent() {
        beaconsSent.increment();
    }

    /** Counts one datagram heard. */
    public void beaconReceived(Beacon result) {
        beaconsReceived.get(result).increment();
    }

    /** Counts one link that came up again. */
    public void reconnected() {
        reconnects.increment();
    }

    /** Counts one member that is a member no more. */
    public void peerGone(Membership.Reason reason) {
        gone.get(reason).increment();
    }

    /** Counts bytes written to links. */
    public void meshBytesSent(long bytes) {
        bytesSent.increment(bytes);
    }

    /** Counts bytes read from links. */
    public void meshBytesReceived(long bytes) {
        bytesReceived.increment(bytes);
    }

    /** Counts one fetch of a peer's interest. */
    public void synced(Sync trigger) {
        synced.get(trigger).increment();
    }

    /** Counts one fetch from a peer. */
    public void fetched(Fetched what, boolean success) {
        (success ? fetched : notFetched).get(what).increment();
    }

    /**
     * Shows a number that its owner writes and a scrape reads on another thread.
     *
     * @param value held by its owner for as long as it is to be shown
     * @param tags names and values in turn
     */
    public void gauge(String name, String description, Number value, String... tags) {
        Gauge.builder(name, value, Number::doubleValue)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    /** Returns the registry, for timers that their owner registers. */
    public MeterRegistry registry() {
        return registry;
    }

    /** Begins a timer of what goes on between nodes: from a round trip on a LAN to what makes people wait. */
    public static Timer.Builder exchangeTimer(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(
                        Duration.ofMillis(1),
                        Duration.ofMillis(5),
                        Duration.ofMillis(20),
                        Duration.ofMillis(100),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(2));
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    private Counter fetches(Fetched what, String result) {
        return Counter.builder("nexusd.mesh.fetches")
                .description("Fetches from peers, by what was fetched and result")
                .tag("what", lower(what))
                .tag("result", result)
                .register(registry);
    }

    /** Registers a counter for each constant, which is the value of the tag. */
    private <E extends Enum<E>> Map<E, Counter> counters(Class<E> type, String name, String description, String tag) {
        Map<E, Counter> counters = new EnumMap<>(type);
        for (E constant : type.getEnumConstants()) {
            counters.put(
                    constant,
                    Counter.builder(name)
                            .description(description)
                            .tag(tag, lower(constant))
                            .register(registry));
        }
        return counters;
    }

    private Timer latency(String type) {
        return Timer.builder("nexusd.message.latency")
                .description("From publish to the write to a subscriber; one sample a write, of its oldest message")
                .tag("delivery_type", type)
                .serviceLevelObjectives(
                        Duration.ofMillis(1),
                        Duration.ofMillis(2),
                        Duration.ofMillis(5),
                        Duration.ofMillis(10),
                        Duration.ofMillis(50),
                        Duration.ofMillis(100),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5))
                .register(registry);
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
