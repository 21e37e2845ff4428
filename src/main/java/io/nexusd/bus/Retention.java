package io.nexusd.bus;

import static io.nexusd.bus.Component.DIALER;
import static io.nexusd.bus.Component.GOSSIP;
import static io.nexusd.bus.Component.MESHAPI;
import static io.nexusd.bus.Component.ROUTING;

import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import java.util.List;

/** Retained messages, one per topic, and the anti-entropy between nodes. Routing owns those of this node. */
public final class Retention {
    /** The hash of this node's retained messages has changed. Heartbeats carry it. Several changes within a short time are combined. */
    @Flow(from = ROUTING, to = GOSSIP)
    public static final Address<LocalRetained> LOCAL_RETAINED = new Address<>("retention.local-retained");

    /** The retained messages of a linked member differ from this node's. Sent with each heartbeat of the member while they differ. */
    @Flow(from = GOSSIP, to = ROUTING)
    public static final Address<PeerRetained> PEER_RETAINED = new Address<>("retention.peer-retained");

    /** The retained messages that a base peer sent with its state. Sent when the link to it comes up, unless there are none. */
    @Flow(from = DIALER, to = ROUTING)
    public static final Address<BaseRetained> BASE_RETAINED = new Address<>("retention.base-retained");

    /** Requests the versions of this node in the buckets whose hashes differ, to answer a peer. */
    @Flow(from = MESHAPI, to = ROUTING)
    public static final Query<DigestWanted, Digest> DIGEST = new Query<>("retention.digest");

    /** Requests retained messages of this node by topic, to answer a peer. */
    @Flow(from = MESHAPI, to = ROUTING)
    public static final Query<MessagesWanted, Messages> MESSAGES = new Query<>("retention.messages");

    /** Requests as many retained messages of this node as fit into one response, to answer a base peer. */
    @Flow(from = MESHAPI, to = ROUTING)
    public static final Query<AllWanted, Messages> ALL = new Query<>("retention.all");

    /** Fetches the versions of a peer in the buckets whose hashes differ. Fails when the link is down or breaks. */
    @Flow(from = ROUTING, to = DIALER)
    public static final Query<FetchDigest, Digest> FETCH_DIGEST = Query.patient("retention.fetch-digest");

    /** Fetches retained messages of a peer by topic. Fails when the link is down or breaks. */
    @Flow(from = ROUTING, to = DIALER)
    public static final Query<FetchMessages, Messages> FETCH_MESSAGES = Query.patient("retention.fetch-messages");

    /** Number of buckets into which topics are divided by their hash, so that equal buckets need not be listed. */
    public static final int BUCKETS = 256;

    /** Maximum number of versions in one response. */
    public static final int MAX_VERSIONS = 100_000;

    /** Number of versions that this node requests at once, rounded up to a bucket; each has some hundred bytes. */
    public static final int VERSIONS_PER_PAGE = 2_000;

    /** Maximum number of topics in one request. */
    public static final int MAX_TOPICS_ASKED = 1000;

    private Retention() {}

    /** A hash over topic and message id of each retained message. */
    public record LocalRetained(long hash) {}

    /** The hash of a member's retained messages. */
    public record PeerRetained(NodeId id, long hash) {}

    /** The retained messages of a base peer. */
    public record BaseRetained(NodeId id, List<Envelope> envelopes) {
        public BaseRetained {
            envelopes = List.copyOf(envelopes);
        }
    }

    /**
     * A page of the versions in the buckets that differ.
     *
     * @param bucketHashes hash of each of the {@link #BUCKETS} buckets of the requesting node
     * @param fromBucket the first bucket of the page
     * @param maxVersions the length of the page; its first bucket is complete even if it has more
     */
    public record DigestWanted(List<Long> bucketHashes, int fromBucket, int maxVersions) {
        public DigestWanted {
            bucketHashes = List.copyOf(bucketHashes);
        }
    }

    /**
     * The versions in the buckets that differ.
     *
     * @param nextBucket the first bucket of the next page, 0 where this is the last page
     */
    public record Digest(List<Version> versions, int nextBucket) {
        public Digest {
            versions = List.copyOf(versions);
        }
    }

    /**
     * The version of the retained message of one topic.
     *
     * @param cleared whether the version is a tombstone: the message was cleared
     */
    public record Version(String topic, long timestampMs, String source, String messageId, boolean cleared) {
        /** Whether this version replaces the other one on a node that knows both. */
        public boolean isNewerThan(Version other) {
            if (timestampMs != other.timestampMs) {
                return timestampMs > other.timestampMs;
            }
            int bySource = source.compareTo(other.source);
            return bySource != 0 ? bySource > 0 : messageId.compareTo(other.messageId) > 0;
        }
    }

    /** The maximum size of the retained messages of all topics together. */
    public record AllWanted(long maxBytes) {}

    /** The topics whose retained messages are requested. */
    public record MessagesWanted(List<String> topics) {
        public MessagesWanted {
            topics = List.copyOf(topics);
        }
    }

    /** Retained messages: as many of the requested ones as fit into one response, at least one if there is any. */
    public record Messages(List<Envelope> envelopes) {
        public Messages {
            envelopes = List.copyOf(envelopes);
        }
    }

    /** The peer, this node's hash of each bucket, and the first bucket of the page. */
    public record FetchDigest(NodeId id, List<Long> bucketHashes, int fromBucket) {
        public FetchDigest {
            bucketHashes = List.copyOf(bucketHashes);
        }
    }

    /** The peer and the topics whose retained messages are fetched. */
    public record FetchMessages(NodeId id, List<String> topics) {
        public FetchMessages {
            topics = List.copyOf(topics);
        }
    }
}
