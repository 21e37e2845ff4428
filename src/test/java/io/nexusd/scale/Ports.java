package io.nexusd.scale;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/**
 * Ports that are free, from below those that the system gives to outgoing connections: with thousands of these, one that was
 * free a moment ago would not stay so.
 */
final class Ports {
    private static final int FIRST = 20_000;
    private static final int BEYOND = 32_000;

    private static int next = FIRST;

    private Ports() {}

    static synchronized int next() {
        while (next < BEYOND) {
            int port = next++;
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // Somebody has it.
            }
        }
        throw new IllegalStateException("no free port from " + FIRST + " to " + BEYOND);
    }
}
