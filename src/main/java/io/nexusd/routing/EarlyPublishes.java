package io.nexusd.routing;

import io.nexusd.bus.Routing.Forwarding;
import io.nexusd.bus.Routing.Receiver;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import io.nexusd.model.Share;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What this node accepted in its first moments, before it could know who wants it. Nodes that were there before it, and whose
 * interest it is only just hearing of, get what they would have got had it known; so a restart loses nothing for them. Bounded by
 * time, messages and bytes, the oldest goes first. Not thread-safe.
 */
final class EarlyPublishes {
    /** Within this time a starting node has met those that are there: twice the time after which a silent one counts as dead. */
    static final long KEEP_NS = 10_000_000_000L;

    private static final class Early {
        final Envelope envelope;
        final Set<NodeId> sentTo = new HashSet<>();
        final Set<String> takenShares = new HashSet<>();

        Early(Envelope envelope) {
            this.envelope = envelope;
        }
    }

    private final long startedAtMs;
    private final Deque<Early> kept = new ArrayDeque<>();
    /** Nodes that were there before and whose interest is not known yet. */
    private final Set<NodeId> awaited = new HashSet<>();
    /** Nodes that were members already: one that goes and comes back is owed nothing of the time before it went. */
    private final Set<NodeId> met = new HashSet<>();

    private boolean begun;
    private long untilNs;
    private int maxMessages;
    private long maxBytes;
    private long bytes;
    private boolean over;

    /**
     * Makes it; {@link #begin} starts the clock.
     *
     * @param startedAtMs when this node started, wall clock
     */
    EarlyPublishes(long startedAtMs, int maxMessages, long maxBytes) {
        this.startedAtMs = startedAtMs;
        setLimits(maxMessages, maxBytes);
    }

    /** Applications can publish from now on; only the first call counts. */
    void begin(long nowNs) {
        if (!begun) {
            begun = true;
            untilNs = nowNs + KEEP_NS;
        }
    }

    /** Changes the limits; what is too much goes, oldest first. */
    final void setLimits(int messages, long byteCount) {
        maxMessages = messages;
        maxBytes = byteCount;
        makeRoom();
    }

    /** A node has become a member; those that do not say since when they run are taken for newer. */
    void memberUp(NodeIdentity peer) {
        boolean elder = peer.startedAtMs() > 0 && peer.startedAtMs() < startedAtMs;
        if (!over && met.add(peer.id()) && elder) {
            awaited.add(peer.id());
        }
    }

    /** Notes a publish, who of the peers gets it and for which shares a member was found. */
    void add(Envelope envelope, List<Receiver> receivers, List<String> shares, long nowNs) {
        if (isOver(nowNs)) {
            return;
        }
        Early early = new Early(envelope);
        receivers.forEach(receiver -> early.sentTo.add(receiver.id()));
        early.takenShares.addAll(shares);
        kept.addLast(early);
        bytes += envelope.memoryBytes();
        makeRoom();
    }

    /** A peer's interest is known; returns what it is to get of what was published before, in order. */
    List<Forwarding> claim(NodeId peer, List<String> interest, long nowNs) {
        if (isOver(nowNs) || !awaited.remove(peer)) {
            return List.of();
        }
        TopicTrie<String> wanted = new TopicTrie<>();
        for (String one : interest) {
            wanted.add(Share.of(one).map(Share::filter).orElse(one), one);
        }
        List<Forwarding> claimed = new ArrayList<>();
        Set<String> matched = new HashSet<>();
        for (Early early : kept) {
            if (early.sentTo.contains(peer) || early.envelope.expiredAt(nowNs)) {
                continue;
            }
            matched.clear();
            wanted.match(early.envelope.topic(), matched);
            boolean plain = matched.stream().anyMatch(one -> !Share.isShare(one));
            List<String> shares = matched.stream()
                    .filter(one -> Share.isShare(one) && early.takenShares.add(one))
                    .toList();
            if (plain || !shares.isEmpty()) {
                claimed.add(new Forwarding(early.envelope, List.of(new Receiver(peer, plain, shares, 0))));
            }
        }
        return claimed;
    }

    private void makeRoom() {
        while (kept.size() > maxMessages || bytes > maxBytes) {
            bytes -= kept.pollFirst().envelope.memoryBytes();
        }
    }

    private boolean isOver(long nowNs) {
        if (!over && begun && nowNs - untilNs >= 0) {
            over = true;
            kept.clear();
            awaited.clear();
            met.clear();
            bytes = 0;
        }
        return over;
    }
}
