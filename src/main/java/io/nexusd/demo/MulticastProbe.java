package io.nexusd.demo;

import io.nexusd.model.Settings.Multicast;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/** Whether this machine lets processes hear each other by multicast. */
final class MulticastProbe {
    private static final int TIMEOUT_MS = 500;

    private MulticastProbe() {}

    /** Returns a free UDP port on which a datagram to the group came back, or 0 when none does. Blocks up to half a second. */
    static int freePort() {
        byte[] sent = UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII);
        try (MulticastSocket socket = new MulticastSocket(0)) {
            InetSocketAddress group =
                    new InetSocketAddress(InetAddress.getByName(Multicast.DEFAULT_GROUP), socket.getLocalPort());
            socket.joinGroup(group, networkInterface());
            socket.setNetworkInterface(networkInterface());
            socket.setSoTimeout(TIMEOUT_MS);
            socket.send(new DatagramPacket(sent, sent.length, group));
            DatagramPacket heard = new DatagramPacket(new byte[sent.length], sent.length);
            socket.receive(heard);
            return Arrays.equals(heard.getData(), sent) ? socket.getLocalPort() : 0;
        } catch (IOException | UnsupportedOperationException e) {
            return 0;
        }
    }

    /** The first one that daemons would use too, or the loopback. */
    private static NetworkInterface networkInterface() throws IOException {
        NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
        return NetworkInterface.networkInterfaces()
                .filter(MulticastProbe::isUsable)
                .findFirst()
                .orElse(loopback);
    }

    private static boolean isUsable(NetworkInterface networkInterface) {
        try {
            return networkInterface.isUp()
                    && !networkInterface.isLoopback()
                    && networkInterface.supportsMulticast()
                    && networkInterface.inetAddresses().anyMatch(Inet4Address.class::isInstance);
        } catch (IOException e) {
            return false;
        }
    }
}
