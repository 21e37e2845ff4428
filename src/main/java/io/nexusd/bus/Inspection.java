package io.nexusd.bus;

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
 * What people ask of a running node. Everything here is asked by the AdminService in appapi, rarely, and copies what its owner
 * holds at that moment; nothing on the way of a message waits for it.
 */
public final class Inspection {
    /** The subscriptions of this node's applications. Answered by appapi. */
    public static final Query<Void, Clients> CLIENTS = new Query<>("inspection.clients");

    /** Who would get a message on a topic. Answered by router. */
    public static final Query<ExplanationWanted, Explanation> EXPLANATION = new Query<>("inspection.explanation");

    /** How much the router holds. Answered by router. */
    public static final Query<Void, Holdings> HOLDINGS = new Query<>("inspection.holdings");

    /** What the router holds of one topic. Answered by router. */
    public static final Query<TopicWanted, TopicHoldings> TOPIC = new Query<>("inspection.topic");

    /** Retained messages, without their payloads copied. Answered by router. */
    public static final Query<RetainedWanted, RetainedFound> RETAINED = new Query<>("inspection.retained");

    /**
     * Messages numbered on the topics that each filter matches, and which filters match a retained one. Counted away from the event
     * loop over a copy of the topics. Answered by router.
     */
    public static final Query<FilterCountsWanted, FilterCounts> FILTER_COUNTS = new Query<>("inspection.filter-counts");

    /** Messages seen on each topic since the counting began; asking begins it. Answered by router. */
    public static final Query<Void, Traffic> TRAFFIC = new Query<>("inspection.traffic");

    /** How much waits for each member. Answered by dialer. */
    public static final Query<Void, Queues> QUEUES = new Query<>("inspection.queues");

    /** Fetches a linked member's view of the mesh. Answered by dialer; fails when the link does, or the member is too old. */
    public static final Query<FetchView, View> FETCH_VIEW = Query.patient("inspection.fetch-view");

    /** The log level in force, after setting one where one is given. Answered by launch. */
    public static final Query<LogLevelWanted, LogLevel> LOG_LEVEL = new Query<>("inspection.log-level");

    /** Whether anybody watches messages. From appapi, when that changes; to router. */
    public static final Address<Watching> WATCHING = new Address<>("inspection.watching");

    /**
     * Messages that the router has just seen, while anybody watches. The answer is the licence to send more: what is seen
     * while too many are under way is only counted. Answered by appapi; asked by router.
     */
    public static final Query<Seen, Void> SEEN = new Query<>("inspection.seen");

    private Inspection() {}

    /** The subscriptions, in the order of their opening. */
    public record Clients(List<Client> clients) {
        public Clients {
            clients = List.copyOf(clients);
        }
    }

    /** Whether a subscription has a stream, and why not. */
    public enum ClientState {
        STREAMING,
        /** The application asked for a pause. */
        PAUSED,
        /** Its stream broke; it may come back. */
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
            boolean retained) {}

    /** Asks who would get a message on this valid topic. */
    public record ExplanationWanted(String topic) {}

    /**
     * Who would get a message.
     *
     * @param members every node that takes part; a retained message goes to all of them
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

    /** A subscription and those of its filters that match. */
    public record LocalMatch(long handle, List<String> filters) {}

    /** A peer and those of its filters that match. */
    public record PeerMatch(NodeId id, List<String> filters) {}

    /**
     * A group that shares a matching filter.
     *
     * @param nextMember the local member whose turn is next, empty where there is none
     * @param nextNode the node whose turn is next where there is no local member
     */
    public record GroupMatch(
            String group,
            String filter,
            List<Long> members,
            List<NodeId> nodes,
            Optional<Long> nextMember,
            Optional<NodeId> nextNode) {}

    /** How much the router holds. */
    public record Holdings(
            int subscriptions,
            int filters,
            long historyBytes,
            long historyMessages,
            long retainedBytes,
            long retainedMessages) {}

    /** Asks what the router holds of this topic. */
    public record TopicWanted(String topic) {}

    /** What the router holds of a topic. */
    public record TopicHoldings(
            long lastSequence, int historyMessages, long historyBytes, Optional<Envelope> retained) {}

    /**
     * Asks for retained messages.
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

    /**
     * Asks for the counts of these filters.
     *
     * @param filters valid filters
     */
    public record FilterCountsWanted(Set<String> filters) {
        public FilterCountsWanted {
            filters = Set.copyOf(filters);
        }
    }

    /**
     * Counts by filter.
     *
     * @param messages filters without any are left out
     * @param retained filters that match a retained message
     */
    public record FilterCounts(Map<String, Long> messages, Set<String> retained) {
        public FilterCounts {
            messages = Map.copyOf(messages);
            retained = Set.copyOf(retained);
        }
    }

    /** Messages seen since the counting began; {@code others} are those on topics beyond the ones that are told apart. */
    public record Traffic(List<TopicTraffic> topics, TopicTraffic others) {
        public Traffic {
            topics = List.copyOf(topics);
        }
    }

    /** Messages seen on one topic: published here, taken from peers, and the bytes of both. */
    public record TopicTraffic(String topic, long published, long fromPeers, long bytes) {}

    /** How much waits for each member. */
    public record Queues(List<Queue> queues) {
        public Queues {
            queues = List.copyOf(queues);
        }
    }

    /** Messages that wait for a member or are not acknowledged by it. */
    public record Queue(NodeId id, int waiting) {}

    /** Asks a linked member for its view. */
    public record FetchView(NodeId id) {}

    /** The members as one of them sees the others. */
    public record View(NodeId id, List<MemberView> members) {
        public View {
            members = List.copyOf(members);
        }
    }

    /** A member as another one sees it. */
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

    /** Asks for the log level; sets it where one is given. */
    public record LogLevelWanted(Optional<Level> level) {}

    /** The level in force, and the one that is configured. */
    public record LogLevel(Level inForce, Level configured) {}

    /** Whether anybody watches. */
    public record Watching(boolean anybody) {}

    /** Messages in the order of routing, and how many before them were only counted. */
    public record Seen(List<SeenMessage> messages, long missed) {
        public Seen {
            messages = List.copyOf(messages);
        }
    }

    /** A message and how many get it from here. */
    public record SeenMessage(Envelope envelope, boolean fromPeer, int subscriptions, int peers) {}
}
