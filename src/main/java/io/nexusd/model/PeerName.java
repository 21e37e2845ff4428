package io.nexusd.model;

/**
 * A name of peers.dns. A host stands for every address it has, at the port; a service, whose name begins with {@code _}, for
 * every host and port that its SRV records name.
 *
 * @param port 0 for a service
 */
public record PeerName(String name, int port) {
    /** Tells whether the name has SRV records instead of addresses. */
    public boolean isService() {
        return name.startsWith("_");
    }

    @Override
    public String toString() {
        return isService() ? name : new Endpoint(name, port).toString();
    }
}
