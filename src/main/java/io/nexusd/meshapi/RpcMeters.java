package io.nexusd.meshapi;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.nexusd.bus.Meters;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts and times what other nodes ask of this one: calls, and what is asked and answered over a link, which is a call of its
 * own that lasts for as long as the link does. Lives on meshapi's event loop; every method is there from the start.
 */
final class RpcMeters {
    /** A batch of messages over a link, until it is acknowledged. */
    static final String LINK_BATCH = "Link/Batch";

    /** A question over a link for the members this node knows. */
    static final String LINK_MEMBERS = "Link/Members";

    /** Anything that MeshService does not have. */
    static final String UNKNOWN = "unknown";

    /** The methods of MeshService. */
    static final List<String> METHODS = List.of(
            "Link",
            "GetNodeState",
            "PushMessage",
            "PushMessageStream",
            "RetainedDigest",
            "RetainedMessages",
            "MeshView");

    private final MeterRegistry registry;
    private final Map<String, Map<GrpcStatus, Counter>> requests = new HashMap<>();
    private final Map<String, Timer> durations = new HashMap<>();

    RpcMeters(MeterRegistry registry) {
        this.registry = registry;
        METHODS.forEach(this::register);
        List.of(LINK_BATCH, LINK_MEMBERS, UNKNOWN).forEach(this::register);
    }

    /** Notes that a call which began at this monotonic time is over. */
    void ended(String method, GrpcStatus status, long startedNs) {
        requests.get(method)
                .computeIfAbsent(status, first -> counter(method, first))
                .increment();
        durations.get(method).record(Duration.ofNanos(System.nanoTime() - startedNs));
    }

    private void register(String method) {
        Map<GrpcStatus, Counter> byStatus = new EnumMap<>(GrpcStatus.class);
        GrpcStatus usual = method.equals(UNKNOWN) ? GrpcStatus.UNIMPLEMENTED : GrpcStatus.OK;
        byStatus.put(usual, counter(method, usual));
        requests.put(method, byStatus);
        durations.put(
                method,
                Meters.exchangeTimer(
                                "nexusd.mesh.rpc.duration",
                                "Duration of calls of other nodes; of a link, how long it lasted")
                        .tag("method", method)
                        .register(registry));
    }

    private Counter counter(String method, GrpcStatus status) {
        return Counter.builder("nexusd.mesh.rpc.requests")
                .description("Calls of other nodes, by method and status")
                .tag("method", method)
                .tag("status", status.name())
                .register(registry);
    }
}
