package io.nexusd.wire;

/**
 * The time that an exchange with another node may take. A slow exchange that makes progress is let finish: it fails when nothing
 * is heard for a while, or when the bytes of the exchange come so slowly that it would never be of use. Times are monotonic
 * milliseconds.
 *
 * @param startedMono when the exchange began
 * @param silenceMs how long nothing may be heard
 * @param bytesToSend size of the request
 */
public record SilenceLimit(long startedMono, long silenceMs, long bytesToSend) {
    /** An exchange that is answered late though the other side is heard, by a node under load for example. */
    static final long ANSWER_MS = 60_000;

    /** The slowest rate at which an exchange is let go on, 64 kbit/s. */
    static final long MIN_BYTES_PER_MS = 8;

    /**
     * Returns for how long the exchange may go on; 0 or less when it has failed.
     *
     * @param heardMono when something was last heard of the other side; what was before the start does not count
     * @param bytesReceived how much was heard since the start
     */
    public long remainingMs(long nowMono, long heardMono, long bytesReceived) {
        long silenceEnds = Math.max(startedMono, heardMono) + silenceMs;
        long answerEnds = startedMono + ANSWER_MS + (bytesToSend + bytesReceived) / MIN_BYTES_PER_MS;
        return Math.min(silenceEnds, answerEnds) - nowMono;
    }
}
