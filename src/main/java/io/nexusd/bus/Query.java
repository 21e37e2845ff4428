package io.nexusd.bus;

/**
 * A request/reply address of the bus with exactly one answering verticle.
 *
 * @param <Q> the request record
 * @param <R> the reply record
 */
public record Query<Q, R>(String name) {}
