package io.nexusd.bus;

import static io.nexusd.bus.Component.ADMIN;
import static io.nexusd.bus.Component.APPAPI;
import static io.nexusd.bus.Component.DIALER;
import static io.nexusd.bus.Component.LAUNCH;
import static io.nexusd.bus.Component.ROUTING;

import io.nexusd.bus.Links.Member;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import io.nexusd.model.Settings.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Queries of the state of a running node, for operators. They are rare, and a reply is a copy of the state at that moment. No
 * message waits for them.
 */
public final class Inspection {
    /** Requests the subscriptions of this node's applications. */
    @Flow(
            from = {ADMIN, APPAPI},
            to = APPAPI)
    public static final Query<Void, Clients> CLIENTS = new Query<>("inspection.clients");

    /** Requests the receivers that a message on a topic would have. */
    @Flow(from = APPAPI, to = ROUTING)
    public static final Query<ExplanationWanted, Explanation> EXPLANATION = new Query<>("inspection.explanation");

    /** Requests the sizes of the router's state. */
    @Flow(from = APPAPI, to = ROUTING)
    public static final Query<Void, Holdings> HOLDINGS = new Query<>("inspection.holdings");

    /** Requests the router's state of one topic. */
    @Flow(from = APPAPI, to = ROUTING)
    public static final Query<TopicWanted, TopicHoldings> TOPIC = new Query<>("inspection.topic");

    /** Requests retained messages. Their payloads are not copied. */
    @Flow(from = APPAPI, to = ROUTING)
    public static final Query<RetainedWanted, RetainedFound> RETAINED = new Query<>("inspection.retained");

    /**
     * Requests, for each of some filters, the number of messages on matching topics, and whether it matches a retained message. Counted
     * outside of the event loop, over a copy of the topics.
     */
    @Flow(from = APPAPI, to = ROUTING)
    public static final Query<FilterCountsWanted, FilterCounts> FILTER_COUNTS = new Query<>("inspection.filter-counts");

    /** Requests the number of messages by topic. The first request starts the counting, which stops when requests stop. */
    @Flow(from = APPAPI, to = ROUTING)
    public static final Query<Void, Traffic> TRAFFIC = new Query<>("inspection.traffic");

    /** Requests the number of queued messages by member. */
    @Flow(from = APPAPI, to = DIALER)
    public static final Query<Void, Queues> QUEUES = new Query<>("inspection.queues");

    /** Fetches the membership table of a member over its link. Fails when the link is down or breaks, and for an older member. */
    @Flow(from = APPAPI, to = DIALER)
    public static final Query<FetchView, View> FETCH_VIEW = Query.patient("inspection.fetch-view");

    /** Requests the log level in force, and sets it where the request has one. */
    @Flow(from = APPAPI, to = LAUNCH)
    public static final Query<LogLevelWanted, LogLevel> LOG_LEVEL = new Query<>("inspection.log-level");

    /** The message tap was switched on or off. */
    @Flow(from = APPAPI, to = ROUTING)
    public static final Address<Watching> WATCHING = new Address<>("inspection.watching");

    /**
     * Passes tapped messages to the clients that watch them. The reply permits the router to send more; beyond a few requests in
     * flight, further messages are only counted. Sent while the tap is on; a request in flight may still come after it was switched off.
     */
    @Flow(from = ROUTING, to = APPAPI)
    public static final Query<Seen, Void> SEEN = new Query<>("inspection.seen");

    private Inspection() {}

    /** The subscriptions, in the order of their opening. */
    public record Clients(List<Client> clients) {
        public Clients {
            clients = List.copyOf(clients);
        }
    }

    /** Whether a subscription has a stream, and the reason if not. */
    public enum ClientState {
        STREAMING,
        /** The application paused it. */
        PAUSED,
        /** Its stream broke; it may be resumed. */
        AWAY
    }

    /**
     * One subscription.
     *
     * @param handle its number in {@link Routing}
     * @param address host:port of the application, empty without a stream
     * @param delivered live messages written to its streams
     * @param missed messages that came while it had no stream
     */
    public record Client(
            long handle,
            String id,
            List<String> filters,
            String group,
            ClientState state,
            String address,
            long createdMs,
            int queueDepth,
            int queueLimit,
            long delivered,
            long dropped,
            long expired,
            long missed,
            boolean batches,
            boolean retained) {
        public Client {
            filters = List.copyOf(filters);
        }
    }

    /** A valid topic. */
    public record ExplanationWanted(String topic) {}

