package io.nexusd.bus;

import io.nexusd.model.Settings;

/**
 * A request/reply address of the bus with exactly one answering verticle.
 *
 * @param isPatient its answer may wait for queues: for room, or until they are empty
 * @param <Q> the request record
 * @param <R> the reply record
 */
public record Query<Q, R>(String name, boolean isPatient) {
    static final long AT_ONCE_MS = 30_000;
    /** As long as a publish may wait for room, or a drain may take, and more. */
    static final long PATIENTLY_MS = 2L * Settings.Delivery.MAX_BLOCK_TIMEOUT_MS;

    /** One that is answered without waiting for anything outside this process. */
    public Query(String name) {
        this(name, false);
    }

    /** One whose answer may wait for queues, or for another node over a slow link. */
    static <Q, R> Query<Q, R> patient(String name) {
        return new Query<>(name, true);
    }

    /** Returns after how long the asker takes it that no answer will come. */
    long answeredWithinMs() {
        return isPatient ? PATIENTLY_MS : AT_ONCE_MS;
    }
}
