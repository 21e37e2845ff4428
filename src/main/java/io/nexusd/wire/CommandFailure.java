package io.nexusd.wire;

import io.vertx.grpc.common.GrpcStatus;
import java.util.concurrent.TimeoutException;

/** A command of a client did not do what was asked; the exit code says in which way. */
public final class CommandFailure extends RuntimeException {
    public static final int FAILED = 1;
    public static final int USAGE = 2;
    public static final int UNREACHABLE = 3;
    public static final int DENIED = 4;
    public static final int TIMED_OUT = 5;
    public static final int REJECTED = 6;
    /** The reader of standard output has closed it: as a shell says it of a process that SIGPIPE ended. Nothing is printed. */
    public static final int PIPE_CLOSED = 141;

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    public CommandFailure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }

    /** Tells whether the daemon does not tell this, to this caller or at all; it may tell less by other calls. */
    public boolean isWithheld() {
        return exitCode == DENIED || exitCode == REJECTED;
    }

    /** Returns what the end of a call with this status means; the text is the daemon's own where it sent one. */
    public static CommandFailure of(GrpcStatus status, String text, String target) {
        return switch (status) {
            case UNAVAILABLE -> new CommandFailure(UNREACHABLE, target + " is not available: " + text);
            case UNAUTHENTICATED, PERMISSION_DENIED -> new CommandFailure(DENIED, "denied by " + target + ": " + text);
            case DEADLINE_EXCEEDED, CANCELLED -> new CommandFailure(TIMED_OUT, target + " did not answer in time");
            case INVALID_ARGUMENT, RESOURCE_EXHAUSTED, NOT_FOUND, UNIMPLEMENTED, FAILED_PRECONDITION, ALREADY_EXISTS ->
                new CommandFailure(REJECTED, "rejected by " + target + ": " + text);
            default -> new CommandFailure(FAILED, target + " failed with " + status.name() + ": " + text);
        };
    }

    /** Returns what a failed call or connection means. */
    public static CommandFailure of(Throwable e, String target) {
        if (e instanceof CommandFailure failure) {
            return failure;
        }
        if (e instanceof GrpcFailure failure) {
            return of(failure.status(), failure.getMessage(), target);
        }
        if (e instanceof TimeoutException) {
            return new CommandFailure(TIMED_OUT, target + " did not answer in time; see --timeout");
        }
        return new CommandFailure(
                UNREACHABLE, "cannot reach " + target + " (" + e.getMessage() + "); is the daemon running there?");
    }
}
