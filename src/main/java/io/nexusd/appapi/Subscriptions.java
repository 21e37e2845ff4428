package io.nexusd.appapi;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Inspection.Clients;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Routing;
import io.nexusd.bus.Routing.Deliver;
import io.nexusd.bus.Routing.Delivered;
import io.nexusd.bus.Routing.Delivery;
import io.nexusd.bus.Routing.Handed;
import io.nexusd.bus.Routing.Handover;
import io.nexusd.bus.Routing.Pick;
import io.nexusd.bus.Routing.RetainedFound;
import io.nexusd.bus.Spans;
import io.nexusd.model.Envelope;
import io.nexusd.model.Settings;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.wire.ServerCall;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * All subscriptions of this node's applications, with a stream or without. Hands deliveries to their buffers and flushes at
 * the end of the event-loop turn, so that everything a turn brings leaves in one write. Lives on appapi's event loop.
 */
final class Subscriptions {
    private static final long TICK_MS = 250;
    private static final long NO_TIMER = -1;

    private final Vertx vertx;
    private final Bus bus;
    private final Meters meters;
    private final Supplier<Settings> settings;
    private final Map<Long, Subscription> byHandle = new HashMap<>();
    /** In the order of their opening, so that of those without a stream the oldest is found first. */
    private final Map<String, Subscription> byId = new LinkedHashMap<>();

    private final Set<Subscription> streaming = new HashSet<>();
    /** Those that were given something since the last flush, each once. */
    private final List<Subscription> unflushed = new ArrayList<>();

    private final EventWriter writer = new EventWriter();
    private final ReliefWatch relief;
    /** The node stops when streams are ended, so these do not pile up. */
    private final List<Future<Void>> goodbyes = new ArrayList<>();

    private final List<Runnable> afterFlush = new ArrayList<>();
    /** Written here, read by a metrics scrape on another thread. */
    private final AtomicInteger active = new AtomicInteger();

    private final AtomicInteger deepestQueue = new AtomicInteger();
    private final AtomicLong queued = new AtomicLong();
    private long lastHandle;
    private long tickTimer = NO_TIMER;
    private boolean flushScheduled;

    Subscriptions(Vertx vertx, Bus bus, Meters meters, Supplier<Settings> settings) {
        this.vertx = vertx;
        this.bus = bus;
        this.meters = meters;
        this.settings = settings;
        relief = new ReliefWatch(vertx);
        meters.gauge("nexusd.active.subscriptions", "Subscriptions that have a stream", active);
        meters.gauge("nexusd.subscriber.queue.depth.max", "Messages in the deepest subscriber queue", deepestQueue);
        meters.gauge("nexusd.messages.queued", Meters.QUEUED, queued, "where", "subscribers");
    }

    /** Returns what puts messages together for all of them. */
    EventWriter writer() {
        return writer;
    }

    /** Returns a handle that was never used before. */
    long newHandle() {
        return ++lastHandle;
    }

    /** Adds a subscription that has a stream and a handle, or gives one that was there a new handle. */
    void put(Subscription subscription) {
        byHandle.put(subscription.handle(), subscription);
        byId.put(subscription.id(), subscription);
        noteStream(subscription);
        if (tickTimer == NO_TIMER) {
            tickTimer = vertx.setPeriodic(TICK_MS, timer -> tick());
        }
    }

    /** Takes a subscription out of routing; it is still known by its id. */
    void unroute(Subscription subscription) {
        if (byHandle.remove(subscription.handle()) != null) {
            bus.publish(Routing.UNSUBSCRIBE, new Routing.Unsubscribe(subscription.handle()));
        }
    }

    /** Takes a subscription out for good. */
    void remove(Subscription subscription) {
        unroute(subscription);
        byId.remove(subscription.id());
        relief.forget(subscription);
        handOver(subscription.discard());
        streaming.remove(subscription);
        active.set(streaming.size());
        if (byId.isEmpty() && tickTimer != NO_TIMER) {
            // Nobody waits for anything, so an idle node is not woken for it.
            vertx.cancelTimer(tickTimer);
            tickTimer = NO_TIMER;
            deepestQueue.set(0);
            queued.set(0);
        }
    }

    Subscription get(String id) {
        return byId.get(id);
    }

    Collection<Subscription> all() {
        return byId.values();
    }

    int size() {
        return byId.size();
    }

    /** Lets other members of the groups have what these did not get. */
    void handOver(List<Handed> messages) {
        if (!messages.isEmpty()) {
            bus.publish(Routing.HANDOVER, new Handover(messages));
        }
    }

    /** Takes messages from the router; for those of a peer the answer waits until the streams have what they take now. */
    Future<Delivered> deliver(Deliver deliver) {
        long nowNs = System.nanoTime();
        Settings.Delivery rules = settings.get().delivery();
        Outcome outcome = new Outcome();
        List<Delivery> deliveries = deliver.deliveries();
        boolean fromPeer = false;
        for (int i = 0; i < deliveries.size(); i++) {
            Delivery delivery = deliveries.get(i);
            deliver(new Arrival(delivery, i, rules, outcome, nowNs));
            fromPeer = delivery.fromPeer();
        }
        if (fromPeer) {
            outcome.await();
            afterFlush.add(outcome::release);
        }
        for (Subscription subscription : outcome.behind()) {
            outcome.await();
            relief.hold(subscription, outcome::release);
        }
        scheduleFlush();
        return outcome.offered();
    }

