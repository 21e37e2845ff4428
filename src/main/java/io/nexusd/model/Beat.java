package io.nexusd.model;

/**
 * A node's sign of life, by datagram or over a link.
 *
 * @param mesh where the node's MeshService is reached
 * @param appPort port of its SidecarService, 0 when unknown
 * @param topicHash {@link Crc64} over its interest; compared only with an earlier value of the same node
 * @param retainedHash hash over its retained set
 * @param timestampMs its wall clock when the beat was made, milliseconds since the epoch
 * @param protocolVersion 1: base RPCs only, 2: the extensions too
 * @param leaving the node is draining: nothing may be routed to it from now on
 */
public record Beat(
        NodeId id,
        String clusterId,
        Endpoint mesh,
        int appPort,
        long topicHash,
        long retainedHash,
        long timestampMs,
        int protocolVersion,
        boolean leaving) {}
