package io.nexusd.wire;

/**
 * What a connection may still spend on HTTP/2 frames that carry neither a request nor data. It fills with time, up to two seconds'
 * worth, and with what the client is sent, for which it has to answer with window updates. Not thread-safe.
 */
final class FrameBudget {
    /** A client that takes data acknowledges it in steps of some kilobytes. */
    private static final int BYTES_PER_FRAME = 512;

    private static final int SECONDS = 2;
    private static final double NS = 1e-9;

    private double left;
    private long filledNs;
    private long sentBytes;

    FrameBudget(int perSecond, long nowNs) {
        left = (double) SECONDS * perSecond;
        filledNs = nowNs;
    }

    /** Notes bytes that were sent to the client. */
    void sent(int bytes) {
        sentBytes += bytes;
    }

    /** Takes a cost without a look at the clock; false when {@link #refill} has to be asked. */
    boolean spend(int cost) {
        left -= cost;
        return left >= 0;
    }

    /** Adds what came since the last call; tells whether the budget covers what was spent. */
    boolean refill(int perSecond, long nowNs) {
        double earned = (nowNs - filledNs) * NS * perSecond + (double) sentBytes / BYTES_PER_FRAME;
        left = Math.min((double) SECONDS * perSecond, left + earned);
        filledNs = nowNs;
        sentBytes = 0;
        return left >= 0;
    }
}
