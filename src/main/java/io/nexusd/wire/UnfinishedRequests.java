package io.nexusd.wire;

import io.vertx.grpc.common.GrpcStatus;

/**
 * The calls of one connection of which a request has begun and not ended, the oldest first. A call that does not advance is ended
 * here: what it holds of a message takes memory. Lives on the event loop of the connection.
 */
final class UnfinishedRequests {
    /** The place of a call in the list, whether it is there or not. */
    static final class Place {
        private final ServerCall call;
        private Place before;
        private Place after;
        private boolean listed;
        private long bytes;
        private int held;
        private long markBytes;
        private long markNs;
        private boolean marked;

        Place(ServerCall call) {
            this.call = call;
        }

        /** Notes bytes of the request. */
        void received(int count) {
            bytes += count;
        }
    }

    /** What the unfinished messages of one connection may hold: the memory is for others too. */
    private static final long MAX_HELD_BYTES =
            Math.max(16 * 1024 * 1024, Runtime.getRuntime().maxMemory() / 8);

    private final Place ends = new Place(null);
    private long held;

    UnfinishedRequests() {
        ends.before = ends;
        ends.after = ends;
    }

    void add(Place place) {
        if (!place.listed) {
            place.listed = true;
            place.marked = false;
            place.before = ends.before;
            place.after = ends;
            ends.before.after = place;
            ends.before = place;
        }
    }

    void remove(Place place) {
        if (place.listed) {
            place.listed = false;
            hold(place, 0);
            place.before.after = place.after;
            place.after.before = place.before;
        }
    }

    /** Notes the memory of the message of a call; false when the connection takes too much. */
    boolean hold(Place place, int bytes) {
        held += bytes - place.held;
        place.held = bytes;
        return held <= MAX_HELD_BYTES;
    }

    /** Returns what is said to a call for whose message there is no room. */
    static GrpcFailure tooMuch() {
        return new GrpcFailure(
                GrpcStatus.RESOURCE_EXHAUSTED,
                "the unfinished messages of this connection hold more than " + MAX_HELD_BYTES
                        + " bytes; send fewer large messages at the same time");
    }

    /** Ends the calls that have not advanced within the timeout. */
    void check(long timeoutNs, long nowNs) {
        Place place = ends.after;
        while (place != ends) {
            Place next = place.after;
            if (!place.marked || place.bytes - place.markBytes >= ConnectionWatch.MIN_PROGRESS_BYTES) {
                place.marked = true;
                place.markNs = nowNs;
                place.markBytes = place.bytes;
            } else if (nowNs - place.markNs >= timeoutNs) {
                remove(place);
                place.call.refuse(new GrpcFailure(
                        GrpcStatus.DEADLINE_EXCEEDED,
                        "the request has not advanced by " + ConnectionWatch.MIN_PROGRESS_BYTES + " bytes within "
                                + timeoutNs / 1_000_000 + " ms (connections.request-timeout-ms)"));
            }
            place = next;
        }
    }
}
