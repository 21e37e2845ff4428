package io.nexusd.appapi;

import io.nexusd.appapi.admin.AdminCalls;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Drain;
import io.nexusd.bus.Inspection;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Lifecycle.Flush;
import io.nexusd.bus.Lifecycle.Flushed;
import io.nexusd.bus.Lifecycle.Listener;
import io.nexusd.bus.Lifecycle.ReadinessChanged;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Routing;
import io.nexusd.model.NodeId;
import io.nexusd.model.Settings;
import io.nexusd.proto.sidecar.GetPeersRequest;
import io.nexusd.proto.sidecar.GetTopicsRequest;
import io.nexusd.proto.sidecar.ResumeSubscribeRequest;
import io.nexusd.proto.sidecar.SubscribeRequest;
import io.nexusd.proto.sidecar.UnsubscribeRequest;
import io.nexusd.wire.EventLoops;
import io.nexusd.wire.LiveListener;
import io.nexusd.wire.ServerCall;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.grpc.common.GrpcStatus;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The SidecarService: everything an application says to this node and hears from it. Owns every subscription with its stream;
 * connections and publishing calls are on as many event loops as there are processors, its own first. In: calls, deliveries of the
 * router, readiness, the drain. Out: publishes and subscriptions to the router.
 */
public final class AppApiVerticle extends VerticleBase {
    private final Bus bus;
    private final NodeId self;
    private final Meters meters;
    private Settings settings;
    private final Health health = new Health(Set.of("", "nexusd.sidecar.SidecarService", "nexusd.admin.AdminService"));
    private final List<ConnectionLoop> loops = new ArrayList<>();
    /** What takes the calls of the SidecarService but for those that publish, by method. */
    private Map<String, Consumer<ServerCall>> calls;

    private Subscriptions subscriptions;
    private LiveListener listener;
    private AdminCalls admin;
    private ReadinessChanged readiness = new ReadinessChanged(false, List.of("the node is starting"));
    private boolean draining;

    public AppApiVerticle(Bus bus, Settings settings, NodeId self, Meters meters) {
        this.bus = bus;
        this.settings = settings;
        this.self = self;
        this.meters = meters;
    }

    @Override
    public Future<?> start() {
        SecureRandom random = new SecureRandom();
        AtomicLong newestId = new AtomicLong();
        subscriptions = new Subscriptions(vertx, bus, meters, () -> settings);
        Streams streams = new Streams(
                bus,
                meters,
                () -> settings,
                new SubscriptionIds(random),
                subscriptions,
                call -> listener.isOpen(call.connection()));
        calls = calls(streams, new SidecarQueries(bus, streams));
        admin = new AdminCalls(vertx, bus, meters.registry());
        bus.answer(Routing.DELIVER, subscriptions::deliver);
        bus.on(Routing.RETAINED_FOUND, subscriptions::retainedFound);
        bus.answer(Inspection.CLIENTS, () -> Future.succeededFuture(subscriptions.views()));
        bus.on(Lifecycle.READINESS_CHANGED, this::onReadiness);
        bus.on(Lifecycle.DRAINING, draining -> onDraining());
        bus.answer(Lifecycle.FLUSH_PUBLISHES, this::onFlushPublishes);
        bus.answer(Lifecycle.FLUSH_STREAMS, this::onFlushStreams);
        bus.on(Lifecycle.CONFIG_CHANGED, changed -> apply(changed.after()));
        ConnectionLoop.Node node =
                new ConnectionLoop.Node(vertx, bus, self, admin, newestId, calls.keySet(), this::serve);
        int processors = Runtime.getRuntime().availableProcessors();
        for (Context loop : EventLoops.beginningWith(context, processors)) {
            Executor home = loop == context ? Runnable::run : EventLoops.on(context);
            loops.add(new ConnectionLoop(node, loop, home, settings, readiness, random.nextLong()));
        }
        for (int i = 1; i < loops.size(); i++) {
            loops.get(i).attend("connections-" + i);
        }
        listener = new LiveListener(
                vertx,
                bus,
                Listener.APP,
                loops.stream().map(ConnectionLoop::site).toList());
        return listener.open(settings.app().bind(), settings.app().port());
    }

