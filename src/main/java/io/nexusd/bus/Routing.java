package io.nexusd.bus;

import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import java.util.List;
import java.util.Map;

/** Messages on their way and the interest that steers them. Bursts cross the bus as one record. */
public final class Routing {
    /**
     * Routes accepted publishes of this node's applications, in order: to matching local subscriptions and once to every
     * peer with matching interest. The answer waits for those of DELIVER and, where links are behind, FORWARD. Answered by
     * router; asked by appapi.
     */
    public static final Query<Publish, Published> PUBLISH = Query.patient("routing.publish");

    /**
     * Routes messages of a peer, in order, to local subscriptions only: one hop, no loops. The answer is the
     * acknowledgement, and the sender's licence to bring more. Answered by router; asked by meshapi.
     */
    public static final Query<PeerMessages, Void> PEER_MESSAGES = Query.patient("routing.peer-messages");

    /**
     * Messages for local subscriptions, in the order of routing. The answer says that they wait in the subscribers' queues, or
     * are counted as dropped; for messages of peers also that the streams have got what they take now, so that a peer is not
     * read faster than applications are served. While a subscriber is behind but moving, or the policy is {@code block}, it
     * comes late. Answered by appapi; asked by router, which is bounded by the windows of publishers and links.
     */
    public static final Query<Deliver, Delivered> DELIVER = Query.patient("routing.deliver");

    /**
     * A retained message that came from another node after these subscriptions were opened. From router; to appapi. In order
     * with DELIVER.
     */
    public static final Address<RetainedFound> RETAINED_FOUND = new Address<>("routing.retained-found");

    /**
     * Messages for peers, in the order of routing. The answer says that they wait in the outbound queues or are counted as
     * dropped; while a link is behind but moving, or the policy is {@code block}, it comes late. Answered by dialer; asked by
     * router.
     */
    public static final Query<Forward, Forwarded> FORWARD = Query.patient("routing.forward");

    /**
     * Shared messages whose member is gone before it got them, for another one. From appapi and dialer; to router. What
     * nobody shares any more is counted as dropped.
     */
    public static final Address<Handover> HANDOVER = new Address<>("routing.handover");

    /**
     * Messages on these filters now go to this peer. From router, ordered with FORWARD; to dialer, which keeps messages of a
     * peer's former instance until then.
     */
    public static final Address<PeerRoutes> PEER_ROUTES = new Address<>("routing.peer-routes");

    /** Adds a local subscription; messages routed after the answer reach it. Answered by router; asked by appapi. */
    public static final Query<Subscribe, Subscribed> SUBSCRIBE = new Query<>("routing.subscribe");

    /** Removes a local subscription; unknown handles are ignored. From appapi; to router. */
    public static final Address<Unsubscribe> UNSUBSCRIBE = new Address<>("routing.unsubscribe");

    /**
     * Messages that were routed before the answer, for a subscription that takes up its stream again. What is routed later
     * comes as DELIVER, after the answer. Answered by router; asked by appapi.
     */
    public static final Query<Replay, Replayed> REPLAY = new Query<>("routing.replay");

    /** The filters held by local subscriptions. Answered by router; asked by appapi and admin. */
    public static final Query<Void, Topics> TOPICS = new Query<>("routing.topics");

    /**
     * This node's interest as a whole after it changed; several changes within milliseconds are told once. From router; to
     * gossip.
     */
    public static final Address<LocalInterest> LOCAL_INTEREST = new Address<>("routing.local-interest");

    private Routing() {}

    /** Accepted publishes in order. */
    public record Publish(List<Envelope> envelopes) {
        public Publish {
            envelopes = List.copyOf(envelopes);
        }
    }

    /**
     * What became of a publish.
     *
     * @param receivers for each publish of the request, in order: matching local subscriptions plus interested peers
     * @param full what is known of full queues, by the index of the publish; one may be named more than once
     */
    public record Published(List<Integer> receivers, List<FullQueues> full) {}

    /**
     * What full queues, of subscribers or links, did to one message of a list, and receivers that only wait for it.
     *
     * @param index its place in the list, from 0
     * @param dropped receivers at which something was dropped for it
     * @param blocked receivers at which it waited for room
     * @param waiting subscriptions that have no stream now; they are among the receivers
     */
    public record FullQueues(int index, int dropped, int blocked, int waiting) {}

    /**
     * Messages a peer has pushed, in order.
     *
     * @param fromBase it is a base peer: the way its messages come may bring one again, so ids are compared, and it knows of
     *     no groups
     */
    public record PeerMessages(List<Incoming> messages, boolean fromBase) {
        public PeerMessages {
            messages = List.copyOf(messages);
        }
    }

    /**
     * One message of a peer.
     *
     * @param plain it is for the subscriptions without a group
     * @param shares it is for one member of each of these ({@link io.nexusd.model.Share#interest()})
     * @param hops how often it was handed over from a member that was gone
     */
    public record Incoming(Envelope envelope, boolean plain, List<String> shares, int hops) {}

    /** Messages for local subscriptions, in order. */
    public record Deliver(List<Delivery> deliveries) {
        public Deliver {
            deliveries = List.copyOf(deliveries);
        }
    }

