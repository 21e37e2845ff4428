package io.nexusd.gossip;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The addresses of this host, grouped by how likely other hosts reach them: the address that the system's routing table chooses
 * for packets to the peers, the one of the default route, those of network cards, those of bridges and tunnels. Several hosts
 * have a bridge of containers with one and the same address, which often is the first one that the system lists.
 */
record LocalAddresses(List<List<InetAddress>> groups) {
    /** Documentation addresses (RFC 5737, RFC 3849): nothing is sent there, the default route leads to them. */
    private static final List<String> FAR_AWAY = List.of("203.0.113.1", "2001:db8::1");

    /** Names that container runtimes, hypervisors and tunnels give to the interfaces they make. */
    private static final List<String> VIRTUAL_NAMES = List.of(
            "docker",
            "br-",
            "virbr",
            "veth",
            "cni",
            "flannel",
            "cali",
            "cilium",
            "lxc",
            "lxd",
            "podman",
            "weave",
            "kube",
            "nodelocaldns",
            "vmnet",
            "vboxnet",
            "vnet",
            "tun",
            "tap",
            "utun",
            "wg",
            "tailscale",
            "zt",
            "ppp",
            "dummy",
            "ifb");

    private static final int ANY_PORT = 9;

    LocalAddresses {
        groups = groups.stream().map(List::copyOf).toList();
    }

    /** An address and the interface that has it. */
    record Local(String interfaceName, int index, InetAddress address) {}

    /**
     * Reads the addresses from the system, so not for an event loop.
     *
     * @param peers addresses of configured peers; names are not looked up here
     */
    static LocalAddresses ofSystem(List<String> peers) {
        List<InetAddress> towardsPeers = new ArrayList<>();
        peers.forEach(peer -> addSourceTo(peer, towardsPeers));
        List<InetAddress> defaultRoute = new ArrayList<>();
        FAR_AWAY.forEach(far -> addSourceTo(far, defaultRoute));
        return grouped(interfaces(), towardsPeers, defaultRoute);
    }

    /** Groups the addresses. */
    static LocalAddresses grouped(
            List<Local> interfaces, List<InetAddress> towardsPeers, List<InetAddress> defaultRoute) {
        List<Local> sorted = interfaces.stream()
                .sorted(Comparator.comparingInt(Local::index))
                .toList();
        return new LocalAddresses(List.of(
                towardsPeers,
                defaultRoute,
                addresses(sorted.stream()
                        .filter(local -> !isVirtual(local.interfaceName()))
                        .toList()),
                addresses(sorted)));
    }

    /** Returns every address. */
    Set<InetAddress> all() {
        Set<InetAddress> all = new LinkedHashSet<>();
        groups.forEach(all::addAll);
        return all;
    }

    /** Tells by its name whether an interface was made by software on this host; such names are a convention only. */
    static boolean isVirtual(String interfaceName) {
        String lower = interfaceName.toLowerCase(Locale.ROOT);
        return VIRTUAL_NAMES.stream().anyMatch(lower::startsWith);
    }

    private static List<InetAddress> addresses(List<Local> locals) {
        return locals.stream().map(Local::address).toList();
    }

    /** Adds the source address of packets to that address; connecting a datagram socket sends nothing. */
    private static void addSourceTo(String target, List<InetAddress> sources) {
        if (!target.matches("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
            return;
        }
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.connect(new InetSocketAddress(InetAddress.getByName(target), ANY_PORT));
            if (channel.getLocalAddress() instanceof InetSocketAddress local
                    && !local.getAddress().isAnyLocalAddress()) {
                sources.add(local.getAddress());
            }
        } catch (UnknownHostException e) {
            throw new UncheckedIOException("a literal is not looked up", e);
        } catch (IOException | RuntimeException e) {
            // No route leads there, or the address family is switched off: nothing to learn.
        }
    }

    private static List<Local> interfaces() {
        try {
            return NetworkInterface.networkInterfaces()
                    .filter(LocalAddresses::isUp)
                    .flatMap(networkInterface -> networkInterface
                            .inetAddresses()
                            .map(address ->
                                    new Local(networkInterface.getName(), networkInterface.getIndex(), address)))
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
}
