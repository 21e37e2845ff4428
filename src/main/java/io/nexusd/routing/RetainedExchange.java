package io.nexusd.routing;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Fetches;
import io.nexusd.bus.Meters.Fetched;
import io.nexusd.bus.Retention;
import io.nexusd.bus.Retention.Digest;
import io.nexusd.bus.Retention.FetchDigest;
import io.nexusd.bus.Retention.FetchMessages;
import io.nexusd.bus.Retention.Messages;
import io.nexusd.bus.Retention.PeerRetained;
import io.nexusd.bus.Retention.Version;
import io.nexusd.model.Attempts;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import io.nexusd.wire.MonotonicClock;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches from peers the retained messages that this node lacks: where hashes differ it asks for versions, and then only for
 * messages that are new here. Both come in pages, and each page is kept when it is here, so that after a broken link only the rest
 * is asked for. One peer at a time, because what the first brings the others need not. In: peers whose hash differs. Out: messages
 * and clearings for the store's owner. Lives on router's event loop.
 */
final class RetainedExchange {
    private static final Logger LOG = LoggerFactory.getLogger(RetainedExchange.class);

    /** Hashes that go on changing, because retained messages are published all the time, are looked into this often. */
    private static final long OVERDUE_NS = 10_000_000_000L;

    private final Bus bus;
    private final RetainedStore store;
    private final Fetches fetches;
    private final Consumer<Envelope> onMessage;
    private final Runnable onCleared;
    private final SplittableRandom random = new SplittableRandom();
    private final Map<NodeId, Seen> seen = new HashMap<>();
    private final Map<NodeId, Attempts> attempts = new HashMap<>();
    private boolean busy;
    /** The peer of the transfer that runs; null when none does, or when that peer was removed meanwhile. */
    private NodeId current;

    /** The hashes when a peer was last looked at, and when something was last fetched from it. */
    private record Seen(long their, long own, long fetchedTheir, long fetchedOwn, long fetchedNs) {}

    RetainedExchange(Bus bus, RetainedStore store, Fetches fetches, Consumer<Envelope> onMessage, Runnable onCleared) {
        this.bus = bus;
        this.store = store;
        this.fetches = fetches;
        this.onMessage = onMessage;
        this.onCleared = onCleared;
    }

    /** A peer has another hash than this node. */
    void onPeer(PeerRetained peer, long ownHash, long nowNs) {
        Seen last = seen.get(peer.id());
        if (busy || peer.hash() == ownHash || !mayBegin(peer.id(), nowNs)) {
            return;
        }
        if (last == null) {
            new Transfer(peer, nowNs).begin();
            return;
        }
        boolean fetchedAlready = last.fetchedTheir == peer.hash() && last.fetchedOwn == ownHash;
        boolean atRest = last.their == peer.hash() && last.own == ownHash;
        if (!fetchedAlready && (atRest || nowNs - last.fetchedNs > OVERDUE_NS)) {
            new Transfer(peer, nowNs).begin();
        } else {
            seen.put(peer.id(), new Seen(peer.hash(), ownHash, last.fetchedTheir, last.fetchedOwn, last.fetchedNs));
        }
    }

    /** A peer was removed; when it comes back it is compared at once. */
    void forget(NodeId id) {
        seen.remove(id);
        attempts.remove(id);
        if (id.equals(current)) {
            current = null;
        }
    }

    private boolean mayBegin(NodeId id, long nowNs) {
        Attempts made = attempts.get(id);
        return made == null || made.mayBegin(nowNs / 1_000_000);
    }

    /** The comparison with one peer, page by page. */
    private final class Transfer {
        private final PeerRetained peer;
        private final long startedNs;
        /** Topics of the current page of versions whose message is to be asked for. */
        private final Set<String> wanted = new LinkedHashSet<>();

        private int nextBucket;
        private int taken;

        Transfer(PeerRetained peer, long startedNs) {
            this.peer = peer;
            this.startedNs = startedNs;
        }

        void begin() {
            busy = true;
            current = peer.id();
            askForVersions();
        }

        private void askForVersions() {
            bus.request(Retention.FETCH_DIGEST, new FetchDigest(peer.id(), store.bucketHashes(), nextBucket))
                    .onSuccess(digest -> orFail(() -> onVersions(digest)))
                    .onFailure(this::failed);
        }

        /** An answer that cannot be taken ends this transfer, not all that would follow. */
        private void orFail(Runnable take) {
            try {
                take.run();
            } catch (RuntimeException e) {
                failed(e);
            }
        }

        private void onVersions(Digest digest) {
            // A peer that does not go forward, or goes beyond the last bucket, has told all it will.
            boolean goesOn = digest.nextBucket() > nextBucket && digest.nextBucket() < Retention.BUCKETS;
            nextBucket = goesOn ? digest.nextBucket() : 0;
            want(digest.versions());
            next();
        }

        private void next() {
            if (!wanted.isEmpty()) {
                askForMessages();
            } else if (nextBucket > 0) {
                askForVersions();
            } else {
                done();
            }
        }

        private void want(List<Version> versions) {
            boolean anyCleared = false;
            for (Version version : versions) {
                if (!store.wants(version)) {
                    continue;
                }
                if (version.cleared()) {
                    anyCleared |= store.clear(version, System.nanoTime());
                } else {
                    wanted.add(version.topic());
                }
            }
            if (anyCleared) {
                onCleared.run();
            }
        }

        private void askForMessages() {
            List<String> asked =
                    wanted.stream().limit(Retention.MAX_TOPICS_ASKED).toList();
            bus.request(Retention.FETCH_MESSAGES, new FetchMessages(peer.id(), asked))
                    .onSuccess(messages -> orFail(() -> onMessages(messages, asked)))
                    .onFailure(this::failed);
        }

        private void onMessages(Messages messages, List<String> asked) {
            int before = taken;
            for (Envelope envelope : messages.envelopes()) {
                if (wanted.remove(envelope.topic())) {
                    onMessage.accept(envelope);
                    taken++;
                }
            }
            if (taken == before) {
                // The peer has none of these any more.
                asked.forEach(wanted::remove);
            }
            next();
        }

        private void done() {
            busy = false;
            long own = store.hash();
            if (peer.id().equals(current)) {
                seen.put(peer.id(), new Seen(peer.hash(), own, peer.hash(), own, startedNs));
            }
            if (taken > 0) {
                LOG.info("retained messages fetched peer={} messages={}", peer.id(), taken);
            }
            Attempts made = attempts.remove(peer.id());
            fetches.succeeded(Fetched.RETAINED, peer.id(), made == null ? new Attempts(random) : made);
        }

        private void failed(Throwable e) {
            busy = false;
            Attempts made = peer.id().equals(current)
                    ? attempts.computeIfAbsent(peer.id(), id -> new Attempts(random))
                    : new Attempts(random);
            int missing = nextBucket > 0 || wanted.isEmpty() ? -1 : wanted.size();
            fetches.failed(Fetched.RETAINED, peer.id(), made, taken, missing, e, MonotonicClock.nowMs());
        }
    }
}
