package io.nexusd.bus;

import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import java.util.List;

/** Retained messages, one for each topic, and how nodes compare theirs. Router owns this node's. */
public final class Retention {
    /** The hash of this node's retained messages after it changed. From router; to gossip, which tells the peers. */
    public static final Address<LocalRetained> LOCAL_RETAINED = new Address<>("retention.local-retained");

    /**
     * A member holds other retained messages than this node. From gossip, with each of its beats while that is so; to router.
     */
    public static final Address<PeerRetained> PEER_RETAINED = new Address<>("retention.peer-retained");

    /** Retained messages that a base peer told with its state. From dialer; to router. */
    public static final Address<BaseRetained> BASE_RETAINED = new Address<>("retention.base-retained");

    /** What this node holds where the asking node's hashes differ. Answered by router; asked by meshapi for a peer. */
    public static final Query<DigestWanted, Digest> DIGEST = new Query<>("retention.digest");

    /** Retained messages of this node. Answered by router; asked by meshapi for a peer. */
    public static final Query<MessagesWanted, Messages> MESSAGES = new Query<>("retention.messages");

    /** The retained messages that fit an answer, for a base peer. Answered by router; asked by meshapi. */
    public static final Query<AllWanted, Messages> ALL = new Query<>("retention.all");

    /** Fetches from a linked node what it holds where the hashes differ. Answered by dialer; fails when the link does. */
    public static final Query<FetchDigest, Digest> FETCH_DIGEST = Query.patient("retention.fetch-digest");

    /** Fetches retained messages from a linked node. Answered by dialer; fails when the link does. */
    public static final Query<FetchMessages, Messages> FETCH_MESSAGES = Query.patient("retention.fetch-messages");

    /** Number of parts into which topics are divided by their hash, so that equal parts need not be listed. */
    public static final int BUCKETS = 256;

    /** Versions listed at most in one answer, and topics asked for at most at once. */
    public static final int MAX_VERSIONS = 100_000;

    /** Versions that a node of this version asks for at once, give or take a bucket; some hundred bytes each. */
    public static final int VERSIONS_PER_PAGE = 2_000;

    public static final int MAX_TOPICS_ASKED = 1000;

    private Retention() {}

    /** A hash over topic and message id of each retained message. */
    public record LocalRetained(long hash) {}

    /** A member's hash. */
    public record PeerRetained(NodeId id, long hash) {}

    /** A base peer's retained messages. */
    public record BaseRetained(NodeId id, List<Envelope> envelopes) {
        public BaseRetained {
            envelopes = List.copyOf(envelopes);
        }
    }

    /**
     * Asks what is held where the hashes differ.
     *
     * @param bucketHashes hash of each of the {@link #BUCKETS} buckets of the asking node
     * @param fromBucket the first bucket to tell of
     * @param maxVersions where the answer ends, unless the first bucket alone has more
     */
    public record DigestWanted(List<Long> bucketHashes, int fromBucket, int maxVersions) {
        public DigestWanted {
            bucketHashes = List.copyOf(bucketHashes);
        }
    }

    /**
     * What is held for each topic of the buckets that differ.
     *
     * @param nextBucket from where to ask for the rest, 0 where there is none
     */
    public record Digest(List<Version> versions, int nextBucket) {
        public Digest {
            versions = List.copyOf(versions);
        }
    }

    /**
     * Which message a topic holds.
     *
     * @param cleared the message was a clearing one, and nothing is held
     */
    public record Version(String topic, long timestampMs, String source, String messageId, boolean cleared) {
        /** Tells whether this is the version that stays when both are known. */
        public boolean isNewerThan(Version other) {
            if (timestampMs != other.timestampMs) {
                return timestampMs > other.timestampMs;
            }
            int bySource = source.compareTo(other.source);
            return bySource != 0 ? bySource > 0 : messageId.compareTo(other.messageId) > 0;
        }
    }

    /** Asks for retained messages, whatever their topics. */
    public record AllWanted(long maxBytes) {}

    /** Asks for the retained messages of these topics. */
    public record MessagesWanted(List<String> topics) {
        public MessagesWanted {
            topics = List.copyOf(topics);
        }
    }

    /** Retained messages: as many of those asked for as fit an answer, at least one if there is one. */
    public record Messages(List<Envelope> envelopes) {
        public Messages {
            envelopes = List.copyOf(envelopes);
        }
    }

    /** Asks a linked node for what it holds where the hashes differ, from the given bucket on. */
    public record FetchDigest(NodeId id, List<Long> bucketHashes, int fromBucket) {}

    /** Asks a linked node for retained messages. */
    public record FetchMessages(NodeId id, List<String> topics) {}
}
