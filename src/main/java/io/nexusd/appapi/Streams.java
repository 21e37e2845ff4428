package io.nexusd.appapi;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Routing;
import io.nexusd.bus.Routing.Replay;
import io.nexusd.bus.Routing.Replayed;
import io.nexusd.model.Settings;
import io.nexusd.proto.sidecar.GapRecoveryMode;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.proto.sidecar.ResumeSubscribeRequest;
import io.nexusd.proto.sidecar.SubscribeRequest;
import io.nexusd.proto.sidecar.SubscriptionInfo;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.ServerCall;
import io.vertx.core.Future;
import io.vertx.grpc.common.GrpcStatus;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Opens the streams of subscriptions, new ones and those that come back, and decides what becomes of a subscription whose
 * stream ends: it is over, paused, or lingers for a while because the application may come back. Lives on appapi's event loop.
 */
final class Streams {
    /**
     * A client that cancels a call and keeps its connection mostly has done with it, but some cancel a silent stream before
     * they resume it: for them it lingers this long.
     */
    private static final long CANCEL_LINGER_NS = 5_000_000_000L;

    /** What the router would say of a member of a group: others got what came meanwhile. */
    private static final Replayed NOTHING_REPLAYED = new Replayed(List.of(), List.of(), false);

    private static final String NOT_NOW = "the node is starting or stopping; try again";

    private final Bus bus;
    private final Meters meters;
    private final Supplier<Settings> settings;
    private final SubscriptionIds ids;
    private final Subscriptions subscriptions;
    private final Predicate<ServerCall> connectionIsOpen;

    Streams(
            Bus bus,
            Meters meters,
            Supplier<Settings> settings,
            SubscriptionIds ids,
            Subscriptions subscriptions,
            Predicate<ServerCall> connectionIsOpen) {
        this.bus = bus;
        this.meters = meters;
        this.settings = settings;
        this.ids = ids;
        this.subscriptions = subscriptions;
        this.connectionIsOpen = connectionIsOpen;
    }

    /**
     * Opens a subscription on a call; its first event is written once the router knows it.
     *
     * @throws GrpcFailure when the request breaks a rule or the limit of subscriptions is reached
     */
    void subscribe(SubscribeRequest request, ServerCall call) {
        Optional<GrpcFailure> problem =
                RequestRules.problemWith(request, settings.get().app());
        if (problem.isPresent()) {
            throw problem.get();
        }
        List<String> filters = List.copyOf(new LinkedHashSet<>(request.getTopicsList()));
        Subscription subscription = create(
                new Subscription.Wish(
                        ids.next(settings.get().cluster().id(), request.getClientId(), filters, request.getGroup()),
                        filters,
                        request.getGroup(),
                        request.getAcceptBatches(),
                        request.getReceiveRetained()),
                request.getMaxBufferSize());
        attach(subscription, call);
        route(subscription)
                .onSuccess(subscribed -> {
                    if (isCurrent(subscription, call)) {
                        subscription.backlog().addRetained(subscribed.retained());
                        start(subscription, info(subscription));
                    }
                })
                .onFailure(e -> call.end(GrpcStatus.UNAVAILABLE, NOT_NOW));
    }

    /**
     * Takes a subscription up again on a call.
     *
     * @throws GrpcFailure when the request breaks a rule, or the subscription is unknown and no topics are given
     */
    void resume(ResumeSubscribeRequest request, ServerCall call) {
        Optional<GrpcFailure> problem =
                RequestRules.problemWith(request, settings.get().app());
        if (problem.isPresent()) {
            throw problem.get();
        }
        Subscription known = subscriptions.get(request.getSubscriptionId());
        if (known == null) {
            resumeUnknown(request, call);
            return;
        }
        if (known.call() != null) {
            ServerCall before = known.call();
            leave(known, false, Long.MAX_VALUE / 2);
            before.end(GrpcStatus.ABORTED, "the subscription goes on in another stream");
        }
        boolean shared = known.wish().isShared();
        attach(known, call);
        Future<Replayed> replayed = shared
                ? route(known).map(subscribed -> NOTHING_REPLAYED)
                : bus.request(
                        Routing.REPLAY,
                        replay(
                                request,
                                known.wish().filters(),
                                request.getLastSequencePerTopicMap(),
                                known.away().lastByTopic(),
                                // What was written last says the same as the numbers, and they last longer.
                                request.getLastMessageId().equals(known.lastWrittenId())
                                        ? ""
                                        : request.getLastMessageId(),
                                request.getReceiveRetained()));
        replayed.onSuccess(answer -> {
                    if (isCurrent(known, call)) {
                        Resumption resumption = new Resumption(known, request.getGapRecoveryMode(), answer, meters);
                        // What came for a group while a member was away, others got, or nobody did.
                        long missed = shared ? 0 : resumption.takeUp();
                        start(known, resumption.info(answer.exact() ? missed : Resumption.UNKNOWN));
                    }
                })
                .onFailure(e -> call.end(GrpcStatus.UNAVAILABLE, NOT_NOW));
    }

