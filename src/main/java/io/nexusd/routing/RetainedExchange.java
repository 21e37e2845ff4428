package io.nexusd.routing;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Retention;
import io.nexusd.bus.Retention.Digest;
import io.nexusd.bus.Retention.FetchDigest;
import io.nexusd.bus.Retention.FetchMessages;
import io.nexusd.bus.Retention.PeerRetained;
import io.nexusd.bus.Retention.Version;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches from peers the retained messages that this node lacks: where hashes differ it asks for versions, and then only for
 * messages that are new here. One peer at a time, because what the first brings the others need not. In: peers whose hash
 * differs. Out: messages and clearings for the store's owner. Lives on router's event loop.
 */
final class RetainedExchange {
    private static final Logger LOG = LoggerFactory.getLogger(RetainedExchange.class);

    /** Hashes that go on changing, because retained messages are published all the time, are looked into this often. */
    private static final long OVERDUE_NS = 10_000_000_000L;

    private final Bus bus;
    private final RetainedStore store;
    private final Consumer<Envelope> onMessage;
    private final Runnable onCleared;
    private final Map<NodeId, Seen> seen = new HashMap<>();
    private boolean busy;

    /** The hashes when a peer was last looked at, and when something was last fetched from it. */
    private record Seen(long their, long own, long fetchedTheir, long fetchedOwn, long fetchedNs) {}

    RetainedExchange(Bus bus, RetainedStore store, Consumer<Envelope> onMessage, Runnable onCleared) {
        this.bus = bus;
        this.store = store;
        this.onMessage = onMessage;
        this.onCleared = onCleared;
    }

    /** A peer has another hash than this node. */
    void onPeer(PeerRetained peer, long ownHash, long nowNs) {
        Seen last = seen.get(peer.id());
        if (busy || peer.hash() == ownHash) {
            return;
        }
        if (last == null) {
            fetch(peer, nowNs);
            return;
        }
        boolean fetchedAlready = last.fetchedTheir == peer.hash() && last.fetchedOwn == ownHash;
        boolean atRest = last.their == peer.hash() && last.own == ownHash;
        if (!fetchedAlready && (atRest || nowNs - last.fetchedNs > OVERDUE_NS)) {
            fetch(peer, nowNs);
        } else {
            seen.put(peer.id(), new Seen(peer.hash(), ownHash, last.fetchedTheir, last.fetchedOwn, last.fetchedNs));
        }
    }

    /** A peer is gone; when it comes back it is compared at once. */
    void forget(NodeId id) {
        seen.remove(id);
    }

    private void fetch(PeerRetained peer, long nowNs) {
        busy = true;
        int[] taken = {0};
        bus.request(Retention.FETCH_DIGEST, new FetchDigest(peer.id(), store.bucketHashes()))
                .compose(digest -> fetchAll(peer.id(), wanted(digest), taken))
                .onComplete(result -> {
                    busy = false;
                    if (result.failed()) {
                        LOG.debug(
                                "retained messages not fetched peer={} error={}",
                                peer.id(),
                                result.cause().getMessage());
                        return;
                    }
                    long own = store.hash();
                    seen.put(peer.id(), new Seen(peer.hash(), own, peer.hash(), own, nowNs));
                    if (taken[0] > 0) {
                        LOG.info("retained messages fetched peer={} messages={}", peer.id(), taken[0]);
                    }
                });
    }

    private Set<String> wanted(Digest digest) {
        Set<String> topics = new LinkedHashSet<>();
        boolean anyCleared = false;
        for (Version version : digest.versions()) {
            if (!store.wants(version)) {
                continue;
            }
            if (version.cleared()) {
                anyCleared |= store.clear(version, System.nanoTime());
            } else {
                topics.add(version.topic());
            }
        }
        if (anyCleared) {
            onCleared.run();
        }
        return topics;
    }

    private Future<Void> fetchAll(NodeId id, Set<String> wanted, int[] taken) {
        if (wanted.isEmpty()) {
            return Future.succeededFuture();
        }
        List<String> asked = new ArrayList<>(wanted).subList(0, Math.min(wanted.size(), Retention.MAX_TOPICS_ASKED));
        return bus.request(Retention.FETCH_MESSAGES, new FetchMessages(id, asked))
                .compose(messages -> {
                    if (messages.envelopes().isEmpty()) {
                        // All of these are gone there by now.
                        asked.forEach(wanted::remove);
                    }
                    for (Envelope envelope : messages.envelopes()) {
                        if (wanted.remove(envelope.topic())) {
                            onMessage.accept(envelope);
                            taken[0]++;
                        }
                    }
                    return fetchAll(id, wanted, taken);
                });
    }
}
