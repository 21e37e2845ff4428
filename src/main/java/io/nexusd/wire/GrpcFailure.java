package io.nexusd.wire;

import io.vertx.grpc.common.GrpcStatus;

/** A gRPC call ends, or has ended, with this status and text. */
public final class GrpcFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final GrpcStatus status;

    public GrpcFailure(GrpcStatus status, String message) {
        super(message);
        this.status = status;
    }

    public GrpcStatus status() {
        return status;
    }
}
