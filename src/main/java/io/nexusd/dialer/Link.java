package io.nexusd.dialer;

import io.nexusd.bus.Inspection;
import io.nexusd.bus.Links.BeatReceived;
import io.nexusd.bus.Links.KnownMembers;
import io.nexusd.bus.Links.NodeState;
import io.nexusd.bus.Links.OwnBeat;
import io.nexusd.bus.Retention;
import io.nexusd.model.Endpoint;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeIdentity;
import io.vertx.core.Future;
import java.util.List;

/** An outbound connection to a peer that has said who it is. Lives on the event loop of the dialer. */
interface Link {
    NodeIdentity peer();

    /** Returns the address at which the peer answered. */
    Endpoint dialed();

    /** Returns the address of this host at which its connection ends, empty when unknown. */
    default String ownIp() {
        return "";
    }

    /** Returns the hash of the peer's interest when the link came up. */
    long topicHash();

    /** Returns the last sequence number that the peer has taken from this node before, 0 for none. */
    long lastTaken();

    /** Sets who hears of what happens; a link that is broken already tells so at once. */
    void listen(Listener listener);

    /** Tells whether another batch may be sent now. */
    boolean writable();

    /** Sends a batch; {@link #writable()} must hold. */
    void send(Outbox.Batch batch);

    /** Makes sure that what was sent in this turn leaves. */
    void flush();

    /** Tells the peer that this node is alive, or makes sure that it is. */
    void beat(OwnBeat beat);

    /** Tells the peer by which name and address this node goes now; a base peer is told by datagrams only. */
    void identify(OwnBeat own);

    /** Fetches the peer's interest. */
    Future<NodeState> fetchState();

    /** Fetches the members the peer knows. */
    Future<KnownMembers> fetchMembers();

    /** Fetches the members as the peer sees them. */
    Future<Inspection.View> fetchView();

    /** Fetches what retained messages the peer has where its bucket hashes differ from these, from the given bucket on. */
    Future<Retention.Digest> fetchRetainedDigest(List<Long> bucketHashes, int fromBucket);

    /** Fetches the peer's retained messages on these topics, as many as fit an answer. */
    Future<Retention.Messages> fetchRetained(List<String> topics);

    /** Returns the retained messages the peer told when the link came up. */
    default List<Envelope> retained() {
        return List.of();
    }

    /** Returns when the last whole message of the peer came over this link, monotonic milliseconds. */
    long heardMono();

    /**
     * Returns when the peer was last heard at all, monotonic milliseconds: parts of messages, and window updates by which it
     * takes what was sent, are signs of life too.
     */
    default long bytesHeardMono() {
        return heardMono();
    }

    /** Returns how often the peer beats, milliseconds; 0 where it has not said so. */
    int beaconIntervalMs();

    /** Notes that the peer was heard by other means. */
    void heardElsewhere(long topicHash);

    /** Closes the connection. The listener hears nothing of it. */
    void close();

    /** What happens on a link. */
    interface Listener {
        /** Everything up to the number is taken; {@code refused} of these messages were turned down by the peer. */
        void onAcknowledged(long throughSequence, int refused);

        /** Nothing that was sent so far has been taken, nor will be; it is to be sent again. */
        void onSendAgain();

        /** {@link #writable()} holds again. */
        void onWritable();

        void onBeat(BeatReceived beat);

        /** The link is of no use any more; told once. */
        void onBroken(String reason);
    }
}