    /**
     * One message and the handles of the local subscriptions that get it, each once. The lists are immutable and shared.
     *
     * @param sequence its number on its topic on this node, 0 for none
     * @param picks the members that were picked for it, besides the subscriptions without a group
     */
    public record Delivery(
            Envelope envelope, long sequence, List<Long> subscriptions, List<Pick> picks, boolean fromPeer) {
        public int targets() {
            return subscriptions.size() + picks.size();
        }
    }

    /** A member picked to get a shared message. */
    public record Pick(long handle, String share, int hops) {}

    /**
     * The messages wait in the subscribers' queues, or are counted as dropped.
     *
     * @param full those for which a queue was full, by the index of the delivery
     */
    public record Delivered(List<FullQueues> full) {
        public Delivered {
            full = List.copyOf(full);
        }
    }

    /**
     * A retained message for these subscriptions.
     *
     * @param first they have not been told of one on this topic before; otherwise it is news of one they know
     */
    public record RetainedFound(Envelope envelope, List<Long> subscriptions, boolean first) {
        public RetainedFound {
            subscriptions = List.copyOf(subscriptions);
        }
    }

    /** Messages for peers, in order. */
    public record Forward(List<Forwarding> forwardings) {
        public Forward {
            forwardings = List.copyOf(forwardings);
        }

        /** Returns how many pairs of message and peer there are. */
        public int targets() {
            return forwardings.stream()
                    .mapToInt(forwarding -> forwarding.receivers().size())
                    .sum();
        }
    }

    /** One message and the peers that get it, each once. The list is immutable and shared. */
    public record Forwarding(Envelope envelope, List<Receiver> receivers) {}

    /**
     * A peer that gets a message.
     *
     * @param plain for its subscriptions without a group
     * @param shares for one member of each of these
     */
    public record Receiver(NodeId id, boolean plain, List<String> shares, int hops) {}

    /**
     * The messages wait in the outbound queues, or are counted as dropped.
     *
     * @param full those for which a queue was full, by the index of the forwarding
     */
    public record Forwarded(List<FullQueues> full) {
        public Forwarded {
            full = List.copyOf(full);
        }
    }

    /** Shared messages for another member. */
    public record Handover(List<Handed> messages) {
        public Handover {
            messages = List.copyOf(messages);
        }
    }

    /**
     * One message that its member did not get.
     *
     * @param sequence its number on its topic on this node, 0 where the sender does not know one
     */
    public record Handed(Envelope envelope, String share, int hops, long sequence) {}

    /** A peer's interest as the router follows it. */
    public record PeerRoutes(NodeId id, List<String> filters) {}

    /**
     * A local subscription: appapi's handle for it and its valid filters, distinct.
     *
     * @param group the group whose members share the messages, empty for none
     * @param wantsRetained it is told of retained messages
     */
    public record Subscribe(long handle, List<String> filters, String group, boolean wantsRetained) {
        public Subscribe {
            filters = List.copyOf(filters);
        }
    }

    /** The subscription takes part in routing; these are the retained messages on its topics, if it wants them. */
    public record Subscribed(List<Envelope> retained) {}

    /** Removes the subscription with this handle. */
    public record Unsubscribe(long handle) {}

    /** A message with its number on its topic on this node. */
    public record Numbered(Envelope envelope, long sequence) {}

    /**
     * Asks for what a subscription has not got.
     *
     * @param after topic to the last number the application has, as it says
     * @param writtenUpTo topic to the last number that was written to its stream, for topics on which more came since; the
     *     application may have less
     * @param afterMessageId where not empty: the last message the application has; on topics of which {@code after} says
     *     nothing, it has what came before
     * @param messages whether the messages are wanted, or only the numbers
     * @param retained whether retained messages on its topics are wanted; where messages are, those on topics of which some are not
     *     there any more come in any case
     */
    public record Replay(
            List<String> filters,
            Map<String, Long> after,
            Map<String, Long> writtenUpTo,
            String afterMessageId,
            boolean messages,
            boolean retained) {
        public Replay {
            filters = List.copyOf(filters);
            after = Map.copyOf(after);
            writtenUpTo = Map.copyOf(writtenUpTo);
        }
    }

    /**
     * What a subscription has not got.
     *
     * @param exact whether everything the application says it has could be placed here; where not, all that is there on those
     *     topics is among the messages, and how much is missing cannot be known
     */
    public record Replayed(List<TopicReplay> topics, List<Envelope> retained, boolean exact) {
        public Replayed {
            topics = List.copyOf(topics);
            retained = List.copyOf(retained);
        }
    }

    /** The messages on one topic numbered above {@code after}, as far as they are there, and the newest number given. */
    public record TopicReplay(String topic, long after, List<Numbered> messages, long lastSequence) {
        public TopicReplay {
            messages = List.copyOf(messages);
        }

        /** Returns how many messages were numbered that are not among these. */
        public long missing() {
            return Math.max(0, lastSequence - after) - messages.size();
        }
    }

    /** Filter to number of local subscriptions that hold it. */
    public record Topics(Map<String, Integer> subscriptionsByFilter) {
        public Topics {
            subscriptionsByFilter = Map.copyOf(subscriptionsByFilter);
        }
    }

    /** This node's distinct filters, shares among them, in ascending byte order, and their hash. */
    public record LocalInterest(List<String> filters, long topicHash) {
        public LocalInterest {
            filters = List.copyOf(filters);
        }
    }
}
