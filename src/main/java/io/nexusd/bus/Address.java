package io.nexusd.bus;

/**
 * A one-way address of the bus, with any number of senders and receivers. A message reaches every verticle that receives from the
 * address at that moment; a verticle that is deployed later does not get it. There is no answer. {@link Flow} declares the
 * components at both ends.
 *
 * @param <T> the type of its records; {@link Void} where the message has no content
 */
public record Address<T>(String name) {}
