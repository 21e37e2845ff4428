package io.nexusd.bus;

import java.util.List;

/**
 * What people ask of a running node. Everything here is asked rarely, and copies what its owner holds at that moment; nothing on
 * the way of a message waits for it.
 */
public final class Inspection {
    /** The subscriptions of this node's applications. Answered by appapi; asked by admin. */
    public static final Query<ClientsWanted, Clients> CLIENTS = new Query<>("inspection.clients");

    private Inspection() {}

    /** Asks for the subscriptions. */
    public record ClientsWanted() {}

    /** The subscriptions, in the order of their opening. */
    public record Clients(List<Client> clients) {
        public Clients {
            clients = List.copyOf(clients);
        }
    }

    /** Whether a subscription has a stream, and why not. */
    public enum ClientState {
        STREAMING,
        /** The application asked for a pause. */
        PAUSED,
        /** Its stream broke; it may come back. */
        AWAY
    }

    /**
     * One subscription.
     *
     * @param handle its number in {@link Routing}
     * @param address host:port of the application, empty without a stream
     * @param delivered live messages written to its streams
     * @param missed messages that came while it had no stream
     */
    public record Client(
            long handle,
            String id,
            List<String> filters,
            String group,
            ClientState state,
            String address,
            long createdMs,
            int queueDepth,
            int queueLimit,
            long delivered,
            long dropped,
            long expired,
            long missed,
            boolean batches,
            boolean retained) {}
}
