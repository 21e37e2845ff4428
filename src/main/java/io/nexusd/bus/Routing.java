package io.nexusd.bus;

import static io.nexusd.bus.Component.ADMIN;
import static io.nexusd.bus.Component.APPAPI;
import static io.nexusd.bus.Component.DIALER;
import static io.nexusd.bus.Component.GOSSIP;
import static io.nexusd.bus.Component.MESHAPI;
import static io.nexusd.bus.Component.ROUTING;

import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import java.util.List;
import java.util.Map;

/** Messages between applications, router and peers, and the interest by which they are routed. A burst of messages is one record. */
public final class Routing {
    /**
     * Routes a burst of accepted publishes, in order: to the matching local subscriptions, and once to every peer with matching
     * interest. The reply waits for the reply of DELIVER, and for that of FORWARD while the links are behind. The limits on unanswered
     * publishes of a call bound the requests in flight.
     */
    @Flow(from = APPAPI, to = ROUTING)
    public static final Query<Publish, Published> PUBLISH = Query.patient("routing.publish");

    /**
     * Routes messages of a peer, in order, to local subscriptions only, so that no message takes more than one hop. The reply is the
     * acknowledgement and permits the sender to bring more.
     */
    @Flow(from = MESHAPI, to = ROUTING)
    public static final Query<PeerMessages, Void> PEER_MESSAGES = Query.patient("routing.peer-messages");

    /**
     * Delivers messages to local subscriptions, in the order in which they were routed. The reply means that the messages are in
     * the queues of the subscribers or are counted as dropped; for messages of a peer, also that the streams have taken what they take
     * now, so that a peer is not read faster than its messages are delivered. It comes late while a subscriber is behind but making
     * progress, and under the policy {@code block}. The windows of publishers and links bound the requests in flight.
     */
    @Flow(from = ROUTING, to = APPAPI)
    public static final Query<Deliver, Delivered> DELIVER = Query.patient("routing.deliver");

    /** A retained message was fetched from another node after these subscriptions had been opened. In order with DELIVER. */
    @Flow(from = ROUTING, to = APPAPI)
    public static final Address<RetainedFound> RETAINED_FOUND = new Address<>("routing.retained-found");

    /**
     * Forwards messages to peers, in the order in which they were routed. The reply means that the messages are in the outbound queues
     * or are counted as dropped. It comes late while a link is behind but making progress, and under the policy {@code block}.
     */
    @Flow(from = ROUTING, to = DIALER)
    public static final Query<Forward, Forwarded> FORWARD = Query.patient("routing.forward");

    /**
     * Messages of groups whose assigned member is no longer available, to be assigned to another member. A message without another
     * member is counted as dropped.
     */
    @Flow(
            from = {APPAPI, DIALER},
            to = ROUTING)
    public static final Address<Handover> HANDOVER = new Address<>("routing.handover");

    /**
     * The interest by which routing forwards messages to this peer from now on. In order with FORWARD: dialer keeps the messages of
     * the peer's previous instance until then, so that they precede newer ones.
     */
    @Flow(from = ROUTING, to = DIALER)
    public static final Address<PeerRoutes> PEER_ROUTES = new Address<>("routing.peer-routes");

    /** Adds a local subscription. Messages that are routed after the reply are delivered to it. */
    @Flow(from = APPAPI, to = ROUTING)
    public static final Query<Subscribe, Subscribed> SUBSCRIBE = new Query<>("routing.subscribe");

    /** Removes a local subscription. An unknown handle is ignored. */
    @Flow(from = APPAPI, to = ROUTING)
    public static final Address<Unsubscribe> UNSUBSCRIBE = new Address<>("routing.unsubscribe");

    /**
     * Requests the messages that a resumed subscription has missed. The reply covers every message that was routed before it; messages
     * that are routed later are delivered after it.
     */
    @Flow(from = APPAPI, to = ROUTING)
    public static final Query<Replay, Replayed> REPLAY = new Query<>("routing.replay");

