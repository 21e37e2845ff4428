package io.nexusd.lab;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Several hosts on one network of their own, on this machine. Each host is a network namespace with a cable ({@code mesh}) to a
 * bridge, and a second cable ({@code mgmt}) over which the test reaches it even while the first is cut. Needs root.
 */
public final class Lab implements AutoCloseable {
    /** Bounded by what two cores and a test's patience carry. */
    private static final int MAX_HOSTS = 8;

    private static final int TEST = 254;

    private final String name = Namespaces.newLab();
    private final String bridge = name + "br";
    private final Faults faults = new Faults(bridge);
    private final List<Host> hosts = new ArrayList<>();
    private DnsServer dns;
    private int subnet;

    /** The addresses that the hosts and the test have. */
    public enum Families {
        IPV4,
        IPV6,
        /** Hosts are known by their IPv4 addresses and have others besides. */
        BOTH
    }

    private final Families families;

    private Lab(Families families) {
        this.families = families;
    }

    /** Hosts that the test reaches over the management network. */
    public static Lab withHosts(int count) {
        return withHosts(count, Families.IPV4);
    }

    /** As above, with addresses of IPv6, or of both families. */
    public static Lab withHosts(int count, Families families) {
        return open(count, true, false, families);
    }

    /** Hosts with one network card, as on a plain LAN; the test itself is on that LAN too, so cutting one cuts it off. */
    public static Lab withPlainHosts(int count) {
        return open(count, false, false, Families.IPV4);
    }

    /**
     * Hosts as a container runtime leaves them: before any other interface there is a {@code docker0}, with one and the same address
     * on each of them.
     */
    public static Lab withContainerHosts(int count) {
        return open(count, true, true, Families.IPV4);
    }

    private static Lab open(int count, boolean isManaged, boolean hasBridges, Families families) {
        Needs.NETWORK_NAMESPACES.require();
        if (count > MAX_HOSTS) {
            throw new IllegalArgumentException(count + " hosts are more than " + MAX_HOSTS);
        }
        Namespaces.sweepStale();
        Lab lab = new Lab(families);
        Runtime.getRuntime().addShutdownHook(new Thread(lab::close));
        try {
            lab.build(count, isManaged, hasBridges);
        } catch (RuntimeException e) {
            lab.close();
            throw e;
        }
        return lab;
    }

    private void build(int count, boolean isManaged, boolean hasBridges) {
        Namespaces.create(bridge);
        for (String device : List.of("mesh", "mgmt")) {
            Shell.run("ip", "-n", bridge, "link", "add", device, "type", "bridge", "mcast_snooping", "0");
            Shell.run("ip", "-n", bridge, "link", "set", device, "up");
        }
        subnet = attachTest(isManaged ? "mgmt" : "mesh");
        for (int i = 0; i < count; i++) {
            Host host = new Host(this, i, name + "h" + i, meshAddress(i), isManaged ? managementAddress(i) : null);
            Namespaces.create(host.namespace());
            if (hasBridges) {
                addBridge(host.namespace());
            }
            cable(host.namespace(), "mesh", "h" + i, meshAddress(i));
            if (isManaged) {
                cable(host.namespace(), "mgmt", "m" + i, managementAddress(i));
            } else {
                host.forwardToLoopback();
            }
            hosts.add(host);
        }
    }

    /** Puts the test on one of the bridges, in a subnet that nobody on this machine uses yet. */
    private int attachTest(String device) {
        int network = device.equals("mesh") ? 77 : 78;
        int start = (int) (ProcessHandle.current().pid() % 250);
        for (int i = 0; i < 250; i++) {
            int candidate = (start + i) % 250 + 1;
            String cable = "nxl" + candidate + device;
            boolean isTaken = Shell.attempt("", List.of("ip", "link", "show", "nxl" + candidate + "mesh"))
                                    .exitCode()
                            == 0
                    || Shell.attempt("", List.of("ip", "link", "show", "nxl" + candidate + "mgmt"))
                                    .exitCode()
                            == 0;
            if (!isTaken
                    && Shell.attempt(
                                            "",
                                            List.of(
                                                    "ip", "link", "add", cable, "type", "veth", "peer", "name", "test",
                                                    "netns", bridge))
                                    .exitCode()
                            == 0) {
                Shell.run("ip", "-n", bridge, "link", "set", "test", "master", device, "up");
                Shell.run("ip", "addr", "add", "10." + network + "." + candidate + "." + TEST + "/24", "dev", cable);
                addIpv6("fd" + network + ":" + candidate + "::" + TEST, cable);
                Shell.run("ip", "link", "set", cable, "up");
                return candidate;
            }
        }
        throw new IllegalStateException("no free subnet for a lab; `ip link` shows what is left over (nxl…)");
    }