    /** Takes a retained message that came after the subscriptions were opened. */
    void retainedFound(RetainedFound found) {
        for (Long handle : found.subscriptions()) {
            Subscription subscription = byHandle.get(handle);
            if (subscription == null || subscription.call() == null) {
                continue;
            }
            if (subscription.backlog().size() >= settings.get().retained().maxMessages()) {
                meters.targets(1);
                meters.dropped(Meters.Dropped.QUEUE_FULL, 1);
                continue;
            }
            int field = found.first() ? MessageEvent.RETAINED_MESSAGE_FIELD_NUMBER : MessageEvent.MESSAGE_FIELD_NUMBER;
            subscription.backlog().add(found.envelope(), field);
            unflushed(subscription);
        }
        scheduleFlush();
    }

    /** Looks after time in every subscription. */
    void tick() {
        long nowNs = System.nanoTime();
        int deepest = 0;
        long waiting = 0;
        for (Subscription subscription : List.copyOf(byId.values())) {
            if (subscription.call() == null && subscription.away() != null) {
                if (subscription.away().isOver(nowNs)) {
                    remove(subscription);
                } else {
                    waiting += subscription.away().missed();
                }
                continue;
            }
            subscription.tick(nowNs);
            deepest = Math.max(deepest, subscription.queued());
            waiting += subscription.queued();
        }
        deepestQueue.set(deepest);
        queued.set(waiting);
    }

    /** Returns every subscription as people may see it. */
    Clients views() {
        return new Clients(byId.values().stream().map(Subscription::view).toList());
    }

    /** Applies changed limits to every subscription that follows the daemon's. */
    void applyLimits() {
        Settings.Delivery delivery = settings.get().delivery();
        byId.values().forEach(s -> s.setLimits(delivery.subscriberQueueLimit(), delivery.subscriberQueueBytes()));
    }

    /** Returns how many messages wait for streams. */
    long queued() {
        return byId.values().stream().mapToLong(Subscription::queued).sum();
    }

    /** Ends the streams for which nothing waits, and their subscriptions. */
    void endIdle(GrpcStatus status, String text) {
        end(List.copyOf(byId.values()).stream().filter(s -> s.queued() == 0).toList(), status, text);
    }

    /** Ends every stream, and every subscription. */
    void endAll(GrpcStatus status, String text) {
        end(List.copyOf(byId.values()), status, text);
    }

    private void end(List<Subscription> over, GrpcStatus status, String text) {
        for (Subscription subscription : over) {
            ServerCall call = subscription.call();
            remove(subscription);
            if (call != null) {
                call.end(status, text);
                goodbyes.add(call.gone());
            }
        }
    }

    /** Completes when the streams that were ended here have got everything, or are closed. */
    Future<Void> goodbyes() {
        return Future.join(List.copyOf(goodbyes)).mapEmpty();
    }

    /** Notes whether a subscription has a stream now; to be called after each change of that. */
    void noteStream(Subscription subscription) {
        if (subscription.call() == null) {
            streaming.remove(subscription);
        } else {
            streaming.add(subscription);
        }
        active.set(streaming.size());
    }

    private void deliver(Arrival arrival) {
        Delivery delivery = arrival.delivery();
        Envelope envelope = delivery.envelope();
        if (envelope.expiredAt(arrival.nowNs())) {
            meters.dropped(Meters.Dropped.EXPIRED, delivery.targets());
            return;
        }
        EncodedMessage message = EncodedMessage.of(envelope, delivery.sequence(), delivery.fromPeer());
        for (Long handle : delivery.subscriptions()) {
            Subscription subscription = byHandle.get(handle);
            if (subscription == null) {
                meters.dropped(Meters.Dropped.DISCONNECTED, 1);
            } else {
                offer(arrival, message, subscription);
            }
        }
        for (Pick pick : delivery.picks()) {
            Handed handed = new Handed(envelope, pick.share(), pick.hops(), delivery.sequence());
            Subscription subscription = byHandle.get(pick.handle());
            if (subscription == null) {
                handOver(List.of(handed));
            } else {
                offer(arrival, message.pickedWith(handed), subscription);
            }
        }
    }

    private void offer(Arrival arrival, EncodedMessage message, Subscription subscription) {
        Spans.Maker spans = bus.spans().maker();
        arrival.offer(spans == null ? message : traced(spans, message, subscription), subscription);
        unflushed(subscription);
    }

    private static EncodedMessage traced(Spans.Maker spans, EncodedMessage message, Subscription subscription) {
        Spans.Span span = spans.begin(Spans.Step.DELIVER, message.envelope());
        if (span == null) {
            return message;
        }
        span.put("nexusd.subscription", subscription.id());
        return message.tracedBy(span);
    }

    private void unflushed(Subscription subscription) {
        if (!subscription.awaitsFlush(true)) {
            unflushed.add(subscription);
        }
    }

    private void scheduleFlush() {
        if (!flushScheduled && (!unflushed.isEmpty() || !afterFlush.isEmpty())) {
            flushScheduled = true;
            vertx.runOnContext(v -> flush());
        }
    }

    private void flush() {
        flushScheduled = false;
        long nowNs = System.nanoTime();
        List<Subscription> ready = new ArrayList<>(unflushed);
        unflushed.clear();
        if (ready.size() > 1) {
            writer.beginTurn();
        }
        for (Subscription subscription : ready) {
            subscription.awaitsFlush(false);
            subscription.flush(nowNs);
        }
        writer.endTurn();
        List<Runnable> done = new ArrayList<>(afterFlush);
        afterFlush.clear();
        done.forEach(Runnable::run);
    }
}
