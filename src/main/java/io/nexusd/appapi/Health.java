package io.nexusd.appapi;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.ServerCall;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.health.v1.HealthCheckRequest;
import io.vertx.grpc.health.v1.HealthCheckResponse;
import io.vertx.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.vertx.grpc.health.v1.HealthListResponse;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The gRPC health service: says of the node as a whole, the empty service name, and of the SidecarService what the readiness
 * probe says. In: readiness. Out: answers, and news for those who watch. Served here because the one of vertx-grpc-health calls
 * the empty name serving whatever its check says, and the empty name is what Kubernetes asks for. Lives on appapi's event loop.
 */
final class Health {
    static final String PATH = "/grpc.health.v1.Health/";

    /** A name longer than any service's. */
    static final int MAX_REQUEST_BYTES = 4096;

    private static final int MAX_WATCHERS = 1000;

    private final Set<String> services;
    private final Set<Watcher> watchers = new HashSet<>();
    private boolean serving;

    private record Watcher(ServerCall call, boolean known) {}

    /** Speaks for these services besides the node as a whole. */
    Health(Set<String> services) {
        this.services = services;
    }

    void setServing(boolean isServing) {
        if (serving != isServing) {
            serving = isServing;
            watchers.stream().filter(Watcher::known).forEach(watcher -> watcher.call.write(response(true)));
        }
    }

    /** Serves a call of the service. */
    void serve(String method, ServerCall call) {
        switch (method) {
            case "Check" ->
                whenAsked(call, service -> {
                    if (!isKnown(service)) {
                        throw new GrpcFailure(
                                GrpcStatus.NOT_FOUND, "no service has the name '" + RequestRules.shown(service) + "'");
                    }
                    call.write(response(true));
                    call.end(GrpcStatus.OK, "");
                });
            case "Watch" -> whenAsked(call, service -> watch(call, isKnown(service)));
            case "List" ->
                whenAsked(call, service -> {
                    HealthListResponse.Builder list =
                            HealthListResponse.newBuilder().putStatuses("", status(true));
                    services.forEach(name -> list.putStatuses(name, status(true)));
                    call.write(GrpcFrames.frame(list.build()));
                    call.end(GrpcStatus.OK, "");
                });
            default -> call.end(GrpcStatus.UNIMPLEMENTED, "Health has no method " + RequestRules.shown(method));
        }
    }

    private void watch(ServerCall call, boolean known) {
        if (watchers.size() >= MAX_WATCHERS) {
            throw new GrpcFailure(GrpcStatus.RESOURCE_EXHAUSTED, MAX_WATCHERS + " calls watch already");
        }
        Watcher watcher = new Watcher(call, known);
        watchers.add(watcher);
        call.onClosed(reason -> watchers.remove(watcher));
        call.write(response(known));
    }

    /** Has the handler run with the service's name once the request is there; the list has a request without one. */
    private static void whenAsked(ServerCall call, Consumer<String> handler) {
        boolean[] asked = {false};
        call.onMessages(messages -> {
            if (!asked[0]) {
                asked[0] = true;
                handler.accept(service(messages.get(0)));
            }
        });
        call.onHalfClose(() -> {
            if (!asked[0]) {
                throw new GrpcFailure(GrpcStatus.INVALID_ARGUMENT, "the call ended without a request");
            }
        });
    }

    private static String service(ByteString request) {
        try {
            return HealthCheckRequest.parseFrom(request).getService();
        } catch (InvalidProtocolBufferException e) {
            throw new GrpcFailure(GrpcStatus.INVALID_ARGUMENT, "the request cannot be read: " + e.getMessage());
        }
    }

    private boolean isKnown(String service) {
        return service.isEmpty() || services.contains(service);
    }

    private io.vertx.core.buffer.Buffer response(boolean known) {
        return GrpcFrames.frame(status(known));
    }

    private HealthCheckResponse status(boolean known) {
        ServingStatus status =
                !known ? ServingStatus.SERVICE_UNKNOWN : serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
        return HealthCheckResponse.newBuilder().setStatus(status).build();
    }
}
