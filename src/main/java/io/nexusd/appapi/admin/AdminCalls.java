package io.nexusd.appapi.admin;

import io.netty.util.NetUtil;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Lifecycle.ReadinessChanged;
import io.nexusd.proto.admin.AdminServiceGrpcService;
import io.nexusd.wire.ServerCall;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServer;
import java.net.InetAddress;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The AdminService: what people ask of this node. Owns who watches messages; everything else it asks over the bus. In: calls on
 * the application port. Callers that do not come over the loopback interface are refused unless the configuration lets them.
 * Lives on appapi's event loop.
 */
public final class AdminCalls {
    /** What the paths of its calls begin with. */
    public static final String PATH = "/nexusd.admin.AdminService/";

    private static final String WATCH = PATH + "Watch";
    private static final int MAX_REQUEST_BYTES = 1024 * 1024;
    private static final String DENIED =
            "the AdminService answers on the loopback interface only; call it from the host of the"
                    + " daemon, or set admin.remote: true there";

    private final AdminQueries queries;
    private final Watchers watchers;
    private final BooleanSupplier remoteAllowed;

    public AdminCalls(Vertx vertx, Bus bus, Parts parts, BooleanSupplier remoteAllowed) {
        this.queries = new AdminQueries(vertx, bus, parts);
        this.watchers = new Watchers(bus);
        this.remoteAllowed = remoteAllowed;
    }

    /**
     * What it shows without asking.
     *
     * @param readiness the latest word on readiness
     * @param registry every meter of this node
     */
    public record Parts(Supplier<ReadinessChanged> readiness, io.micrometer.core.instrument.MeterRegistry registry) {}

    /** Adds the calls that have one answer to the server. */
    public GrpcServer addTo(GrpcServer server) {
        return server.addService(AdminServiceGrpcService.of(queries));
    }

    /** Serves a call whose path begins with {@link #PATH}; the ones with one answer are left to the server. */
    public void onRequest(HttpServerRequest request, GrpcServer server) {
        if (!ServerCall.accepts(request)) {
            server.handle(request);
        } else if (!remoteAllowed.getAsBoolean() && !isLoopback(request.remoteAddress())) {
            new ServerCall(request, MAX_REQUEST_BYTES).end(GrpcStatus.PERMISSION_DENIED, DENIED);
        } else if (request.path().equals(WATCH)) {
            watchers.serve(new ServerCall(request, MAX_REQUEST_BYTES));
        } else {
            server.handle(request);
        }
    }

    /** Ends the streams of those who watch. */
    public void endAll(GrpcStatus status, String text) {
        watchers.endAll(status, text);
    }

    static boolean isLoopback(SocketAddress address) {
        String host = address == null ? null : address.hostAddress();
        InetAddress parsed = host == null ? null : NetUtil.createInetAddressFromIpAddressString(host);
        return parsed != null && parsed.isLoopbackAddress();
    }
}