    /** Requests the filters of the local subscriptions. */
    @Flow(
            from = {ADMIN, APPAPI},
            to = ROUTING)
    public static final Query<Void, Topics> TOPICS = new Query<>("routing.topics");

    /**
     * The complete interest of this node after a change. Changes within milliseconds are combined, and changes of a large interest are
     * combined for longer.
     */
    @Flow(from = ROUTING, to = GOSSIP)
    public static final Address<LocalInterest> LOCAL_INTEREST = new Address<>("routing.local-interest");

    private Routing() {}

    /** Accepted publishes, in order. */
    public record Publish(List<Envelope> envelopes) {
        public Publish {
            envelopes = List.copyOf(envelopes);
        }
    }

    /**
     * The outcome of a publish.
     *
     * @param receivers for each publish of the request, in order, the number of matching local subscriptions and interested peers
     * @param full what full queues did, by the index of the publish; an index may occur more than once
     */
    public record Published(List<Integer> receivers, List<FullQueues> full) {
        public Published {
            receivers = List.copyOf(receivers);
            full = List.copyOf(full);
        }
    }

    /**
     * What full queues, of subscribers or links, did to one message of a list, and the subscriptions without a stream.
     *
     * @param index its place in the list, from 0
     * @param dropped receivers that dropped a message to make room for it, or dropped it
     * @param blocked receivers at which it waited for room
     * @param waiting receiving subscriptions that have no stream now
     */
    public record FullQueues(int index, int dropped, int blocked, int waiting) {}

    /**
     * Messages of a peer, in order.
     *
     * @param fromBase whether it is a base peer, which may send a message twice, so that ids are compared, and which knows no groups
     */
    public record PeerMessages(List<Incoming> messages, boolean fromBase) {
        public PeerMessages {
            messages = List.copyOf(messages);
        }
    }

    /**
     * One message of a peer.
     *
     * @param plain whether it is for the subscriptions without a group
     * @param shares the groups of which it is for one member each ({@link io.nexusd.model.Share#interest()})
     * @param hops how often it was assigned to another member because the previous one was no longer available
     */
    public record Incoming(Envelope envelope, boolean plain, List<String> shares, int hops) {
        public Incoming {
            shares = List.copyOf(shares);
        }
    }

    /** Messages for local subscriptions, in order. */
    public record Deliver(List<Delivery> deliveries) {
        public Deliver {
            deliveries = List.copyOf(deliveries);
        }
    }

    /**
     * One message and the handles of the local subscriptions that get it, each once.
     *
     * @param sequence its number on its topic on this node, 0 for none
     * @param picks the group members to which it is assigned, besides the subscriptions without a group
     */
    public record Delivery(
            Envelope envelope, long sequence, List<Long> subscriptions, List<Pick> picks, boolean fromPeer) {
        public Delivery {
            subscriptions = List.copyOf(subscriptions);
            picks = List.copyOf(picks);
        }

        public int targets() {
            return subscriptions.size() + picks.size();
        }
    }

    /** A group member to which a message is assigned. */
    public record Pick(long handle, String share, int hops) {}

    /**
     * The outcome of a delivery: the messages are in the queues of the subscribers or are counted as dropped.
     *
     * @param full what full queues did, by the index of the delivery
     */
    public record Delivered(List<FullQueues> full) {
        public Delivered {
            full = List.copyOf(full);
        }
    }