    @Override
    public Future<?> stop() {
        return listener.close();
    }

    /** Limits hold for the subscriptions that are there already; a changed address moves the listener. */
    private void apply(Settings changed) {
        settings = changed;
        loops.forEach(loop -> loop.apply(changed));
        subscriptions.applyLimits();
        listener.move(changed.app().bind(), changed.app().port());
    }

    private static Map<String, Consumer<ServerCall>> calls(Streams streams, SidecarQueries queries) {
        return Map.of(
                "Subscribe",
                call -> OneRequest.read(call, SubscribeRequest.parser(), wanted -> streams.subscribe(wanted, call)),
                "ResumeSubscribe",
                call -> OneRequest.read(call, ResumeSubscribeRequest.parser(), wanted -> streams.resume(wanted, call)),
                "Unsubscribe",
                call -> OneRequest.answer(call, UnsubscribeRequest.parser(), queries::unsubscribe),
                "GetTopics",
                call -> OneRequest.answer(call, GetTopicsRequest.parser(), queries::getTopics),
                "GetPeers",
                call -> OneRequest.answer(call, GetPeersRequest.parser(), queries::getPeers));
    }

    /** Takes the calls that no connection's own loop serves. */
    private void serve(String path, ServerCall call) {
        if (path.startsWith(Health.PATH)) {
            health.serve(call, path);
        } else if (path.equals(AdminCalls.WATCH)) {
            admin.watch(call);
        } else if (draining) {
            call.end(GrpcStatus.UNAVAILABLE, ConnectionLoop.DRAINING_TEXT);
        } else {
            calls.get(path.substring(ConnectionLoop.SERVICE.length())).accept(call);
        }
    }

    private void onReadiness(ReadinessChanged changed) {
        readiness = changed;
        loops.forEach(loop -> loop.setReadiness(changed));
        health.setServing(changed.ready() && !draining);
    }

    private void onDraining() {
        draining = true;
        health.setServing(false);
        loops.forEach(ConnectionLoop::drain);
    }

    private Future<Flushed> onFlushPublishes(Flush flush) {
        List<Future<Long>> left =
                loops.stream().map(loop -> loop.settled(flush.withinMs())).toList();
        return Future.join(left)
                .map(all -> new Flushed(left.stream().mapToLong(Future::result).sum()));
    }

    private Future<Flushed> onFlushStreams(Flush flush) {
        long deadlineNs = System.nanoTime() + flush.withinMs() * 1_000_000L;
        return Drain.until(vertx, this::stillQueued, flush.withinMs()).compose(left -> {
            subscriptions.endAll(GrpcStatus.UNAVAILABLE, ConnectionLoop.DRAINING_TEXT);
            health.endAll(GrpcStatus.UNAVAILABLE, ConnectionLoop.DRAINING_TEXT);
            admin.endAll(GrpcStatus.UNAVAILABLE, ConnectionLoop.DRAINING_TEXT);
            // What waits for the windows of clients that read would be lost if the connections were closed now.
            long withinMs = Math.max(1, (deadlineNs - System.nanoTime()) / 1_000_000);
            return subscriptions
                    .goodbyes()
                    .timeout(withinMs, TimeUnit.MILLISECONDS)
                    .otherwiseEmpty()
                    .map(gone -> new Flushed(left));
        });
    }

    private long stillQueued() {
        subscriptions.tick();
        // Who has everything can go elsewhere at once.
        subscriptions.endIdle(GrpcStatus.UNAVAILABLE, ConnectionLoop.DRAINING_TEXT);
        return subscriptions.queued();
    }
}
