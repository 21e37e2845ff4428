package io.nexusd.appapi;

import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.ServerCall;
import io.vertx.core.Future;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.health.v1.HealthCheckRequest;
import io.vertx.grpc.health.v1.HealthCheckResponse;
import io.vertx.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.vertx.grpc.health.v1.HealthListRequest;
import io.vertx.grpc.health.v1.HealthListResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The gRPC health service: says the same as {@code /readyz}, for the node as a whole and for each service. Owns who watches. The one
 * of vertx-grpc calls the node as a whole serving whatever happens. Lives on appapi's event loop.
 */
final class Health {
    /** What the paths of its calls begin with. */
    static final String PATH = "/grpc.health.v1.Health/";

    /** How large the request of a call may be. */
    static final int MAX_REQUEST_BYTES = 64 * 1024;

    private static final int MAX_WATCHERS = 10_000;

    private final Set<String> services;
    /** Each with the service it watches. */
    private final Map<ServerCall, String> watchers = new LinkedHashMap<>();

    private boolean serving;

    /**
     * Says not serving until told otherwise.
     *
     * @param services full names; the empty name stands for the node as a whole
     */
    Health(Set<String> services) {
        this.services = Set.copyOf(services);
    }

    /** Serves a call whose path begins with {@link #PATH}. */
    void serve(ServerCall call, String path) {
        switch (path.substring(PATH.length())) {
            case "Check" -> OneRequest.answer(call, HealthCheckRequest.parser(), this::check);
            case "Watch" -> OneRequest.read(call, HealthCheckRequest.parser(), request -> watch(call, request));
            case "List" -> OneRequest.answer(call, HealthListRequest.parser(), request -> list());
            default -> call.end(GrpcStatus.UNIMPLEMENTED, "grpc.health.v1.Health has no such method");
        }
    }

    /** Tells everybody who watches, if it is news. */
    void setServing(boolean nowServing) {
        if (serving != nowServing) {
            serving = nowServing;
            // Who is found gone in the write is taken out meanwhile.
            new LinkedHashMap<>(watchers).forEach((call, service) -> {
                if (services.contains(service)) {
                    call.write(GrpcFrames.frame(response(service)));
                }
            });
        }
    }

    /** Ends the streams of those who watch. */
    void endAll(GrpcStatus status, String text) {
        Set.copyOf(watchers.keySet()).forEach(call -> call.end(status, text));
        watchers.clear();
    }

    private Future<HealthCheckResponse> check(HealthCheckRequest request) {
        if (!services.contains(request.getService())) {
            return Future.failedFuture(new GrpcFailure(
                    GrpcStatus.NOT_FOUND,
                    "no service is called '" + RequestRules.shown(request.getService()) + "' here; there are "
                            + services));
        }
        return Future.succeededFuture(response(request.getService()));
    }

    private void watch(ServerCall call, HealthCheckRequest request) {
        if (watchers.size() >= MAX_WATCHERS) {
            throw new GrpcFailure(GrpcStatus.RESOURCE_EXHAUSTED, MAX_WATCHERS + " calls watch already");
        }
        watchers.put(call, request.getService());
        call.onClosed(reason -> watchers.remove(call));
        call.write(GrpcFrames.frame(response(request.getService())));
    }

    private Future<HealthListResponse> list() {
        HealthListResponse.Builder list = HealthListResponse.newBuilder();
        services.forEach(service -> list.putStatuses(service, response(service)));
        return Future.succeededFuture(list.build());
    }

    private HealthCheckResponse response(String service) {
        ServingStatus status = !services.contains(service)
                ? ServingStatus.SERVICE_UNKNOWN
                : serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
        return HealthCheckResponse.newBuilder().setStatus(status).build();
    }
}
