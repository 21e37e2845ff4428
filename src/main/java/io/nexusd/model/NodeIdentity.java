package io.nexusd.model;

/**
 * Who a node is and where it is reached.
 *
 * @param name node.name, for people; not unique by force
 * @param mesh where its MeshService is reached
 * @param appPort port of its SidecarService, 0 when unknown
 * @param protocolVersion 1: base RPCs only, 2: the extensions too
 * @param version version of its software, empty when unknown
 * @param startedAtMs its own wall clock at its start, milliseconds since the epoch; 0 when unknown
 */
public record NodeIdentity(
        NodeId id,
        String clusterId,
        String name,
        Endpoint mesh,
        int appPort,
        int protocolVersion,
        String version,
        long startedAtMs) {
    /** The protocol version this software speaks. */
    public static final int PROTOCOL_VERSION = 2;
}
