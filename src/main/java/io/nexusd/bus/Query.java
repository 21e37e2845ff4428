package io.nexusd.bus;

import io.nexusd.model.Settings;

/**
 * A request/reply address of the bus with exactly one answering verticle. A request fails at once while that verticle is not
 * deployed, and otherwise when the verticle fails it or does not answer in time. {@link Flow} declares the components at both ends.
 *
 * @param isPatient whether the answer may wait for queues or for another node
 * @param <Q> the type of the request; {@link Void} where it has no content
 * @param <R> the type of the reply; {@link Void} where it has no content
 */
public record Query<Q, R>(String name, boolean isPatient) {
    static final long AT_ONCE_MS = 30_000;
    /** Longer than a publish may wait for room and than a drain may take. */
    static final long PATIENTLY_MS = 2L * Settings.Delivery.MAX_BLOCK_TIMEOUT_MS;

    /** A query that is answered without waiting for anything outside this process. */
    public Query(String name) {
        this(name, false);
    }

    /** A query whose answer may wait for queues, or for another node over a slow link. */
    static <Q, R> Query<Q, R> patient(String name) {
        return new Query<>(name, true);
    }

    /** The time after which a request fails without an answer. */
    long answeredWithinMs() {
        return isPatient ? PATIENTLY_MS : AT_ONCE_MS;
    }
}