    /** Ends a subscription, or its stream for a while; tells whether there was one, and if so for how long it is kept. */
    Optional<Long> unsubscribe(String id, boolean pause) {
        Subscription subscription = subscriptions.get(id);
        if (subscription == null) {
            return Optional.empty();
        }
        ServerCall call = subscription.call();
        long keptMs = 0;
        if (pause) {
            keptMs = settings.get().history().pausedSubscriptionTtlMs();
            if (call == null) {
                subscription.away().extend(true, System.nanoTime() + keptMs * 1_000_000);
            } else {
                leave(subscription, true, System.nanoTime() + keptMs * 1_000_000);
            }
        } else {
            subscriptions.remove(subscription);
        }
        if (call != null) {
            call.end(GrpcStatus.OK, "");
        }
        return Optional.of(keptMs);
    }

    /** The id is of another node, or forgotten: begins anew under it, after the last message if that is known here. */
    private void resumeUnknown(ResumeSubscribeRequest request, ServerCall call) {
        SubscribeRequest options = request.getOptions();
        List<String> filters = List.copyOf(
                new LinkedHashSet<>(request.getTopicsCount() > 0 ? request.getTopicsList() : options.getTopicsList()));
        checkUnknown(request, filters);
        Subscription subscription = create(
                new Subscription.Wish(
                        request.getSubscriptionId(),
                        filters,
                        options.getGroup(),
                        options.getAcceptBatches(),
                        wantsRetained(request)),
                options.getMaxBufferSize());
        attach(subscription, call);
        boolean shared = subscription.wish().isShared();
        // Of nothing is it known that the application has it, so the history may not reach on any topic.
        boolean retained =
                wantsRetained(request) || request.getGapRecoveryMode() == GapRecoveryMode.GAP_RECOVERY_REPLAY_BUFFER;
        if (!shared) {
            subscription.missFromNow();
        }
        route(subscription)
                .compose(subscribed -> shared
                        ? Future.succeededFuture(NOTHING_REPLAYED)
                        : bus.request(
                                Routing.REPLAY,
                                replay(request, filters, Map.of(), Map.of(), request.getLastMessageId(), retained)))
                .onSuccess(answer -> {
                    if (isCurrent(subscription, call)) {
                        Resumption resumption =
                                new Resumption(subscription, request.getGapRecoveryMode(), answer, meters);
                        if (!shared) {
                            resumption.takeUp();
                        }
                        start(subscription, resumption.info(Resumption.UNKNOWN));
                    }
                })
                .onFailure(e -> call.end(GrpcStatus.UNAVAILABLE, NOT_NOW));
    }

    private static void checkUnknown(ResumeSubscribeRequest request, List<String> filters) {
        String id = request.getSubscriptionId();
        if (filters.isEmpty()) {
            throw new GrpcFailure(
                    GrpcStatus.NOT_FOUND,
                    "no subscription has the id '" + RequestRules.shown(id)
                            + "' on this node; give topics to begin anew under it");
        }
        if (SubscriptionIds.isOfMember(id) && request.getOptions().getGroup().isEmpty()) {
            // As a subscription without a group it would do every job that the members do already.
            throw new GrpcFailure(
                    GrpcStatus.FAILED_PRECONDITION,
                    "the subscription '" + RequestRules.shown(id)
                            + "' was a member of a group and is not known on this node any more; resume it with options that"
                            + " name the group, or subscribe anew");
        }
    }

    private static boolean wantsRetained(ResumeSubscribeRequest request) {
        return request.getReceiveRetained() || request.getOptions().getReceiveRetained();
    }

