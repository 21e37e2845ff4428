package io.nexusd.discovery;

import io.nexusd.model.IpAddress;
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
 * @param address this host's address there, of the family of the multicast group
 */
record Egress(String name, int index, String address, boolean loopback) {
    /** Leaves which networks to use to the interfaces that are there. */
    static final String AUTO = "auto";

    /**
     * Returns every network of this host that can carry multicast to the group. Asks the system, so not for an event loop.
     *
     * @param isIpv6 the family of the group
     */
    static List<Egress> ofSystem(boolean isIpv6) throws SocketException {
        return NetworkInterface.networkInterfaces()
                .filter(Egress::carriesMulticast)
                .sorted(Comparator.comparingInt(NetworkInterface::getIndex))
                .flatMap(networkInterface -> best(addresses(networkInterface), isIpv6).stream()
                        .map(address -> new Egress(
                                networkInterface.getName(),
                                networkInterface.getIndex(),
                                address.toString(),
                                address.isLoopback())))
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

    /**
     * Returns the first address of the family, a link-local IPv6 one only where there is no other: which of their interfaces it is
     * behind, other hosts know from where the beacon came, not from what it says.
     */
    static Optional<IpAddress> best(List<IpAddress> addresses, boolean isIpv6) {
        return addresses.stream()
                .filter(address -> address.isIpv6() == isIpv6)
                .min(Comparator.comparing(address -> address.isIpv6() && address.isLinkLocal()))
                .map(IpAddress::withoutZone);
    }

    private static List<IpAddress> addresses(NetworkInterface networkInterface) {
        return networkInterface.inetAddresses().map(IpAddress::of).toList();
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