    /**
     * The receivers that a message would have.
     *
     * @param members number of all members, to which a retained message is forwarded
     */
    public record Explanation(
            List<LocalMatch> subscriptions,
            List<PeerMatch> peers,
            List<GroupMatch> groups,
            Optional<Envelope> retained,
            int members) {
        public Explanation {
            subscriptions = List.copyOf(subscriptions);
            peers = List.copyOf(peers);
            groups = List.copyOf(groups);
        }
    }

    /** A subscription and its matching filters. */
    public record LocalMatch(long handle, List<String> filters) {
        public LocalMatch {
            filters = List.copyOf(filters);
        }
    }

    /** A peer and its matching filters. */
    public record PeerMatch(NodeId id, List<String> filters) {
        public PeerMatch {
            filters = List.copyOf(filters);
        }
    }

    /**
     * A group that shares a matching filter.
     *
     * @param nextMember the local member that gets the next message, empty where there is none
     * @param nextNode the node that gets the next message where there is no local member
     */
    public record GroupMatch(
            String group,
            String filter,
            List<Long> members,
            List<NodeId> nodes,
            Optional<Long> nextMember,
            Optional<NodeId> nextNode) {
        public GroupMatch {
            members = List.copyOf(members);
            nodes = List.copyOf(nodes);
        }
    }

    /** The sizes of the router's state. */
    public record Holdings(
            int subscriptions,
            int filters,
            long historyBytes,
            long historyMessages,
            long retainedBytes,
            long retainedMessages) {}

    /** A topic. */
    public record TopicWanted(String topic) {}

    /** The router's state of one topic. */
    public record TopicHoldings(
            long lastSequence, int historyMessages, long historyBytes, Optional<Envelope> retained) {}

    /**
     * A request of retained messages.
     *
     * @param filter a valid filter
     */
    public record RetainedWanted(String filter, int limit) {}

    /** Retained messages, and whether there are more. */
    public record RetainedFound(List<Envelope> envelopes, boolean more) {
        public RetainedFound {
            envelopes = List.copyOf(envelopes);
        }
    }

    /** Valid filters to count. */
    public record FilterCountsWanted(Set<String> filters) {
        public FilterCountsWanted {
            filters = Set.copyOf(filters);
        }
    }

    /**
     * Counts by filter.
     *
     * @param messages number of messages; filters without any are left out
     * @param retained filters that match a retained message
     */
    public record FilterCounts(Map<String, Long> messages, Set<String> retained) {
        public FilterCounts {
            messages = Map.copyOf(messages);
            retained = Set.copyOf(retained);
        }
    }

    /** Messages since the counting began; {@code others} sums the topics beyond the maximum number of counted topics. */
    public record Traffic(List<TopicTraffic> topics, TopicTraffic others) {
        public Traffic {
            topics = List.copyOf(topics);
        }
    }

    /** Messages on one topic: published on this node, received from peers, and the bytes of both. */
    public record TopicTraffic(String topic, long published, long fromPeers, long bytes) {}

    /** The queues of all members. */
    public record Queues(List<Queue> queues) {
        public Queues {
            queues = List.copyOf(queues);
        }
    }

    /** The number of messages that are queued for a member or not yet acknowledged by it. */
    public record Queue(NodeId id, int waiting) {}

    /** The member whose membership table is fetched. */
    public record FetchView(NodeId id) {}

    /** The membership table of another member. */
    public record View(NodeId id, List<MemberView> members) {
        public View {
            members = List.copyOf(members);
        }
    }

    /** One entry of the membership table of another member. */
    public record MemberView(
            Member member,
            boolean suspected,
            boolean linked,
            OptionalLong roundTripUs,
            OptionalLong clockAheadMs,
            String version,
            int protocolVersion,
            long silentMs,
            int appPort) {}

    /** The log level to set, if any. */
    public record LogLevelWanted(Optional<Level> level) {}

    /** The log level in force and the configured one. */
    public record LogLevel(Level inForce, Level configured) {}

    /** Whether any client watches messages. */
    public record Watching(boolean anybody) {}

    /** Tapped messages in the order of routing, and the number of messages before them that were only counted. */
    public record Seen(List<SeenMessage> messages, long missed) {
        public Seen {
            messages = List.copyOf(messages);
        }
    }

    /** A tapped message and the number of its receivers on this node and of peers. */
    public record SeenMessage(Envelope envelope, boolean fromPeer, int subscriptions, int peers) {}
}