    /** Numbers are this node's own; to a subscription that it does not know they may be another node's, and are left out. */
    private static Replay replay(
            ResumeSubscribeRequest request,
            List<String> filters,
            Map<String, Long> lastKnown,
            Map<String, Long> lastWritten,
            String lastMessageId,
            boolean retained) {
        GapRecoveryMode mode = request.getGapRecoveryMode();
        return new Replay(
                filters,
                lastKnown,
                lastWritten,
                lastMessageId,
                mode == GapRecoveryMode.GAP_RECOVERY_REPLAY_BUFFER,
                retained || mode == GapRecoveryMode.GAP_RECOVERY_RETAINED_ONLY);
    }

    private Subscription create(Subscription.Wish wish, int wantedBuffer) {
        int limit = settings.get().app().maxSubscriptions();
        if (subscriptions.size() >= limit) {
            subscriptions.all().stream()
                    .filter(other -> other.call() == null && !other.away().paused())
                    .findFirst()
                    .ifPresent(subscriptions::remove);
        }
        if (subscriptions.size() >= limit) {
            throw new GrpcFailure(
                    GrpcStatus.RESOURCE_EXHAUSTED,
                    "this node has " + subscriptions.size()
                            + " subscriptions, as many as are allowed (app.max-subscriptions); end one or use another node");
        }
        Settings.Delivery delivery = settings.get().delivery();
        SubscriberBuffer buffer = new SubscriberBuffer(
                wantedBuffer == 0
                        ? delivery.subscriberQueueLimit()
                        : Math.min(wantedBuffer, delivery.subscriberQueueLimit()),
                delivery.subscriberQueueBytes());
        Subscription subscription = new Subscription(wish, buffer, subscriptions.writer(), meters);
        subscription.capAt(wantedBuffer);
        return subscription;
    }

    private void attach(Subscription subscription, ServerCall call) {
        // A member of a group was out of routing while it had no stream, so it comes back under a new handle.
        boolean routed = subscription.away() != null && !subscription.wish().isShared();
        long handle = routed ? subscription.handle() : subscriptions.newHandle();
        subscription.attach(call, handle, System.nanoTime());
        subscriptions.put(subscription);
        call.onClosed(reason -> onClosed(subscription, call));
        call.onWritable(() -> subscription.flush(System.nanoTime()));
    }

    private Future<Routing.Subscribed> route(Subscription subscription) {
        Subscription.Wish wish = subscription.wish();
        return bus.request(
                Routing.SUBSCRIBE,
                new Routing.Subscribe(subscription.handle(), wish.filters(), wish.group(), wish.retained()));
    }

    private void start(Subscription subscription, MessageEvent info) {
        long nowNs = System.nanoTime();
        subscription.start(info, nowNs);
        subscription.flush(nowNs);
    }

    /** Tells whether the stream has not been replaced or ended while the router was asked. */
    private boolean isCurrent(Subscription subscription, ServerCall call) {
        return subscription.call() == call && subscriptions.get(subscription.id()) == subscription;
    }

    private void onClosed(Subscription subscription, ServerCall call) {
        if (!isCurrent(subscription, call)) {
            return;
        }
        long lingerNs = settings.get().history().lingerMs() * 1_000_000L;
        if (lingerNs == 0) {
            subscriptions.remove(subscription);
            return;
        }
        long nowNs = System.nanoTime();
        leave(subscription, false, nowNs + Math.min(lingerNs, CANCEL_LINGER_NS));
        // A program that ends cancels its calls just before its connection closes.
        subscription.away().extendOnce(() -> !connectionIsOpen.test(call), nowNs + lingerNs);
    }

    private void leave(Subscription subscription, boolean pause, long untilNs) {
        Away away = subscription.away() == null ? new Away(pause, untilNs) : subscription.away();
        away.extend(pause, untilNs);
        if (subscription.wish().isShared()) {
            // Others of the group get what comes from now on.
            subscriptions.unroute(subscription);
        }
        subscriptions.handOver(subscription.leave(away));
        subscriptions.noteStream(subscription);
    }

    private static MessageEvent info(Subscription subscription) {
        return MessageEvent.newBuilder()
                .setSubscriptionInfo(SubscriptionInfo.newBuilder()
                        .setSubscriptionId(subscription.id())
                        .addAllTopics(subscription.wish().filters())
                        .setTimestampMs(System.currentTimeMillis()))
                .build();
    }
}
