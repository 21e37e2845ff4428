package io.nexusd.bus;

/**
 * A request/reply address of the bus with exactly one answering verticle.
 *
 * @param answeredWithinMs after which the asker takes it that no answer will come
 * @param <Q> the request record
 * @param <R> the reply record
 */
public record Query<Q, R>(String name, long answeredWithinMs) {
    private static final long AT_ONCE_MS = 30_000;
    /** As long as a publish may wait for room, and more. */
    private static final long PATIENTLY_MS = 2 * 3_600_000;

    /** One that is answered without waiting for anything outside this process. */
    public Query(String name) {
        this(name, AT_ONCE_MS);
    }

    /** One whose answer may wait for room in a queue. */
    static <Q, R> Query<Q, R> patient(String name) {
        return new Query<>(name, PATIENTLY_MS);
    }
}
