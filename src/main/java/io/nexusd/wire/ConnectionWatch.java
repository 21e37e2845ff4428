package io.nexusd.wire;

import java.util.Optional;

/**
 * The decisions about one connection in time: when to ask the client for a sign of life, when to close the connection and why. In: what
 * was seen of it, at each check. Keeps instants only. Not thread-safe.
 */
final class ConnectionWatch {
    /** What something unfinished has to advance by within the request timeout, if it is not complete then. */
    static final int MIN_PROGRESS_BYTES = 16 * 1024;

    /** What is done, and when to look again. */
    record Check(Action action, String reason, long againNs) {}

    /** What a check asks for. */
    enum Action {
        NOTHING,
        PING,
        CLOSE_SILENT,
        CLOSE_UNFINISHED,
        CLOSE_IDLE
    }

    /**
     * What is to be seen of a connection at a check.
     *
     * @param heardNs when bytes came last; the time of the opening when none have
     * @param receivedBytes bytes that came, in all
     * @param flushedBytes bytes that have left this process, in all
     * @param writesStuck whether bytes wait because the socket takes no more
     * @param http2 whether it speaks HTTP/2
     * @param greeted whether its opening is complete: HTTP/2's settings, or a byte of HTTP/1
     * @param unfinished whether a frame, a block of headers or a request of HTTP/1 has begun and not ended
     * @param unit a number that differs for each of those
     * @param busy whether a call is open
     */
    record Seen(
            long heardNs,
            long receivedBytes,
            long flushedBytes,
            boolean writesStuck,
            boolean http2,
            boolean greeted,
            boolean unfinished,
            long unit,
            boolean busy) {}

    private final long openedNs;
    private long takenNs;
    private long flushedBytes;
    private boolean writesStuck;
    private long idleSinceNs;
    private long pingedNs;
    private boolean pinged;
    private boolean marked;
    private long markNs;
    private long markUnit;
    private long markBytes;
    private long expectedNs;

    ConnectionWatch(long nowNs) {
        openedNs = nowNs;
        takenNs = nowNs;
        idleSinceNs = nowNs;
        expectedNs = Long.MAX_VALUE;
    }

    /** Looks at the connection. */
    Check check(Seen seen, ConnectionLimits limits, long nowNs) {
        noteTaken(seen, nowNs);
        idleSinceNs = seen.busy() ? nowNs : idleSinceNs;
        // A check that comes late shows that this process was stopped; the silence may be its own.
        boolean late = expectedNs != Long.MAX_VALUE && nowNs - expectedNs > limits.keepaliveTimeoutNs() / 4;
        Check check = decide(seen, limits, nowNs, late);
        expectedNs = check.againNs();
        return check;
    }

    private Check decide(Seen seen, ConnectionLimits limits, long nowNs, boolean late) {
        if (!seen.greeted()) {
            return untilThen(
                    Action.CLOSE_UNFINISHED,
                    "no HTTP greeting within " + ms(limits.requestTimeoutNs()) + " (connections.request-timeout-ms)",
                    openedNs + limits.requestTimeoutNs(),
                    nowNs,
                    limits);
        }
        Optional<Check> unfinished = unfinished(seen, limits, nowNs);
        if (unfinished.isPresent()) {
            return unfinished.get();
        }
        long idleNs = idleSinceNs + limits.idleTimeoutNs();
        if (nowNs - idleNs >= 0 && !seen.busy()) {
            return new Check(
                    Action.CLOSE_IDLE,
                    "no call for " + ms(limits.idleTimeoutNs()) + " (connections.idle-timeout-ms)",
                    nowNs + limits.keepaliveIntervalNs());
        }
        return alive(seen, limits, nowNs, late);
    }

    /** Bytes that the socket takes again after it took none show that the other host acknowledges. */
    private void noteTaken(Seen seen, long nowNs) {
        if (writesStuck && seen.flushedBytes() > flushedBytes) {
            takenNs = nowNs;
        }
        writesStuck = seen.writesStuck();
        flushedBytes = seen.flushedBytes();
    }

    private Optional<Check> unfinished(Seen seen, ConnectionLimits limits, long nowNs) {
        if (!seen.unfinished()) {
            marked = false;
            return Optional.empty();
        }
        boolean advanced = seen.unit() != markUnit || seen.receivedBytes() - markBytes >= MIN_PROGRESS_BYTES;
        if (!marked || advanced) {
            marked = true;
            markNs = nowNs;
            markUnit = seen.unit();
            markBytes = seen.receivedBytes();
        }
        return nowNs - markNs < limits.requestTimeoutNs()
                ? Optional.empty()
                : Optional.of(new Check(
                        Action.CLOSE_UNFINISHED,
                        "a request has not advanced by " + MIN_PROGRESS_BYTES + " bytes within "
                                + ms(limits.requestTimeoutNs()) + " (connections.request-timeout-ms)",
                        nowNs + limits.keepaliveIntervalNs()));
    }

    private Check alive(Seen seen, ConnectionLimits limits, long nowNs, boolean late) {
        long signNs = seen.heardNs() - takenNs > 0 ? seen.heardNs() : takenNs;
        if (!seen.http2()) {
            long stuckNs = signNs + limits.keepaliveIntervalNs() + limits.keepaliveTimeoutNs();
            return seen.writesStuck()
                    ? untilThen(Action.CLOSE_SILENT, silent(signNs, nowNs), stuckNs, nowNs, limits)
                    : again(nowNs + limits.keepaliveIntervalNs(), nowNs, limits);
        }
        pinged &= signNs - pingedNs <= 0;
        if (!pinged || late) {
            long dueNs = signNs + limits.keepaliveIntervalNs();
            if (nowNs - dueNs < 0 && !late) {
                return again(dueNs, nowNs, limits);
            }
            pinged = true;
            pingedNs = nowNs;
            return new Check(
                    Action.PING, "", nowNs + Math.min(limits.keepaliveTimeoutNs(), limits.keepaliveIntervalNs()));
        }
        return untilThen(
                Action.CLOSE_SILENT, silent(signNs, nowNs), pingedNs + limits.keepaliveTimeoutNs(), nowNs, limits);
    }

    private Check untilThen(Action action, String reason, long dueNs, long nowNs, ConnectionLimits limits) {
        return nowNs - dueNs >= 0
                ? new Check(action, reason, nowNs + limits.keepaliveIntervalNs())
                : again(dueNs, nowNs, limits);
    }

    private Check again(long dueNs, long nowNs, ConnectionLimits limits) {
        long soonest = marked ? Math.min(dueNs - nowNs, markNs + limits.requestTimeoutNs() - nowNs) : dueNs - nowNs;
        long waitNs = Math.min(soonest, Math.min(limits.keepaliveIntervalNs(), limits.requestTimeoutNs()));
        return new Check(Action.NOTHING, "", nowNs + waitNs);
    }

    private static String silent(long signNs, long nowNs) {
        return "no sign of life for " + ms(nowNs - signNs)
                + " (connections.keepalive-interval-ms and connections.keepalive-timeout-ms)";
    }

    private static String ms(long ns) {
        return ns / 1_000_000 + " ms";
    }
}
