package io.nexusd.bench;

import io.nexusd.wire.GrpcFailure;
import io.vertx.grpc.common.GrpcStatus;
import java.util.concurrent.TimeoutException;

/** A run that could not be made or is not to be trusted; the exit codes are those of the command line client. */
final class BenchFailure extends RuntimeException {
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int UNREACHABLE = 3;
    static final int DENIED = 4;
    static final int TIMED_OUT = 5;
    static final int REJECTED = 6;

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    BenchFailure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }

    /** Returns what a call that ended with this status means for the run. */
    static BenchFailure of(GrpcStatus status, String text, String target) {
        return switch (status) {
            case UNAVAILABLE -> new BenchFailure(UNREACHABLE, target + " is not available: " + text);
            case UNAUTHENTICATED, PERMISSION_DENIED -> new BenchFailure(DENIED, "denied by " + target + ": " + text);
            case DEADLINE_EXCEEDED, CANCELLED -> new BenchFailure(TIMED_OUT, target + " did not answer in time");
            case INVALID_ARGUMENT, RESOURCE_EXHAUSTED, NOT_FOUND, UNIMPLEMENTED, FAILED_PRECONDITION ->
                new BenchFailure(REJECTED, "rejected by " + target + ": " + text);
            default -> new BenchFailure(FAILED, target + " ended a call with " + status.name() + ": " + text);
        };
    }

    /** Returns what a failed call or connection means for the run. */
    static BenchFailure of(Throwable e, String target) {
        if (e instanceof BenchFailure failure) {
            return failure;
        }
        if (e instanceof GrpcFailure failure) {
            return of(failure.status(), failure.getMessage(), target);
        }
        if (e instanceof TimeoutException) {
            return new BenchFailure(TIMED_OUT, target + " did not answer in time; see --timeout");
        }
        return new BenchFailure(
                UNREACHABLE, "cannot reach " + target + " (" + e.getMessage() + "); is the daemon running there?");
    }
}
