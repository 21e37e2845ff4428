package io.nexusd.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import io.nexusd.model.Settings.Multicast;
import io.nexusd.proto.discovery.Beacon;
import io.nexusd.wire.CommandFailure;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Hears the beacons that daemons send by multicast. Nothing in them is verified. */
final class Beacons {
    private static final int MAX_DATAGRAM_BYTES = 65_536;
    /** Nodes beyond are not shown: a flood of datagrams must not fill the memory. */
    private static final int MAX_NODES = 4096;

    private static final List<String> GROUP_NAMES = List.of("NEXUSD_DISCOVERY_MULTICAST_GROUP", "NEXUSD_MCAST_ADDR");
    private static final List<String> PORT_NAMES = List.of("NEXUSD_DISCOVERY_MULTICAST_PORT", "NEXUSD_MCAST_PORT");

    private Beacons() {}

    /** A daemon as it was last heard. */
    record Heard(Beacon beacon, InetAddress from) {
        /** Tells whether it runs on this host. */
        boolean isHere() {
            try {
                return from.isLoopbackAddress() || NetworkInterface.getByInetAddress(from) != null;
            } catch (IOException e) {
                return false;
            }
        }
    }

    /**
     * Listens for so long, on the group and port that the environment of a daemon would name, unless others are given.
     *
     * @param group empty for none given
     * @param port 0 for none given
     */
    static Collection<Heard> listen(String group, int port, int forMs) {
        String usedGroup = !group.isEmpty() ? group : setting(GROUP_NAMES, Multicast.DEFAULT_GROUP);
        int usedPort = port != 0 ? port : number(setting(PORT_NAMES, "" + Multicast.DEFAULT_PORT));
        try (MulticastSocket socket = new MulticastSocket(new InetSocketAddress(usedPort))) {
            if (join(socket, new InetSocketAddress(InetAddress.getByName(usedGroup), usedPort)) == 0) {
                throw new CommandFailure(
                        CommandFailure.FAILED, "no network interface can join the multicast group " + usedGroup);
            }
            return receive(socket, forMs);
        } catch (IOException e) {
            throw new CommandFailure(
                    CommandFailure.FAILED,
                    "cannot listen for beacons on " + usedGroup + ":" + usedPort + ": " + e.getMessage());
        }
    }

    private static int join(MulticastSocket socket, InetSocketAddress group) throws IOException {
        List<NetworkInterface> joined = new ArrayList<>();
        for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
            try {
                boolean addressed = each.inetAddresses()
                        .anyMatch(address ->
                                address instanceof Inet4Address == group.getAddress() instanceof Inet4Address);
                if (each.isUp() && each.supportsMulticast() && addressed) {
                    socket.joinGroup(group, each);
                    joined.add(each);
                }
            } catch (IOException e) {
                // An interface that cannot is left out; whether any can is told by the count.
                continue;
            }
        }
        return joined.size();
    }

    private static Collection<Heard> receive(MulticastSocket socket, int forMs) throws IOException {
        Map<String, Heard> heard = new LinkedHashMap<>();
        long deadlineNs = System.nanoTime() + forMs * 1_000_000L;
        byte[] buffer = new byte[MAX_DATAGRAM_BYTES];
        while (true) {
            long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
            if (leftMs <= 0) {
                return heard.values();
            }
            socket.setSoTimeout((int) leftMs);
            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
            try {
                socket.receive(packet);
            } catch (SocketTimeoutException e) {
                return heard.values();
            }
            try {
                Beacon beacon = Beacon.parser().parseFrom(buffer, 0, packet.getLength());
                boolean known = heard.containsKey(beacon.getInstanceUuid());
                if (!beacon.getInstanceUuid().isEmpty() && (known || heard.size() < MAX_NODES)) {
                    heard.put(beacon.getInstanceUuid(), new Heard(beacon, packet.getAddress()));
                }
            } catch (InvalidProtocolBufferException e) {
                // Somebody else's datagram.
                continue;
            }
        }
    }

    /** The first of these variables that is set, other than by Kubernetes for a Service of that name. */
    private static String setting(List<String> names, String otherwise) {
        return names.stream()
                .map(System::getenv)
                .filter(value -> value != null && !value.isBlank() && !value.contains("://"))
                .map(String::strip)
                .findFirst()
                .orElse(otherwise);
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new CommandFailure(CommandFailure.USAGE, "'" + text + "' is not a port");
        }
    }
}
