package io.nexusd.appapi;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Routing;
import io.nexusd.bus.Routing.Deliver;
import io.nexusd.bus.Routing.Delivery;
import io.nexusd.model.Crc64;
import io.nexusd.model.Envelope;
import io.nexusd.model.Settings;
import io.nexusd.model.Settings.BackpressurePolicy;
import io.nexusd.model.Utf8Order;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.proto.sidecar.SubscribeRequest;
import io.nexusd.proto.sidecar.SubscriptionInfo;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.ServerCall;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * All subscriptions of this node's applications. Opens and closes them with the router, hands deliveries to their buffers and
 * flushes at the end of the event-loop turn, so that everything a turn brings leaves in one write. Lives on appapi's event loop.
 */
final class Subscriptions {
    private static final long TICK_MS = 250;
    private static final long NO_TIMER = -1;

    private final Vertx vertx;
    private final Bus bus;
    private final Meters meters;
    private final PublishOutcomes outcomes;
    private final Supplier<Settings> settings;
    private final MessageIds random;
    private final Map<Long, Subscription> byHandle = new HashMap<>();
    private final Map<String, Subscription> byId = new HashMap<>();
    private final Set<Subscription> unflushed = new LinkedHashSet<>();
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicInteger deepestQueue = new AtomicInteger();
    private long lastHandle;
    private long tickTimer = NO_TIMER;
    private boolean flushScheduled;

    Subscriptions(
            Vertx vertx,
            Bus bus,
            Meters meters,
            PublishOutcomes outcomes,
            Supplier<Settings> settings,
            MessageIds random) {
        this.vertx = vertx;
        this.bus = bus;
        this.meters = meters;
        this.outcomes = outcomes;
        this.settings = settings;
        this.random = random;
        meters.registry().gauge("nexusd.active.subscriptions", active);
        meters.registry().gauge("nexusd.subscriber.queue.depth.max", deepestQueue);
    }

    /**
     * Opens a subscription on a call; its first event is written once the router knows it.
     *
     * @throws GrpcFailure when the request breaks a rule or the limit of subscriptions is reached
     */
    void open(SubscribeRequest request, ServerCall call) {
        Settings.App limits = settings.get().app();
        Optional<GrpcFailure> problem = RequestRules.problemWith(request, limits);
        if (problem.isPresent()) {
            throw problem.get();
        }
        if (byHandle.size() >= limits.maxSubscriptions()) {
            throw new GrpcFailure(
                    GrpcStatus.RESOURCE_EXHAUSTED,
                    "this node has " + byHandle.size()
                            + " subscriptions, as many as are allowed (app.max-subscriptions); end one or use another node");
        }
        List<String> filters = List.copyOf(new LinkedHashSet<>(request.getTopicsList()));
        Subscription subscription = create(request, filters, call);
        byHandle.put(subscription.handle(), subscription);
        byId.put(subscription.id(), subscription);
        active.set(byHandle.size());
        if (tickTimer == NO_TIMER) {
            tickTimer = vertx.setPeriodic(TICK_MS, timer -> tick());
        }
        call.onClosed(reason -> close(subscription));
        call.onWritable(() -> subscription.flush(System.nanoTime()));
        bus.request(Routing.SUBSCRIBE, new Routing.Subscribe(subscription.handle(), filters))
                .onSuccess(subscribed -> {
                    if (byHandle.containsKey(subscription.handle())) {
                        subscription.start(info(subscription), System.nanoTime());
                        subscription.flush(System.nanoTime());
                    }
                })
                .onFailure(
                        e -> subscription.end(GrpcStatus.UNAVAILABLE, "the node is starting or stopping; try again"));
    }

    /** Ends the subscription's stream with OK; tells whether there was one. */
    boolean unsubscribe(String id) {
        Subscription subscription = byId.get(id);
        if (subscription == null) {
            return false;
        }
        close(subscription);
        subscription.end(GrpcStatus.OK, "");
        return true;
    }

    /** Takes messages from the router. */
    void deliver(Deliver deliver) {
        long nowNs = System.nanoTime();
        long nowMs = System.currentTimeMillis();
        for (Delivery delivery : deliver.deliveries()) {
            deliver(delivery, nowNs, nowMs);
        }
        scheduleFlush();
    }

    /** Looks after time in every subscription. */
    void tick() {
        long nowNs = System.nanoTime();
        int deepest = 0;
        for (Subscription subscription : List.copyOf(byHandle.values())) {
            subscription.tick(nowNs);
            deepest = Math.max(deepest, subscription.queued());
        }
        deepestQueue.set(deepest);
    }

    /** Applies changed limits to every subscription that follows the daemon's. */
    void applyLimits() {
        Settings.Delivery delivery = settings.get().delivery();
        byHandle.values().forEach(s -> s.setLimits(delivery.subscriberQueueLimit(), delivery.subscriberQueueBytes()));
    }

