package io.nexusd.appapi.admin;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.NetUtil;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Lifecycle.ReadinessChanged;
import io.nexusd.proto.admin.ExplainRequest;
import io.nexusd.proto.admin.GetClientsRequest;
import io.nexusd.proto.admin.GetConfigRequest;
import io.nexusd.proto.admin.GetInfoRequest;
import io.nexusd.proto.admin.GetMemoryRequest;
import io.nexusd.proto.admin.GetMeshRequest;
import io.nexusd.proto.admin.GetObjectRequest;
import io.nexusd.proto.admin.GetPeersRequest;
import io.nexusd.proto.admin.GetRetainedRequest;
import io.nexusd.proto.admin.GetStatsRequest;
import io.nexusd.proto.admin.GetTopicsRequest;
import io.nexusd.proto.admin.GetTrafficRequest;
import io.nexusd.proto.admin.LogLevelRequest;
import io.nexusd.proto.admin.SleepRequest;
import io.nexusd.wire.ServerCall;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.common.GrpcStatus;
import java.net.InetAddress;
import java.util.Map;
import java.util.function.Function;
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

    /** How large the request of a call may be. */
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

    /**
     * A call that has one answer.
     *
     * @param <Q> its request
     * @param answers fails with a status and a text
     */
    public record Unary<Q>(Parser<Q> parser, Function<Q, Future<? extends Message>> answers) {}

    /** Returns the calls that have one answer, by path, with the latest word on readiness as an event loop has it. */
    public Map<String, Unary<?>> unary(Supplier<ReadinessChanged> readiness) {
        AdminQueries queries = new AdminQueries(vertx, bus, new Parts(readiness, registry));
        return Map.ofEntries(
                Map.entry(PATH + "GetInfo", new Unary<>(GetInfoRequest.parser(), queries::getInfo)),
                Map.entry(PATH + "GetStats", new Unary<>(GetStatsRequest.parser(), queries::getStats)),
                Map.entry(PATH + "GetMemory", new Unary<>(GetMemoryRequest.parser(), queries::getMemory)),
                Map.entry(PATH + "GetConfig", new Unary<>(GetConfigRequest.parser(), queries::getConfig)),
                Map.entry(PATH + "LogLevel", new Unary<>(LogLevelRequest.parser(), queries::logLevel)),
                Map.entry(PATH + "Sleep", new Unary<>(SleepRequest.parser(), queries::sleep)),
                Map.entry(PATH + "GetPeers", new Unary<>(GetPeersRequest.parser(), queries::getPeers)),
                Map.entry(PATH + "GetMesh", new Unary<>(GetMeshRequest.parser(), queries::getMesh)),
                Map.entry(PATH + "GetClients", new Unary<>(GetClientsRequest.parser(), queries::getClients)),
                Map.entry(PATH + "GetTopics", new Unary<>(GetTopicsRequest.parser(), queries::getTopics)),
                Map.entry(PATH + "GetRetained", new Unary<>(GetRetainedRequest.parser(), queries::getRetained)),
                Map.entry(PATH + "Explain", new Unary<>(ExplainRequest.parser(), queries::explain)),
                Map.entry(PATH + "GetTraffic", new Unary<>(GetTrafficRequest.parser(), queries::getTraffic)),
                Map.entry(PATH + "GetObject", new Unary<>(GetObjectRequest.parser(), queries::getObject)));
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
