package io.nexusd.bus;

/**
 * A one-way address of the bus: any number of senders and receivers of records of one type.
 *
 * @param <T> the record sent to it
 */
public record Address<T>(String name) {}
