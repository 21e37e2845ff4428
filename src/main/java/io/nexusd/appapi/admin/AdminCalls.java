package io.nexusd.appapi.admin;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.NetUtil;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Lifecycle.ReadinessChanged;
import io.nexusd.proto.admin.AdminServiceGrpcService;
import io.nexusd.wire.ServerCall;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServer;
import java.net.InetAddress;
import java.util.function.Supplier;

/**
 * The AdminService: what people ask of this node. Owns who watches messages; everything else it asks over the bus. In: calls on
 * the application port. Lives on appapi's event loop; the calls that have one answer keep nothing and may be on any.
 */
public final class AdminCalls {
    /** What the paths of its calls begin with. */
    public static final String PATH = "/nexusd.admin.AdminService/";

    /** The path of the call that {@link #watch} serves. */
    public static final String WATCH = PATH + "Watch";

    /** How large the request of a call may be that the server does not take. */
    public static final int MAX_REQUEST_BYTES = 1024 * 1024;

    /** What callers are told that do not come over the loopback interface although the configuration wants it. */
    public static final String DENIED =
            "the AdminService answers on the loopback interface only; call it from the host of the"
                    + " daemon, or set admin.remote: true there";

    private final Vertx vertx;
    private final Bus bus;
    private final MeterRegistry registry;
    private final Watchers watchers;

    /**
     * Creates the service of one node.
     *
     * @param registry every meter of this node
     */
    public AdminCalls(Vertx vertx, Bus bus, MeterRegistry registry) {
        this.vertx = vertx;
        this.bus = bus;
        this.registry = registry;
        this.watchers = new Watchers(bus);
    }

    /**
     * What it shows without asking.
     *
     * @param readiness the latest word on readiness
     * @param registry every meter of this node
     */
    record Parts(Supplier<ReadinessChanged> readiness, MeterRegistry registry) {}

    /** Adds the calls that have one answer to a server, with the latest word on readiness as its event loop has it. */
    public GrpcServer addTo(GrpcServer server, Supplier<ReadinessChanged> readiness) {
        return server.addService(
                AdminServiceGrpcService.of(new AdminQueries(vertx, bus, new Parts(readiness, registry))));
    }

    /** Serves the call that shows messages. */
    public void watch(ServerCall call) {
        watchers.serve(call);
    }

    /** Ends the streams of those who watch. */
    public void endAll(GrpcStatus status, String text) {
        watchers.endAll(status, text);
    }

    /** Tells whether a caller is on this host. */
    public static boolean isLoopback(SocketAddress address) {
        String host = address == null ? null : address.hostAddress();
        InetAddress parsed = host == null ? null : NetUtil.createInetAddressFromIpAddressString(host);
        return parsed != null && parsed.isLoopbackAddress();
    }
}