    private static void addBridge(String namespace) {
        Shell.run("ip", "-n", namespace, "link", "add", "docker0", "type", "bridge");
        Shell.run("ip", "-n", namespace, "addr", "add", "172.17.0.1/16", "dev", "docker0");
        // Without a container it would be up but not running.
        Shell.run("ip", "-n", namespace, "link", "add", "veth0", "type", "veth", "peer", "name", "container0");
        Shell.run("ip", "-n", namespace, "link", "set", "veth0", "master", "docker0", "up");
        Shell.run("ip", "-n", namespace, "link", "set", "container0", "up");
        Shell.run("ip", "-n", namespace, "link", "set", "docker0", "up");
    }

    void cable(String namespace, String device, String port, String address) {
        Shell.run(
                "ip", "link", "add", device, "netns", namespace, "type", "veth", "peer", "name", port, "netns", bridge);
        Shell.run("ip", "-n", bridge, "link", "set", port, "master", device, "up");
        addAddresses(namespace, device, address);
        Shell.run("ip", "-n", namespace, "link", "set", device, "up");
    }

    /** Gives a device its address, and where the hosts have both families, its IPv6 address too. */
    void addAddresses(String namespace, String device, String address) {
        String prefix = address.indexOf(':') >= 0 ? "/64" : "/24";
        List<String> command =
                new ArrayList<>(List.of("ip", "-n", namespace, "addr", "add", address + prefix, "dev", device));
        if (address.indexOf(':') >= 0) {
            // It is unique; until the system had made sure, nothing could be bound to it.
            command.add("nodad");
        }
        Shell.run(command.toArray(String[]::new));
        if (families == Families.BOTH && address.indexOf(':') < 0) {
            addAddresses(namespace, device, ipv6(address));
        }
    }

    private void addIpv6(String address, String cable) {
        if (families != Families.IPV4) {
            Shell.run("ip", "addr", "add", address + "/64", "dev", cable, "nodad");
        }
    }

    /** Returns what a host of both families has besides an IPv4 address: 10.77.S.H and fd77:S::H. */
    static String ipv6(String address) {
        String[] parts = address.split("\\.");
        return "fd" + parts[1] + ":" + parts[2] + "::" + parts[3];
    }

    public String name() {
        return name;
    }

    public String meshAddress(int lastPart) {
        return inFamily("10.77." + subnet + "." + (lastPart + 10));
    }

    /** The test's own address on the LAN of plain hosts. */
    public String testAddress() {
        return "10.77." + subnet + "." + TEST;
    }

    String managementAddress(int i) {
        return inFamily("10.78." + subnet + "." + (i + 10));
    }

    private String inFamily(String address) {
        return families == Families.IPV6 ? ipv6(address) : address;
    }

    public Host host(int i) {
        return hosts.get(i);
    }

    public List<Host> hosts() {
        return Collections.unmodifiableList(hosts);
    }

    /** The lab's name server; asked by every host from its first call on. */
    public DnsServer dns() {
        return dns("svc", "options timeout:1 attempts:2 ndots:1\n");
    }

    /**
     * The lab's name server for another zone than {@code svc}.
     *
     * @param resolverLines what the hosts' {@code resolv.conf} has besides the server
     */
    public DnsServer dns(String zone, String resolverLines) {
        if (dns == null) {
            dns = new DnsServer(this, meshAddress(240), zone);
            hosts.forEach(host -> Namespaces.writeEtc(
                    host.namespace(), "resolv.conf", "nameserver " + dns.address() + "\n" + resolverLines));
        }
        return dns;
    }

    public void cut(Host host) {
        faults.cut(host.port());
    }

    public void heal(Host host) {
        faults.heal(host.port());
    }

    public void healAll() {
        faults.healAll();
    }

    public void partition(List<Host> oneSide, List<Host> otherSide) {
        faults.block(
                oneSide.stream().map(Host::port).toList(),
                otherSide.stream().map(Host::port).toList());
    }

    public void loss(Host host, int percent) {
        faults.loss(host.port(), percent);
    }

    /** From now on at most so much passes from and to the host, {@code 4mbit} for example. */
    public void limitRate(Host host, String rate) {
        shape(host.namespace(), "mesh", rate);
        shape(bridge, host.port(), rate);
    }

    private static void shape(String namespace, String device, String rate) {
        Shell.run(
                "tc", "-n", namespace, "qdisc", "replace", "dev", device, "root", "tbf", "rate", rate, "burst", "32kb",
                "latency", "300ms");
    }

    /** From now on beacons reach nobody; everything else still passes. */
    public void dropMulticast() {
        faults.dropMulticast();
    }

    public static List<Host> group(Host... hosts) {
        return Arrays.asList(hosts);
    }

    @Override
    public synchronized void close() {
        hosts.forEach(Host::stopAll);
        hosts.forEach(host -> Namespaces.remove(host.namespace()));
        hosts.clear();
        if (dns != null) {
            dns.close();
            dns = null;
        }
        Namespaces.remove(bridge);
    }
}