    /** Returns how many messages wait in all subscriptions. */
    long queued() {
        return byHandle.values().stream().mapToLong(Subscription::queued).sum();
    }

    /** Ends every stream. */
    void endAll(GrpcStatus status, String text) {
        for (Subscription subscription : List.copyOf(byHandle.values())) {
            close(subscription);
            subscription.end(status, text);
        }
    }

    private void deliver(Delivery delivery, long nowNs, long nowMs) {
        Envelope envelope = delivery.envelope();
        if (envelope.expiredAt(nowMs)) {
            meters.dropped(Meters.Dropped.EXPIRED, delivery.subscriptions().size());
            return;
        }
        Settings.Delivery rules = settings.get().delivery();
        long expiresNs = expiresNs(envelope, nowNs, nowMs);
        EncodedMessage message = EncodedMessage.of(envelope, delivery.fromPeer());
        boolean mayBlock = !delivery.fromPeer() && rules.backpressurePolicy() == BackpressurePolicy.BLOCK;
        for (Long handle : delivery.subscriptions()) {
            Subscription subscription = byHandle.get(handle);
            if (subscription == null) {
                meters.dropped(Meters.Dropped.DISCONNECTED, 1);
                continue;
            }
            Consumer<Boolean> ticket = mayBlock ? outcomes.of(envelope.messageId())::release : null;
            SubscriberBuffer.Offered offered = subscription.offer(message, rules, expiresNs, ticket, nowNs);
            if (offered == SubscriberBuffer.Offered.BLOCKED) {
                outcomes.of(envelope.messageId()).noteBlocked();
            } else if (offered == SubscriberBuffer.Offered.DROPPED && !delivery.fromPeer()) {
                outcomes.of(envelope.messageId()).noteDropped();
            }
            unflushed.add(subscription);
        }
    }

    /** Converts the rest of a lifetime to the monotonic clock, so that a jump of the wall clock expires nothing. */
    private static long expiresNs(Envelope envelope, long nowNs, long nowMs) {
        if (envelope.ttlMs() == 0) {
            return SubscriberBuffer.NEVER;
        }
        long ageMs = Math.max(0, nowMs - envelope.timestampMs());
        long leftMs = Math.min(envelope.ttlMs() - ageMs, Long.MAX_VALUE / 4_000_000);
        return nowNs + leftMs * 1_000_000;
    }

    private void scheduleFlush() {
        if (!flushScheduled && !unflushed.isEmpty()) {
            flushScheduled = true;
            vertx.runOnContext(v -> {
                flushScheduled = false;
                long nowNs = System.nanoTime();
                List<Subscription> ready = new ArrayList<>(unflushed);
                unflushed.clear();
                ready.forEach(subscription -> subscription.flush(nowNs));
            });
        }
    }

    private Subscription create(SubscribeRequest request, List<String> filters, ServerCall call) {
        Settings current = settings.get();
        int queueLimit = current.delivery().subscriberQueueLimit();
        int wanted = request.getMaxBufferSize();
        SubscriberBuffer buffer = new SubscriberBuffer(
                wanted == 0 ? queueLimit : Math.min(wanted, queueLimit),
                current.delivery().subscriberQueueBytes());
        lastHandle++;
        return new Subscription(
                lastHandle,
                subscriptionId(current.cluster().id(), request.getClientId(), filters),
                filters,
                request.getAcceptBatches(),
                call,
                buffer,
                meters,
                System.nanoTime());
    }

    private String subscriptionId(String cluster, String clientId, List<String> filters) {
        TreeSet<String> sorted = new TreeSet<>(Utf8Order.INSTANCE);
        sorted.addAll(filters);
        String client = clientId.isEmpty() ? "anonymous" : clientId;
        String unique = random.next().replace("-", "").substring(0, 16);
        return "sub-" + cluster + "-" + client + "-" + String.format("%016x", Crc64.ofLines(sorted)) + "-" + unique;
    }

    private void close(Subscription subscription) {
        if (byHandle.remove(subscription.handle()) != null) {
            byId.remove(subscription.id());
            unflushed.remove(subscription);
            active.set(byHandle.size());
            if (byHandle.isEmpty()) {
                // Nobody waits for anything, so an idle node is not woken for it.
                vertx.cancelTimer(tickTimer);
                tickTimer = NO_TIMER;
                deepestQueue.set(0);
            }
            bus.publish(Routing.UNSUBSCRIBE, new Routing.Unsubscribe(subscription.handle()));
            subscription.discard();
        }
    }

    private static MessageEvent info(Subscription subscription) {
        return MessageEvent.newBuilder()
                .setSubscriptionInfo(SubscriptionInfo.newBuilder()
                        .setSubscriptionId(subscription.id())
                        .addAllTopics(subscription.filters())
                        .setTimestampMs(System.currentTimeMillis()))
                .build();
    }
}
