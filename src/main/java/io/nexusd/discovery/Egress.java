package io.nexusd.discovery;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A network over which beacons go out and come in.
 *
 * @param name of the network interface
 * @param index of the network interface; one that was removed and made again has another
 * @param address this host's IPv4 address there
 */
record Egress(String name, int index, String address, boolean loopback) {
    /** Leaves which networks to use to the interfaces that are there. */
    static final String AUTO = "auto";

    /** Returns every network of this host that can carry multicast. Asks the system, so not for an event loop. */
    static List<Egress> ofSystem() throws SocketException {
        return NetworkInterface.networkInterfaces()
                .filter(Egress::carriesMulticast)
                .sorted(Comparator.comparingInt(NetworkInterface::getIndex))
                .flatMap(networkInterface -> firstIpv4(networkInterface).stream()
                        .map(address -> new Egress(
                                networkInterface.getName(),
                                networkInterface.getIndex(),
                                address.getHostAddress(),
                                address.isLoopbackAddress())))
                .toList();
    }

    /**
     * Chooses among the networks of a host.
     *
     * @param configured an interface name, or auto: all but the loopback, and the loopback where there is nothing else
     */
    static List<Egress> choose(List<Egress> all, String configured) {
        if (!configured.equals(AUTO)) {
            return all.stream().filter(egress -> egress.name.equals(configured)).toList();
        }
        List<Egress> outward = all.stream().filter(egress -> !egress.loopback).toList();
        return outward.isEmpty() ? all : outward;
    }

    private static Optional<InetAddress> firstIpv4(NetworkInterface networkInterface) {
        return networkInterface
                .inetAddresses()
                .filter(Inet4Address.class::isInstance)
                .findFirst();
    }

    private static boolean carriesMulticast(NetworkInterface networkInterface) {
        try {
            // Linux does not flag the loopback as able to, but within the host it is.
            return networkInterface.isUp() && (networkInterface.supportsMulticast() || networkInterface.isLoopback());
        } catch (SocketException e) {
            return false;
        }
    }
}
