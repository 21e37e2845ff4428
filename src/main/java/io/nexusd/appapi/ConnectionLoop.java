package io.nexusd.appapi;

import io.nexusd.appapi.admin.AdminCalls;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Drain;
import io.nexusd.bus.Lifecycle.ReadinessChanged;
import io.nexusd.model.NodeId;
import io.nexusd.model.Settings;
import io.nexusd.proto.admin.Admin;
import io.nexusd.proto.sidecar.Sidecar;
import io.nexusd.wire.EventLoops;
import io.nexusd.wire.FieldReader;
import io.nexusd.wire.Http2Server;
import io.nexusd.wire.LiveListener;
import io.nexusd.wire.RequestHead;
import io.nexusd.wire.ServerCall;
import io.nexusd.wire.Texts.Text;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.health.v1.HealthProto;
import io.vertx.grpc.server.GrpcProtocol;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.IntSupplier;

/**
 * What one event loop does for applications: it serves their connections and takes what they publish. Owns the publishing calls
 * of its connections. In: requests; settings, readiness and the drain from appapi, whose own loop may be another. Out: publishes
 * to the router, other calls to appapi. Its calls are framed straight onto HTTP/2; what is not known here goes to vertx-grpc.
 */
final class ConnectionLoop {
    static final String SERVICE = "/nexusd.sidecar.SidecarService/";
    static final String DRAINING_TEXT = "this node is draining; connect to another one or try again";

    private static final int ENVELOPE_BYTES = RequestRules.ENVELOPE_BYTES;

    private static final int MAX_STREAMS_PER_CONNECTION = 20_000;
    private static final int STREAM_WINDOW_BYTES = 1024 * 1024;
    private static final int CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;

    /**
     * What the loops of a node have in common.
     *
     * @param newestId see {@link MessageIds}
     * @param servedAtHome calls of the SidecarService, by method, that appapi serves on its own loop
     * @param serve takes a call with its path on appapi's loop
     */
    record Node(
            Vertx vertx,
            Bus bus,
            NodeId self,
            AdminCalls admin,
            AtomicLong newestId,
            Set<String> servedAtHome,
            BiConsumer<String, ServerCall> serve) {}

    private final Node node;
    private final Context context;
    private final Executor loop;
    private final Executor home;
    private final Set<PublishCall> publishCalls = new HashSet<>();
    private final PublishCall.Context publishContext;
    private Settings settings;
    private ReadinessChanged readiness;
    /** By path. */
    private final Map<String, AdminCalls.Unary<?>> adminCalls;

    /** Refuses what is not known here. */
    private final GrpcServer grpc;
    /** Made when somebody asks: the descriptions of all messages take their part of a start. */
    private Reflection reflection;

    private boolean draining;

    /**
     * Makes one; its methods may be called from appapi's loop.
     *
     * @param context is on the loop
     * @param home runs things on appapi's loop
     */
    ConnectionLoop(
            Node node, Context context, Executor home, Settings settings, ReadinessChanged readiness, long seed) {
        this.node = node;
        this.context = context;
        this.loop = EventLoops.on(context);
        this.home = home;
        this.settings = settings;
        this.readiness = readiness;
        publishContext = new PublishCall.Context(
                node.bus(),
                new TurnPublishes(node.vertx(), node.bus()),
                new MessageIds(node.newestId(), seed),
                () -> this.settings,
                Text.of(node.self().value()),
                new PublishFields(),
                new FieldReader());
        adminCalls = node.admin().unary(() -> this.readiness);
        grpc = grpcServer();
    }

    /** Returns where a listener finds its servers. */
    LiveListener.Site site() {
        return new LiveListener.Site(context, this::server);
    }

    /** Answers roll calls, so that it is seen when the loop is stuck. */
    void attend(String name) {
        loop.execute(() -> node.bus().joinRollCall(name));
    }

    /** Limits hold for the calls that are there already. */
    void apply(Settings changed) {
        loop.execute(() -> settings = changed);
    }

    void setReadiness(ReadinessChanged changed) {
        loop.execute(() -> readiness = changed);
    }

    /** Refuses new publishing calls, and ends those that are there once they are answered. */
    void drain() {
        loop.execute(() -> {
            draining = true;
            List.copyOf(publishCalls).forEach(call -> call.drain(GrpcStatus.UNAVAILABLE, DRAINING_TEXT));
        });
    }