    /**
     * A retained message for these subscriptions.
     *
     * @param first whether it is the first retained message on its topic that they get; otherwise it is a change of the known one
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

        /** The number of pairs of a message and a peer. */
        public int targets() {
            return forwardings.stream()
                    .mapToInt(forwarding -> forwarding.receivers().size())
                    .sum();
        }
    }

    /** One message and the peers that get it, each once. */
    public record Forwarding(Envelope envelope, List<Receiver> receivers) {
        public Forwarding {
            receivers = List.copyOf(receivers);
        }
    }

    /**
     * A peer that gets a message.
     *
     * @param plain whether the message is for its subscriptions without a group
     * @param shares the groups of which the message is for one member each
     */
    public record Receiver(NodeId id, boolean plain, List<String> shares, int hops) {
        public Receiver {
            shares = List.copyOf(shares);
        }
    }

    /**
     * The outcome of a forwarding: the messages are in the outbound queues or are counted as dropped.
     *
     * @param full what full queues did, by the index of the forwarding
     */
    public record Forwarded(List<FullQueues> full) {
        public Forwarded {
            full = List.copyOf(full);
        }
    }

    /** Messages of groups that are to be assigned to another member. */
    public record Handover(List<Handed> messages) {
        public Handover {
            messages = List.copyOf(messages);
        }
    }

    /**
     * One message that its assigned group member did not get.
     *
     * @param sequence its number on its topic on this node, 0 where it is unknown
     */
    public record Handed(Envelope envelope, String share, int hops, long sequence) {}

    /** The interest by which messages are forwarded to a peer. */
    public record PeerRoutes(NodeId id, List<String> filters) {
        public PeerRoutes {
            filters = List.copyOf(filters);
        }
    }

    /**
     * A new local subscription: its handle, which appapi chooses, and its valid, distinct filters.
     *
     * @param group the group that shares the messages, empty for none
     * @param wantsRetained whether it gets retained messages
     */
    public record Subscribe(long handle, List<String> filters, String group, boolean wantsRetained) {
        public Subscribe {
            filters = List.copyOf(filters);
        }
    }

    /** The retained messages on the topics of an added subscription, if it wants them. */
    public record Subscribed(List<Envelope> retained) {
        public Subscribed {
            retained = List.copyOf(retained);
        }
    }

    /** The handle of the subscription to remove. */
    public record Unsubscribe(long handle) {}

    /** A message with its number on its topic on this node. */
    public record Numbered(Envelope envelope, long sequence) {}

    /**
     * The messages that a subscription wants and those that it has.
     *
     * @param after by topic, the last number that the application has, as it states
     * @param writtenUpTo by topic, the last number that was written to its stream, for topics with later messages; the application may
     *     have less
     * @param afterMessageId the last message that the application has, empty for none; on topics that are not in {@code after}, the
     *     application has the messages before it
     * @param messages whether the messages are wanted, or only the numbers
     * @param retained whether the retained messages on its topics are wanted; if {@code messages} are, they are sent in any case for
     *     topics whose history has a gap
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
     * The messages that a subscription has missed.
     *
     * @param exact whether this node knows every position that the application states; if not, the whole history of those topics
     *     is included, and the number of missing messages is unknown
     */
    public record Replayed(List<TopicReplay> topics, List<Envelope> retained, boolean exact) {
        public Replayed {
            topics = List.copyOf(topics);
            retained = List.copyOf(retained);
        }
    }

    /** The messages in the history of one topic with numbers above {@code after}, and the newest number of the topic. */
    public record TopicReplay(String topic, long after, List<Numbered> messages, long lastSequence) {
        public TopicReplay {
            messages = List.copyOf(messages);
        }

        /** The size of the gap: messages that are numbered but no longer in the history. */
        public long missing() {
            return Math.max(0, lastSequence - after) - messages.size();
        }
    }

    /** The number of local subscriptions by filter. */
    public record Topics(Map<String, Integer> subscriptionsByFilter) {
        public Topics {
            subscriptionsByFilter = Map.copyOf(subscriptionsByFilter);
        }
    }

    /** The distinct filters of this node, those of groups included, in ascending byte order, and their hash. */
    public record LocalInterest(List<String> filters, long topicHash) {
        public LocalInterest {
            filters = List.copyOf(filters);
        }
    }
}
