package io.nexusd.wire;

/**
 * How long connections may be silent, unfinished or idle, and how many there may be.
 *
 * @param keepaliveIntervalNs silence after which the other side is asked for a sign of life
 * @param keepaliveTimeoutNs time for that sign
 * @param requestTimeoutNs time for the opening of a connection, and in which something unfinished has to advance
 * @param idleTimeoutNs life of a connection without a call
 * @param maxPerPort connections to one port at the same time
 * @param maxControlFramesPerSecond long-term mean of the HTTP/2 frames without a request or data, for each connection
 */
public record ConnectionLimits(
        long keepaliveIntervalNs,
        long keepaliveTimeoutNs,
        long requestTimeoutNs,
        long idleTimeoutNs,
        int maxPerPort,
        int maxControlFramesPerSecond) {}
