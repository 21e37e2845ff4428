package io.nexusd.lab;

import java.util.ArrayList;
import java.util.List;

/** One host of a {@link Lab}. Runs a daemon, or two; the next one may come up under another address. */
public final class Host {
    /** Where a host with one card forwards what the test sends to its loopback-only listeners. */
    private static final int FORWARDED = 10_000;

    private final Lab lab;
    private final int index;
    private final String namespace;
    private final String managementAddress;
    private final List<LabDaemon> daemons = new ArrayList<>();
    private String address;

    Host(Lab lab, int index, String namespace, String address, String managementAddress) {
        this.lab = lab;
        this.index = index;
        this.namespace = namespace;
        this.address = address;
        this.managementAddress = managementAddress;
    }

    String namespace() {
        return namespace;
    }

    String port() {
        return "h" + index;
    }

    public String name() {
        return "n" + index;
    }

    public String address() {
        return address;
    }

    /** Where other nodes reach this one. */
    public String endpoint() {
        return address + ":5671";
    }

    /** The daemon with nothing configured at all. */
    public LabDaemon startUnconfigured() {
        return remember(LabDaemon.builder(lab.name() + name())
                .prefix(inside())
                .reachedAt(address, 5672 + FORWARDED, 9090 + FORWARDED)
                .start());
    }

    /** A daemon that the test can reach and whose mesh address is the one on the lab's network. */
    public LabDaemon start(Options options) {
        return remember(builder(name(), 5672, 9090, options).start());
    }

    /** A second daemon on this host. Its mesh port is for the caller to choose. */
    public LabDaemon startBeside(String... arguments) {
        return remember(builder(name() + "-beside", 6672, 9190, Options.of(arguments))
                .environment("NEXUSD_APP_PORT", "6672")
                .environment("NEXUSD_ADMIN_PORT", "9190")
                .start());
    }

    /**
     * Something else than a plain daemon that listens where one does.
     *
     * @param outside what comes before the command that enters the host
     * @param command what runs inside
     */
    public LabDaemon startCommand(String nodeName, List<String> outside, List<String> command) {
        List<String> prefix = new ArrayList<>(outside);
        prefix.addAll(inside());
        return remember(LabDaemon.builder(lab.name() + nodeName)
                .prefix(prefix)
                .reachedAt(managementAddress == null ? address : managementAddress, 5672, 9090)
                .command(command)
                .start());
    }

    private LabDaemon.Builder builder(String nodeName, int appPort, int adminPort, Options options) {
        String reach = managementAddress == null ? address : managementAddress;
        return LabDaemon.builder(lab.name() + nodeName)
                .prefix(inside())
                .reachedAt(reach, appPort, adminPort)
                .environment("NEXUSD_APP_BIND", "0.0.0.0")
                .environment("NEXUSD_ADMIN_BIND", "0.0.0.0")
                .environment("NEXUSD_DISCOVERY_MULTICAST_INTERFACE", "mesh")
                .environment("NEXUSD_NODE_NAME", nodeName)
                .environment("NEXUSD_NODE_ADVERTISE", address)
                .environment(options.environment())
                .arguments(options.arguments());
    }

    public LabDaemon start(String... arguments) {
        return start(Options.of(arguments));
    }

    /** The cable stays, the address on it changes, as when a pod is scheduled anew. */
    public void readdress(int lastPart) {
        address = lab.meshAddress(lastPart);
        Shell.run("ip", "-n", namespace, "addr", "flush", "dev", "mesh", "scope", "global");
        Shell.run("ip", "-n", namespace, "addr", "add", address + "/24", "dev", "mesh");
    }

    /** Runs a command inside the host and returns what it printed. */
    public String run(String... command) {
        List<String> whole = new ArrayList<>(inside());
        whole.addAll(List.of(command));
        return Shell.runWithInput("", whole);
    }

    /** Runs a command inside the host and returns its standard output alone. */
    String output(List<String> command) {
        List<String> whole = new ArrayList<>(inside());
        whole.addAll(command);
        return Shell.output(whole);
    }

    /** Hands rules to the host's packet filter. */
    public void filter(String nftRules) {
        List<String> nft = new ArrayList<>(inside());
        nft.addAll(List.of("nft", "-f", "-"));
        Shell.runWithInput(nftRules, nft);
    }

    /** Tells whether a TCP connection from here to there comes about within two seconds. */
    public boolean reaches(String target, int port) {
        List<String> command = new ArrayList<>(inside());
        command.addAll(List.of("timeout", "2", "bash", "-c", "exec 3<>/dev/tcp/" + target + "/" + port));
        return Shell.attempt("", command).exitCode() == 0;
    }

    List<String> inside() {
        return List.of("ip", "netns", "exec", namespace);
    }

    void forwardToLoopback() {
        StringBuilder rules =
                new StringBuilder("table ip lab {\nchain in {\n").append("type nat hook prerouting priority -100;\n");
        for (int port : List.of(5672, 9090)) {
            rules.append("tcp dport %d dnat to 127.0.0.1:%d\n".formatted(port + FORWARDED, port));
        }
        filter(rules.append("}\n}\n").toString());
        run("sysctl", "-qw", "net.ipv4.conf.all.route_localnet=1");
    }

    private LabDaemon remember(LabDaemon daemon) {
        daemons.add(daemon);
        return daemon;
    }

    void stopAll() {
        daemons.forEach(LabDaemon::close);
    }

    /** What a daemon is started with, besides what makes it reachable. */
    public record Options(List<String> arguments, java.util.Map<String, String> environment) {
        public static Options of(String... arguments) {
            return new Options(List.of(arguments), java.util.Map.of());
        }

        public Options with(String key, String value) {
            java.util.Map<String, String> more = new java.util.TreeMap<>(environment);
            more.put(key, value);
            return new Options(arguments, more);
        }
    }
}
