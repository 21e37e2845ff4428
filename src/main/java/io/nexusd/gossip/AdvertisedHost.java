package io.nexusd.gossip;

import io.nexusd.model.Endpoint;
import io.nexusd.model.IpAddress;
import io.nexusd.model.Settings;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The address at which other nodes reach this one, as far as this host alone can know it.
 *
 * @param host the address
 * @param isConfigured it is what the configuration says, so nothing else may be advertised
 * @param available every address of this host that other hosts may reach; empty where it is configured
 */
record AdvertisedHost(String host, boolean isConfigured, Set<InetAddress> available) {
    private static final String LOOPBACK = "127.0.0.1";

    AdvertisedHost {
        available = Set.copyOf(available);
    }

    /**
     * Returns node.advertise, else a specific mesh.bind, else the address that the routing table prefers, else a link-local one,
     * else the loopback. Asks the system, so not for an event loop.
     */
    static AdvertisedHost find(Settings settings) {
        if (!settings.node().advertise().isEmpty()) {
            return new AdvertisedHost(settings.node().advertise(), true, Set.of());
        }
        if (!isWildcard(settings.mesh().bind())) {
            return new AdvertisedHost(settings.mesh().bind(), true, Set.of());
        }
        return of(LocalAddresses.ofSystem(
                settings.peers().staticPeers().stream().map(Endpoint::host).toList()));
    }

    /** Returns the best of the addresses. */
    static AdvertisedHost of(LocalAddresses local) {
        String best = local.groups().stream()
                .map(AdvertisedHost::first)
                .flatMap(Optional::stream)
                .findFirst()
                .or(() -> firstLinkLocal(
                        local.groups().stream().flatMap(List::stream).toList()))
                .orElse(LOOPBACK);
        return new AdvertisedHost(best, false, local.all());
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

    private static boolean isWildcard(String host) {
        return host.isEmpty() || host.equals("0.0.0.0") || host.equals("::");
    }
}
