package io.nexusd.gossip;

import io.nexusd.model.IpAddress;
import io.nexusd.model.Settings;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** At which address other nodes are told to reach this one. */
final class AdvertisedHost {
    private static final String LOOPBACK = "127.0.0.1";

    private AdvertisedHost() {}

    /**
     * Returns node.advertise, else a specific mesh.bind, else the first address of the interfaces, else a link-local one, else the
     * loopback. Asks the system, so not for an event loop.
     */
    static String find(Settings settings) {
        if (!settings.node().advertise().isEmpty()) {
            return settings.node().advertise();
        }
        if (!isWildcard(settings.mesh().bind())) {
            return settings.mesh().bind();
        }
        List<InetAddress> all = systemAddresses();
        return first(all).or(() -> firstLinkLocal(all)).orElse(LOOPBACK);
    }

    /** Returns the first address others could reach, IPv4 before IPv6; link-local ones mean nothing on another host. */
    static Optional<String> first(List<InetAddress> addresses) {
        return addresses.stream()
                .filter(address ->
                        !address.isLoopbackAddress() && !address.isLinkLocalAddress() && !address.isAnyLocalAddress())
                .min(Comparator.comparing((InetAddress address) -> address instanceof Inet4Address ? 0 : 1))
                .map(address -> IpAddress.of(address).withoutZone().toString());
    }

    /** Returns an address that hosts on the same network can reach, those that hear where a beacon came from at least. */
    static Optional<String> firstLinkLocal(List<InetAddress> addresses) {
        return addresses.stream()
                .filter(InetAddress::isLinkLocalAddress)
                .min(Comparator.comparing((InetAddress address) -> address instanceof Inet4Address ? 0 : 1))
                .map(address -> IpAddress.of(address).withoutZone().toString());
    }

    private static List<InetAddress> systemAddresses() {
        try {
            return NetworkInterface.networkInterfaces()
                    .filter(AdvertisedHost::isUp)
                    .sorted(Comparator.comparingInt(NetworkInterface::getIndex))
                    .flatMap(NetworkInterface::inetAddresses)
                    .toList();
        } catch (SocketException e) {
            return List.of();
        }
    }

    private static boolean isUp(NetworkInterface networkInterface) {
        try {
            return networkInterface.isUp() && !networkInterface.isLoopback();
        } catch (SocketException e) {
            return false;
        }
    }

    private static boolean isWildcard(String host) {
        return host.isEmpty() || host.equals("0.0.0.0") || host.equals("::");
    }
}
