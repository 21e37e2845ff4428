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

    private Lab() {}

    /** Hosts that the test reaches over the management network. */
    public static Lab withHosts(int count) {
        return open(count, true);
    }

    /** Hosts with one network card, as on a plain LAN; the test itself is on that LAN too, so cutting one cuts it off. */
    public static Lab withPlainHosts(int count) {
        return open(count, false);
    }

    private static Lab open(int count, boolean isManaged) {
        Needs.NETWORK_NAMESPACES.require();
        if (count > MAX_HOSTS) {
            throw new IllegalArgumentException(count + " hosts are more than " + MAX_HOSTS);
        }
        Namespaces.sweepStale();
        Lab lab = new Lab();
        Runtime.getRuntime().addShutdownHook(new Thread(lab::close));
        try {
            lab.build(count, isManaged);
        } catch (RuntimeException e) {
            lab.close();
            throw e;
        }
        return lab;
    }

    private void build(int count, boolean isManaged) {
        Namespaces.create(bridge);
        for (String device : List.of("mesh", "mgmt")) {
            Shell.run("ip", "-n", bridge, "link", "add", device, "type", "bridge", "mcast_snooping", "0");
            Shell.run("ip", "-n", bridge, "link", "set", device, "up");
        }
        subnet = attachTest(isManaged ? "mgmt" : "mesh");
        for (int i = 0; i < count; i++) {
            Host host = new Host(this, i, name + "h" + i, meshAddress(i), isManaged ? managementAddress(i) : null);
            Namespaces.create(host.namespace());
            cable(host.namespace(), "mesh", "h" + i, meshAddress(i) + "/24");
            if (isManaged) {
                cable(host.namespace(), "mgmt", "m" + i, managementAddress(i) + "/24");
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
                Shell.run("ip", "link", "set", cable, "up");
                return candidate;
            }
        }
        throw new IllegalStateException("no free subnet for a lab; `ip link` shows what is left over (nxl…)");
    }

    void cable(String namespace, String device, String port, String addressWithPrefix) {
        Shell.run(
                "ip", "link", "add", device, "netns", namespace, "type", "veth", "peer", "name", port, "netns", bridge);
        Shell.run("ip", "-n", bridge, "link", "set", port, "master", device, "up");
        Shell.run("ip", "-n", namespace, "addr", "add", addressWithPrefix, "dev", device);
        Shell.run("ip", "-n", namespace, "link", "set", device, "up");
    }

    public String name() {
        return name;
    }

    public String meshAddress(int lastPart) {
        return "10.77." + subnet + "." + (lastPart + 10);
    }

    /** The test's own address on the LAN of plain hosts. */
    public String testAddress() {
        return "10.77." + subnet + "." + TEST;
    }

    String managementAddress(int i) {
        return "10.78." + subnet + "." + (i + 10);
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
