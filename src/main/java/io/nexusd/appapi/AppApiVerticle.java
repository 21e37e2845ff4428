package io.nexusd.appapi;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
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
import io.nexusd.proto.sidecar.ResumeSubscribeRequest;
import io.nexusd.proto.sidecar.Sidecar;
import io.nexusd.proto.sidecar.SidecarServiceGrpcService;
import io.nexusd.proto.sidecar.SubscribeRequest;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.LiveListener;
import io.nexusd.wire.ServerCall;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.health.HealthService;
import io.vertx.grpc.health.v1.HealthProto;
import io.vertx.grpc.server.GrpcProtocol;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SidecarService: everything an application says to this node and hears from it. Owns every application stream. In: calls,
 * deliveries of the router, readiness, the drain. Out: publishes and subscriptions to the router. The calls that carry
 * messages are framed straight onto HTTP/2; the others, health and reflection go through vertx-grpc on the same port.
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
    private final Reflection reflection = new Reflection(List.of(
            Sidecar.getDescriptor().findServiceByName("SidecarService"),
            Admin.getDescriptor().findServiceByName("AdminService"),
            HealthProto.getDescriptor().findServiceByName("Health")));
    private Subscriptions subscriptions;
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
        publishContext = new PublishCall.Context(bus, outcomes, ids, () -> settings, self::value);
        bus.on(Routing.DELIVER, subscriptions::deliver);
        bus.answer(
                Routing.DELIVER_FROM_PEER,
                deliver -> subscriptions.deliver(deliver).map(done -> new Routing.Delivered()));
        bus.on(Routing.RETAINED_FOUND, subscriptions::retainedFound);
        bus.on(Lifecycle.READINESS_CHANGED, changed -> readiness = changed);
        bus.answer(Inspection.CLIENTS, wanted -> Future.succeededFuture(subscriptions.views()));
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
        HealthService health = HealthService.create(vertx)
                .register("", () -> Future.succeededFuture(readiness.ready() && !draining))
                .register(
                        SidecarServiceGrpcService.SERVICE_NAME,
                        () -> Future.succeededFuture(readiness.ready() && !draining));
        return admin.addTo(GrpcServer.server(vertx, options)
                .addService(SidecarServiceGrpcService.of(new SidecarQueries(bus, streams)))
                .addService(health));
    }

    private static HttpServerOptions serverOptions() {
        return new HttpServerOptions()
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(MAX_STREAMS_PER_CONNECTION)
                        .setInitialWindowSize(STREAM_WINDOW_BYTES))
                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW_BYTES)
                .setHttp2RstFloodMaxRstFramePerWindow(MAX_RESETS_PER_WINDOW)
                .setTcpNoDelay(true);
    }

    private int maxMessageBytes() {
        return (int) Math.min(Integer.MAX_VALUE, (long) settings.app().maxPayloadBytes() + ENVELOPE_BYTES);
    }

    private void onRequest(HttpServerRequest request) {
        String path = request.path();
        boolean ours = path != null && path.startsWith(SERVICE) && ServerCall.accepts(request);
        if (!ours) {
            if (path != null && Reflection.PATHS.contains(path) && ServerCall.accepts(request)) {
                reflection.serve(new ServerCall(request, ENVELOPE_BYTES));
            } else if (path != null && path.startsWith(AdminCalls.PATH)) {
                admin.onRequest(request, grpc);
            } else {
                grpc.handle(request);
            }
            return;
        }
        if (draining) {
            new ServerCall(request, this::maxMessageBytes).end(GrpcStatus.UNAVAILABLE, DRAINING_TEXT);
            return;
        }
        switch (path.substring(SERVICE.length())) {
            case "Publish" -> publish(request, PublishCall.Shape.UNARY);
            case "PublishStream" -> publish(request, PublishCall.Shape.STREAM);
            case "PublishBatchStream" -> publish(request, PublishCall.Shape.BATCHES);
            case "Subscribe" -> open(request, SubscribeRequest.parser(), streams::subscribe);
            case "ResumeSubscribe" -> open(request, ResumeSubscribeRequest.parser(), streams::resume);
            default -> grpc.handle(request);
        }
    }

    private void publish(HttpServerRequest request, PublishCall.Shape shape) {
        ServerCall call = new ServerCall(request, this::maxMessageBytes);
        PublishCall publishCall = new PublishCall(shape, call, publishContext);
        publishCalls.add(publishCall);
        call.onClosed(reason -> publishCalls.remove(publishCall));
    }

    /** Serves a call that has one request and a stream of answers. */
    private <T> void open(HttpServerRequest request, Parser<T> parser, BiConsumer<T, ServerCall> opener) {
        ServerCall call = new ServerCall(request, this::maxMessageBytes);
        boolean[] opened = {false};
        call.onMessages(messages -> {
            if (opened[0] || messages.size() > 1) {
                throw new GrpcFailure(GrpcStatus.INVALID_ARGUMENT, "the call takes one request");
            }
            opened[0] = true;
            opener.accept(parse(parser, messages.get(0)), call);
        });
        call.onHalfClose(() -> {
            if (!opened[0]) {
                throw new GrpcFailure(GrpcStatus.INVALID_ARGUMENT, "the call ended without a request");
            }
        });
    }

    private static <T> T parse(Parser<T> parser, ByteString message) {
        try {
            return parser.parseFrom(message);
        } catch (InvalidProtocolBufferException e) {
            throw new GrpcFailure(
                    GrpcStatus.INVALID_ARGUMENT, "the message is not valid protobuf of its type: " + e.getMessage());
        }
    }

    private void onDraining() {
        draining = true;
        List.copyOf(publishCalls).forEach(call -> call.drain(GrpcStatus.UNAVAILABLE, DRAINING_TEXT));
    }

    private long unsettledCalls() {
        return publishCalls.stream().filter(call -> !call.isSettled()).count();
    }

    private Future<Flushed> onFlush(Flush flush) {
        return Drain.until(vertx, this::stillQueued, flush.withinMs()).map(left -> {
            // The goodbyes are on their way when the server has shut its connections in an orderly manner.
            subscriptions.endAll(GrpcStatus.UNAVAILABLE, DRAINING_TEXT);
            admin.endAll(GrpcStatus.UNAVAILABLE, DRAINING_TEXT);
            return new Flushed(left);
        });
    }

    private long stillQueued() {
        subscriptions.tick();
        return subscriptions.queued();
    }
}