    /** Completes when every publish that was taken is routed, with how many calls were not settled in time. */
    Future<Long> settled(int withinMs) {
        Promise<Long> settled = Promise.promise();
        loop.execute(
                () -> Drain.until(node.vertx(), this::unsettledCalls, withinMs).onComplete(settled));
        return settled.future();
    }

    private long unsettledCalls() {
        return publishCalls.stream().filter(call -> !call.isSettled()).count();
    }

    private HttpServer server() {
        HttpServerOptions options =
                Http2Server.options(MAX_STREAMS_PER_CONNECTION, STREAM_WINDOW_BYTES, CONNECTION_WINDOW_BYTES);
        return node.vertx().createHttpServer(options).requestHandler(this::onRequest);
    }

    private GrpcServer grpcServer() {
        GrpcServerOptions options = new GrpcServerOptions()
                .removeEnabledProtocol(GrpcProtocol.WEB)
                .removeEnabledProtocol(GrpcProtocol.WEB_TEXT)
                .removeEnabledProtocol(GrpcProtocol.TRANSCODING);
        return GrpcServer.server(node.vertx(), options);
    }

    private int maxMessageBytes() {
        return (int) Math.min(Integer.MAX_VALUE, (long) settings.app().maxPayloadBytes() + ENVELOPE_BYTES);
    }

    private void onRequest(HttpServerRequest request) {
        String path = request.path();
        if (RequestHead.refuses(request, settings.connections().maxMetadataBytes())) {
            return;
        }
        if (path == null || !ServerCall.accepts(request)) {
            grpc.handle(request);
        } else if (path.startsWith(SERVICE)) {
            onSidecarCall(request, path.substring(SERVICE.length()));
        } else if (Reflection.PATHS.contains(path)) {
            reflection().serve(new ServerCall(request, ENVELOPE_BYTES));
        } else if (path.startsWith(AdminCalls.PATH)) {
            onAdminCall(request);
        } else if (path.startsWith(Health.PATH)) {
            serveAtHome(request, () -> Health.MAX_REQUEST_BYTES);
        } else {
            grpc.handle(request);
        }
    }

    private void onSidecarCall(HttpServerRequest request, String method) {
        switch (method) {
            case "Publish" -> publish(request, PublishCall.Shape.UNARY);
            case "PublishStream" -> publish(request, PublishCall.Shape.STREAM);
            case "PublishBatchStream" -> publish(request, PublishCall.Shape.BATCHES);
            default -> {
                if (node.servedAtHome().contains(method)) {
                    serveAtHome(request, this::maxMessageBytes);
                } else {
                    grpc.handle(request);
                }
            }
        }
    }

    private void onAdminCall(HttpServerRequest request) {
        if (!settings.admin().remote() && !AdminCalls.isLoopback(request.remoteAddress())) {
            new ServerCall(request, AdminCalls.MAX_REQUEST_BYTES).end(GrpcStatus.PERMISSION_DENIED, AdminCalls.DENIED);
        } else if (request.path().equals(AdminCalls.WATCH)) {
            serveAtHome(request, () -> AdminCalls.MAX_REQUEST_BYTES);
        } else if (adminCalls.containsKey(request.path())) {
            answer(new ServerCall(request, AdminCalls.MAX_REQUEST_BYTES), adminCalls.get(request.path()));
        } else {
            grpc.handle(request);
        }
    }

    private static <Q> void answer(ServerCall call, AdminCalls.Unary<Q> method) {
        OneRequest.answer(call, method.parser(), method.answers());
    }

    private void publish(HttpServerRequest request, PublishCall.Shape shape) {
        ServerCall call = new ServerCall(request, this::maxMessageBytes);
        if (draining) {
            call.end(GrpcStatus.UNAVAILABLE, DRAINING_TEXT);
            return;
        }
        PublishCall publishCall = new PublishCall(shape, call, publishContext);
        publishCalls.add(publishCall);
        call.onClosed(reason -> publishCalls.remove(publishCall));
    }

    private void serveAtHome(HttpServerRequest request, IntSupplier maxBytes) {
        String path = request.path();
        ServerCall call = new ServerCall(request, maxBytes, home);
        home.execute(() -> node.serve().accept(path, call));
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
}
