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
import io.nexusd.proto.admin.Admin;
import io.nexusd.proto.sidecar.GetPeersRequest;
import io.nexusd.proto.sidecar.GetTopicsRequest;
import io.nexusd.proto.sidecar.ResumeSubscribeRequest;
import io.nexusd.proto.sidecar.Sidecar;
import io.nexusd.proto.sidecar.SubscribeRequest;
import io.nexusd.proto.sidecar.UnsubscribeRequest;
import io.nexusd.wire.FieldReader;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.LiveListener;
import io.nexusd.wire.ServerCall;
import io.nexusd.wire.Texts.Text;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.health.v1.HealthProto;
import io.vertx.grpc.server.GrpcProtocol;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SidecarService: everything an application says to this node and hears from it. Owns every application stream. In: calls,
 * deliveries of the router, readiness, the drain. Out: publishes and subscriptions to the router. Its calls are
 * framed straight onto HTTP/2; what is not known here goes to vertx-grpc on the same port.
 */
public final class AppApiVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(AppApiVerticle.class);
    private static final String SERVICE = "/nexusd.sidecar.SidecarService/";

    /** Room in a message for everything but the payload: topic, ids, content type, headers. */
    private static final int ENVELOPE_BYTES = 1024 * 1024;

    private static final int MAX_STREAMS_PER_CONNECTION = 1_000_000;
    private static final int STREAM_WINDOW_BYTES = 1024 * 1024;
    private static final int CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;

    /** Cancelled streams a client may cause in 30 s; many short subscriptions are no attack on a sidecar. */
    private static final int MAX_RESETS_PER_WINDOW = 1_000_000;

    private static final String DRAINING_TEXT = "this node is draining; connect to another one or try again";

    private final Bus bus;
    private final NodeId self;
    private final Meters meters;
    private Settings settings;
    private final PublishOutcomes outcomes = new PublishOutcomes();
    private final Set<PublishCall> publishCalls = new HashSet<>();
    /** Made when somebody asks: the descriptions of all messages take their part of a start. */
    private Reflection reflection;

    private final Health health = new Health(Set.of("", "nexusd.sidecar.SidecarService", "nexusd.admin.AdminService"));
    private Subscriptions subscriptions;
    private SidecarQueries queries;
    private Streams streams;
    private PublishCall.Context publishContext;
    private GrpcServer grpc;
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
        MessageIds ids = new MessageIds(new SecureRandom().nextLong());
        subscriptions = new Subscriptions(vertx, bus, meters, outcomes, () -> settings);
        streams = new Streams(
                bus, meters, () -> settings, ids, subscriptions, call -> listener.isOpen(call.connection()));
        queries = new SidecarQueries(bus, streams);
        publishContext = new PublishCall.Context(
                bus,
                new TurnPublishes(vertx, bus),
                outcomes,
                ids,
                () -> settings,
                Text.of(self.value()),
                new PublishFields(),
                new FieldReader());
        bus.on(Routing.DELIVER, subscriptions::deliver);
        bus.answer(
                Routing.DELIVER_FROM_PEER,
                deliver -> subscriptions.deliver(deliver).map(done -> new Routing.Delivered()));
        bus.on(Routing.RETAINED_FOUND, subscriptions::retainedFound);
        bus.answer(Inspection.CLIENTS, wanted -> Future.succeededFuture(subscriptions.views()));
        bus.on(Lifecycle.READINESS_CHANGED, this::onReadiness);
        bus.on(Lifecycle.DRAINING, drain -> onDraining());
        bus.answer(
                Lifecycle.FLUSH_PUBLISHES,
                flush -> Drain.until(vertx, this::unsettledCalls, flush.withinMs())
                        .map(Flushed::new));
        bus.answer(Lifecycle.FLUSH_STREAMS, this::onFlush);
        bus.on(Lifecycle.CONFIG_CHANGED, changed -> apply(changed.after()));
        admin = new AdminCalls(
                vertx,
                bus,
                new AdminCalls.Parts(() -> readiness, meters.registry()),
                () -> settings.admin().remote());
        grpc = grpcServer();
        listener = new LiveListener(
                vertx,
                bus,
                Listener.APP,
                () -> vertx.createHttpServer(serverOptions()).requestHandler(this::onRequest));
        return listener.open(settings.app().bind(), settings.app().port());
    }

    @Override
    public Future<?> stop() {
        return listener.close();
    }

    /** Limits hold for the calls and subscriptions that are there already; a changed address moves the listener. */
    private void apply(Settings changed) {
        boolean otherPayloads =
                settings.app().maxPayloadBytes() != changed.app().maxPayloadBytes();
        settings = changed;
        if (otherPayloads) {
            grpc = grpcServer();
        }
        subscriptions.applyLimits();
        listener.move(changed.app().bind(), changed.app().port());
    }

    private GrpcServer grpcServer() {
        GrpcServerOptions options = new GrpcServerOptions()
                .setMaxMessageSize(maxMessageBytes())
                .removeEnabledProtocol(GrpcProtocol.WEB)
                .removeEnabledProtocol(GrpcProtocol.WEB_TEXT)
                .removeEnabledProtocol(GrpcProtocol.TRANSCODING);
        return admin.addTo(GrpcServer.server(vertx, options));
    }

    private static HttpServerOptions serverOptions() {
        return new HttpServerOptions()
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(MAX_STREAMS_PER_CONNECTION)
                        .setInitialWindowSize(STREAM_WINDOW_BYTES)
                        .setMaxFrameSize(GrpcFrames.HTTP2_FRAME_BYTES))
                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW_BYTES)
                .setHttp2RstFloodMaxRstFramePerWindow(MAX_RESETS_PER_WINDOW)
                .setTcpNoDelay(true);
    }

    private int maxMessageBytes() {
        return (int) Math.min(Integer.MAX_VALUE, (long) settings.app().maxPayloadBytes() + ENVELOPE_BYTES);
    }

    private Reflection reflection() {
        if (reflection == null) {
            reflection = new Reflection(List.of(
                    Sidecar.getDescriptor().findServiceByName("SidecarService"),
                    Admin.getDescriptor().findServiceByName("AdminService"),
                    HealthProto.getDescriptor().findServiceByName("Health")));
        }
        return reflection;
    }

    private void onRequest(HttpServerRequest request) {
        String path = request.path();
        boolean ours = path != null && path.startsWith(SERVICE) && ServerCall.accepts(request);
        if (!ours) {
            if (path != null && Reflection.PATHS.contains(path) && ServerCall.accepts(request)) {
                reflection().serve(new ServerCall(request, ENVELOPE_BYTES));
            } else if (path != null && path.startsWith(Health.PATH) && ServerCall.accepts(request)) {
                health.serve(new ServerCall(request, Health.maxRequestBytes()), path);
            } else if (path != null && path.startsWith(AdminCalls.PATH)) {
                admin.onRequest(request, grpc);
            } else {
                grpc.handle(request);
            }
            return;
        }
        if (draining) {
            call(request).end(GrpcStatus.UNAVAILABLE, DRAINING_TEXT);
            return;
        }
        switch (path.substring(SERVICE.length())) {
            case "Publish" -> publish(request, PublishCall.Shape.UNARY);
            case "PublishStream" -> publish(request, PublishCall.Shape.STREAM);
            case "PublishBatchStream" -> publish(request, PublishCall.Shape.BATCHES);
            case "Subscribe" -> {
                ServerCall call = call(request);
                OneRequest.read(call, SubscribeRequest.parser(), wanted -> streams.subscribe(wanted, call));
            }
            case "ResumeSubscribe" -> {
                ServerCall call = call(request);
                OneRequest.read(call, ResumeSubscribeRequest.parser(), wanted -> streams.resume(wanted, call));
            }
            case "Unsubscribe" -> OneRequest.answer(call(request), UnsubscribeRequest.parser(), queries::unsubscribe);
            case "GetTopics" -> OneRequest.answer(call(request), GetTopicsRequest.parser(), queries::getTopics);
            case "GetPeers" -> OneRequest.answer(call(request), GetPeersRequest.parser(), queries::getPeers);
            default -> grpc.handle(request);
        }
    }

    private void publish(HttpServerRequest request, PublishCall.Shape shape) {
        ServerCall call = call(request);
        PublishCall publishCall = new PublishCall(shape, call, publishContext);
        publishCalls.add(publishCall);
        call.onClosed(reason -> publishCalls.remove(publishCall));
    }

    private ServerCall call(HttpServerRequest request) {
        return new ServerCall(request, this::maxMessageBytes);
    }

    private void onReadiness(ReadinessChanged changed) {
        readiness = changed;
        health.setServing(changed.ready() && !draining);
    }

    private void onDraining() {
        draining = true;
        health.setServing(false);
        List.copyOf(publishCalls).forEach(call -> call.drain(GrpcStatus.UNAVAILABLE, DRAINING_TEXT));
    }

    private long unsettledCalls() {
        return publishCalls.stream().filter(call -> !call.isSettled()).count();
    }

    private Future<Flushed> onFlush(Flush flush) {
        long deadlineNs = System.nanoTime() + flush.withinMs() * 1_000_000L;
        return Drain.until(vertx, this::stillQueued, flush.withinMs()).compose(left -> {
            subscriptions.endAll(GrpcStatus.UNAVAILABLE, DRAINING_TEXT);
            health.endAll(GrpcStatus.UNAVAILABLE, DRAINING_TEXT);
            admin.endAll(GrpcStatus.UNAVAILABLE, DRAINING_TEXT);
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
        subscriptions.endIdle(GrpcStatus.UNAVAILABLE, DRAINING_TEXT);
        return subscriptions.queued();
    }
}
