package io.nexusd.bus;

import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import java.util.List;
import java.util.Map;

/** Messages on their way and the interest that steers them. Bursts cross the bus as one record. */
public final class Routing {
    /**
     * Routes accepted publishes of this node's applications, in order: to matching local subscriptions and once to every
     * peer with matching interest. Answered by router, after its DELIVER and FORWARD for them; asked by appapi.
     */
    public static final Query<Publish, Published> PUBLISH = new Query<>("routing.publish");

    /**
     * Routes messages of a peer, in order, to local subscriptions only: one hop, no loops. The answer is the
     * acknowledgement, and the sender's licence to bring more. Answered by router; asked by meshapi.
     */
    public static final Query<PeerMessages, PeerMessagesTaken> PEER_MESSAGES = new Query<>("routing.peer-messages");

    /**
     * Local publishes for local subscriptions. From router; to appapi. In the order of routing; never lost. Bounded because
     * the publisher's own window is on the same event loop as the receiver.
     */
    public static final Address<Deliver> DELIVER = new Address<>("routing.deliver");

    /**
     * Messages of peers for local subscriptions, in the order of routing. The answer says that appapi has them, so that a
     * peer is not read faster than applications are served. Answered by appapi; asked by router.
     */
    public static final Query<Deliver, Delivered> DELIVER_FROM_PEER = new Query<>("routing.deliver-from-peer");

    /**
     * Messages for peers, in the order of routing. The answer says that they wait in the outbound queues or are counted as
     * dropped. Answered by dialer; asked by router.
     */
    public static final Query<Forward, Forwarded> FORWARD = new Query<>("routing.forward");

    /** Adds a local subscription; messages routed after the answer reach it. Answered by router; asked by appapi. */
    public static final Query<Subscribe, Subscribed> SUBSCRIBE = new Query<>("routing.subscribe");

    /** Removes a local subscription; unknown handles are ignored. From appapi; to router. */
    public static final Address<Unsubscribe> UNSUBSCRIBE = new Address<>("routing.unsubscribe");

    /** The filters held by local subscriptions. Answered by router; asked by appapi and admin. */
    public static final Query<TopicsWanted, Topics> TOPICS = new Query<>("routing.topics");

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

    /** For each publish of the request, in order: matching local subscriptions plus interested peers. */
    public record Published(List<Integer> receivers) {}

    /**
     * Messages a peer has pushed, in order.
     *
     * @param from the pushing node, or what it calls itself: a base peer does not say who pushes
     * @param mayRepeat the way they came may bring the same message again, so compare message ids; false where sequence
     *     numbers have already sorted out repeats
     */
    public record PeerMessages(String from, List<Envelope> envelopes, boolean mayRepeat) {
        public PeerMessages {
            envelopes = List.copyOf(envelopes);
        }
    }

    /** The messages are routed. */
    public record PeerMessagesTaken() {}

    /** Messages for local subscriptions, in order. */
    public record Deliver(List<Delivery> deliveries) {
        public Deliver {
            deliveries = List.copyOf(deliveries);
        }
    }

    /** One message and the handles of the local subscriptions that get it, each once. The list is immutable and shared. */
    public record Delivery(Envelope envelope, List<Long> subscriptions, boolean fromPeer) {}

    /** The messages wait in the subscribers' queues, or are counted as dropped. */
    public record Delivered() {}

    /** Messages for peers, in order. */
    public record Forward(List<Forwarding> forwardings) {
        public Forward {
            forwardings = List.copyOf(forwardings);
        }
    }

    /** One message and the peers that get it, each once. The list is immutable and shared. */
    public record Forwarding(Envelope envelope, List<NodeId> peers) {}

    /** The messages wait in the outbound queues, or are counted as dropped. */
    public record Forwarded() {}

    /** A local subscription: appapi's handle for it and its valid filters, distinct. */
    public record Subscribe(long handle, List<String> filters) {
        public Subscribe {
            filters = List.copyOf(filters);
        }
    }

    /** The subscription takes part in routing. */
    public record Subscribed() {}

    /** Removes the subscription with this handle. */
    public record Unsubscribe(long handle) {}

    /** Asks for the filters held by local subscriptions. */
    public record TopicsWanted() {}

    /** Filter to number of local subscriptions that hold it. */
    public record Topics(Map<String, Integer> subscriptionsByFilter) {
        public Topics {
            subscriptionsByFilter = Map.copyOf(subscriptionsByFilter);
        }
    }

    /** This node's distinct filters in ascending byte order, and their hash. */
    public record LocalInterest(List<String> filters, long topicHash) {
        public LocalInterest {
            filters = List.copyOf(filters);
        }
    }
}
