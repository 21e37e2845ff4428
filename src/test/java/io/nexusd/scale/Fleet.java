package io.nexusd.scale;

import io.nexusd.lab.LabDaemon;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Daemons that are to form one mesh over the loopback interface: several in a process, or each in its own. */
final class Fleet implements AutoCloseable {
    private static final String ESTABLISHED = "01";

    private final List<LabDaemon> processes = new ArrayList<>();
    private final List<Integer> appPorts = new ArrayList<>();
    private final Set<Integer> meshPorts = new HashSet<>();

    private Fleet() {}

    /** Starts them spread over so many processes, and waits until all serve applications. */
    static Fleet inProcesses(int daemons, int processCount, int beaconIntervalMs) {
        Fleet fleet = new Fleet();
        int seedPort = Ports.next();
        for (int i = 0; i < processCount; i++) {
            int share = daemons / processCount + (i < daemons % processCount ? 1 : 0);
            int admin = Ports.next();
            int mesh = i == 0 ? seedPort : Ports.next();
            List<String> command = List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx6g",
                    "-cp",
                    absoluteClassPath(),
                    FleetHost.class.getName(),
                    "fleet" + i,
                    String.valueOf(share),
                    String.valueOf(admin),
                    String.valueOf(mesh),
                    String.valueOf(seedPort),
                    String.valueOf(beaconIntervalMs));
            LabDaemon host = LabDaemon.builder("fleet" + i)
                    .reachedAt("127.0.0.1", 0, admin)
                    .command(command)
                    .start();
            fleet.processes.add(host);
            Waiting.until("the start of " + share + " daemons", () -> {
                if (!host.isAlive()) {
                    throw new IllegalStateException("the daemons ended; their log: " + host.log());
                }
                return listening(host).size() == share;
            });
            listening(host).forEach(line -> {
                String[] words = line.split(" ", -1);
                fleet.appPorts.add(Integer.parseInt(words[1]));
                fleet.meshPorts.add(Integer.parseInt(words[3]));
            });
        }
        return fleet;
    }

    /** Starts each as a process of its own, all at once, and waits until all serve applications. */
    static Fleet ofProcesses(int daemons, int beaconIntervalMs) {
        Fleet fleet = new Fleet();
        int seedPort = Ports.next();
        for (int i = 0; i < daemons; i++) {
            int app = Ports.next();
            int admin = Ports.next();
            int mesh = i == 0 ? seedPort : Ports.next();
            LabDaemon.Builder builder = LabDaemon.builder("process-" + i)
                    .reachedAt("127.0.0.1", app, admin)
                    .environment("NEXUSD_APP_PORT", String.valueOf(app))
                    .environment("NEXUSD_ADMIN_PORT", String.valueOf(admin))
                    .environment("NEXUSD_MESH_PORT", String.valueOf(mesh))
                    .environment("NEXUSD_MESH_BIND", "127.0.0.1")
                    .environment("NEXUSD_NODE_NAME", "process-" + i)
                    .environment("NEXUSD_NODE_ADVERTISE", "127.0.0.1")
                    .environment("NEXUSD_DISCOVERY_MULTICAST_ENABLED", "false")
                    .environment(beacons(beaconIntervalMs));
            if (i > 0) {
                builder.environment("NEXUSD_PEERS", "127.0.0.1:" + seedPort);
            }
            fleet.processes.add(builder.start());
            fleet.appPorts.add(app);
            fleet.meshPorts.add(mesh);
        }
        fleet.processes.forEach(LabDaemon::awaitServing);
        return fleet;
    }

    /** Returns how often a daemon is to be heard, and when it is dead: after five intervals, as by default. */
    static Map<String, String> beacons(int intervalMs) {
        return Map.of(
                "NEXUSD_DISCOVERY_BEACON_INTERVAL_MS",
                String.valueOf(intervalMs),
                "NEXUSD_DISCOVERY_PEER_TIMEOUT_MS",
                String.valueOf(5 * intervalMs));
    }

    List<Integer> appPorts() {
        return appPorts;
    }

    List<Long> pids() {
        return processes.stream().map(LabDaemon::pid).toList();
    }

    /** Returns what all of them have on their heaps after a collection. */
    long heapAfterCollection() {
        return processes.stream().mapToLong(LabDaemon::heapAfterCollection).sum();
    }

    /** Returns how many connections other daemons have to them, as the kernel sees it. */
    int links() {
        return connections("/proc/self/net/tcp") + connections("/proc/self/net/tcp6");
    }

    /** Returns how often a member was suspected or counted dead, or a link broke. */
    long disturbances() {
        return processes.stream()
                .flatMap(process -> Stream.concat(process.logLines().stream(), process.outputLines().stream()))
                .filter(line -> line.contains("peer suspected")
                        || line.contains("link down")
                        || line.contains("reason=DEAD")
                        || line.contains("has been blocked"))
                .count();
    }

    /** What is printed beside may be the log. */
    private static List<String> listening(LabDaemon host) {
        return host.outputLines().stream()
                .filter(line -> line.startsWith(FleetHost.LISTENING))
                .toList();
    }

    private int connections(String file) {
        try {
            return (int) Files.readAllLines(Path.of(file)).stream()
                    .map(line -> line.strip().split(" +", 5))
                    .filter(columns -> columns[3].equals(ESTABLISHED) && meshPorts.contains(port(columns[1])))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
    }

    /** The processes have another working directory. */
    private static String absoluteClassPath() {
        List<String> paths = new ArrayList<>();
        for (String path : System.getProperty("java.class.path").split(":", -1)) {
            paths.add(Path.of(path).toAbsolutePath().toString());
        }
        return String.join(":", paths);
    }

    @Override
    public void close() {
        processes.forEach(LabDaemon::close);
    }
}
