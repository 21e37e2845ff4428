package io.nexusd.routing;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Fetches;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Retention;
import io.nexusd.bus.Routing;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import io.nexusd.model.Topic;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's retained messages: kept, told to new subscriptions, and made the same as the peers'. In: retained publishes,
 * hashes and questions of peers. Out: the hash after a change, messages for subscriptions that were there before them. Lives
 * on router's event loop.
 */
final class Retaining {
    private static final Logger LOG = LoggerFactory.getLogger(Retaining.class);

    /** Several changes within this time are told once; far below the interval of the beats that carry the hash. */
    private static final long COALESCE_MS = 50;

    /** The hash may take this part of the time at most, however many messages there are. */
    private static final long COST_FACTOR = 20;

    private static final int REMEMBERED_IDS = 65_536;

    private final Vertx vertx;
    private final Bus bus;
    private final RouteTable routes;
    private final RetainedStore store;
    private final RetainedExchange exchange;
    /** Handles of subscriptions that are told of retained messages. */
    private final Set<Long> wanting = new HashSet<>();
    /** Messages that {@link #wanting} were told of when another node's set was fetched. */
    private final SeenIds toldByFetch = new SeenIds(REMEMBERED_IDS);
    /** Written here, read by a metrics scrape on another thread. */
    private final AtomicLong count = new AtomicLong();

    private final AtomicLong bytes = new AtomicLong();
    private long hash;
    private long hashCostMs;
    private boolean changeTimerSet;
    private long warnedEvicted;

    Retaining(Vertx vertx, Bus bus, Meters meters, RouteTable routes, RetainedStore store) {
        this.vertx = vertx;
        this.bus = bus;
        this.routes = routes;
        this.store = store;
        this.exchange = new RetainedExchange(bus, store, new Fetches(meters), this::onFetched, this::changed);
        meters.gauge("nexusd.retained.messages", "Topics that hold a retained message", count);
        meters.gauge("nexusd.retained.messages.bytes", "Bytes of the retained messages", bytes);
        bus.on(Retention.PEER_RETAINED, peer -> exchange.onPeer(peer, hash, System.nanoTime()));
        bus.on(Retention.BASE_RETAINED, base -> base.envelopes().forEach(this::onFetched));
        bus.answer(
                Retention.DIGEST,
                wanted -> Future.succeededFuture(
                        store.digest(wanted.bucketHashes(), wanted.fromBucket(), wanted.maxVersions())));
        bus.answer(Retention.ALL, wanted -> Future.succeededFuture(fitting(wanted.maxBytes())));
        bus.answer(
                Retention.MESSAGES,
                wanted ->
                        Future.succeededFuture(new Retention.Messages(store.some(wanted.topics(), System.nanoTime()))));
    }

    private Retention.Messages fitting(long maxBytes) {
        List<Envelope> fitting = new ArrayList<>();
        long size = 0;
        for (Envelope envelope : store.all(System.nanoTime())) {
            size += envelope.memoryBytes();
            if (size > maxBytes) {
                break;
            }
            fitting.add(envelope);
        }
        return new Retention.Messages(fitting);
    }

    /** Takes a retained publish of this node and returns it with a timestamp that makes it the newest. */
    Envelope published(Envelope envelope) {
        Envelope newest = envelope.publishedAt(store.timestampFor(envelope.topic(), envelope.timestampMs()));
        store.offer(newest, System.nanoTime());
        changed();
        return newest;
    }

    /**
     * Takes a retained publish that a peer pushed and returns those of the subscriptions that have not been told of it when it
     * was fetched.
     */
    List<Long> pushed(Envelope envelope, List<Long> subscriptions) {
        RetainedStore.Offered offered = store.offer(envelope, System.nanoTime());
        if (offered == RetainedStore.Offered.SAME && toldByFetch.contains(envelope.messageId())) {
            return subscriptions.stream()
                    .filter(handle -> !wanting.contains(handle))
                    .toList();
        }
        changed();
        return subscriptions;
    }

    /** Adds a subscription that is told of retained messages, and returns those there are now. */
    List<Envelope> subscribed(long handle, List<String> filters) {
        wanting.add(handle);
        return matching(filters);
    }

    void unsubscribed(long handle) {
        wanting.remove(handle);
    }

    void peerGone(NodeId id) {
        exchange.forget(id);
    }

    /** Returns the retained messages on topics that match, each once. */
    List<Envelope> matching(List<String> filters) {
        long nowNs = System.nanoTime();
        Map<String, Envelope> found = new LinkedHashMap<>();
        for (String filter : filters) {
            if (!Topic.hasWildcard(filter)) {
                Envelope envelope = store.get(filter, nowNs);
                if (envelope != null) {
                    found.put(filter, envelope);
                }
            } else {
                store.matching(filter, nowNs).forEach(envelope -> found.put(envelope.topic(), envelope));
            }
        }
        return List.copyOf(found.values());
    }

    /** Drops what has expired. */
    void reap(long nowNs) {
        if (store.reap(nowNs)) {
            changed();
        }
    }

    void setLimits(int maxMessages, long maxBytes) {
        store.setLimits(maxMessages, maxBytes);
        changed();
    }

    private void onFetched(Envelope envelope) {
        RetainedStore.Offered offered = store.offer(envelope, System.nanoTime());
        boolean first = offered == RetainedStore.Offered.FIRST;
        if (!first && offered != RetainedStore.Offered.NEWER) {
            return;
        }
        changed();
        toldByFetch.isNew(envelope.messageId());
        List<Long> told = new ArrayList<>();
        for (Long handle : routes.route(envelope.topic()).subscriptions()) {
            if (wanting.contains(handle)) {
                told.add(handle);
            }
        }
        if (!told.isEmpty()) {
            bus.publish(Routing.RETAINED_FOUND, new Routing.RetainedFound(envelope, told, first));
        }
    }

    private void changed() {
        count.set(store.size());
        bytes.set(store.bytes());
        if (changeTimerSet) {
            return;
        }
        changeTimerSet = true;
        vertx.setTimer(Math.max(COALESCE_MS, hashCostMs * COST_FACTOR), timer -> {
            changeTimerSet = false;
            long startedNs = System.nanoTime();
            long newHash = store.hash();
            hashCostMs = (System.nanoTime() - startedNs) / 1_000_000;
            if (newHash != hash) {
                hash = newHash;
                bus.publish(Retention.LOCAL_RETAINED, new Retention.LocalRetained(hash));
            }
            warnOfEvicted();
        });
    }

    private void warnOfEvicted() {
        long evicted = store.evicted();
        if (evicted > warnedEvicted && (warnedEvicted == 0 || evicted >= 2 * warnedEvicted)) {
            LOG.warn(
                    "retained messages are at their limit, the oldest go evicted={} messages={} bytes={}; see"
                            + " retained.max-messages and retained.max-bytes",
                    evicted,
                    store.size(),
                    store.bytes());
            warnedEvicted = evicted;
        }
    }
}
