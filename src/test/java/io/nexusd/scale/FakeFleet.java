package io.nexusd.scale;

import io.nexusd.fakenet.FakeHost;
import io.nexusd.fakenet.FakeNetwork;
import io.nexusd.launch.Node;
import io.nexusd.model.Endpoint;
import io.vertx.core.Future;
import io.vertx.core.transport.Transport;
import java.util.ArrayList;
import java.util.List;

/**
 * Daemons in this process that are to form one mesh over a network in memory, each on a host of its own, and a host for their
 * applications. All is as in a process of its own but for connections, which are no sockets.
 */
final class FakeFleet implements AutoCloseable {
    private static final int MESH_PORT = 5671;
    private static final int APP_PORT = 5672;
    private static final int HOSTS_PER_NETWORK = 250;

    private final FakeNetwork network = new FakeNetwork();
    private final Transport applications = network.addHost("10.1.0.1").transport();
    private final List<FakeHost> hosts = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();

    private FakeFleet() {}

    /**
     * Starts them one after the other, each when the mesh of those before is whole: so many that all start at once on a few cores
     * would keep each other from answering in time. Each is told of the first one.
     */
    static FakeFleet start(int daemons, int beaconIntervalMs) {
        FakeFleet fleet = new FakeFleet();
        for (int i = 0; i < daemons; i++) {
            fleet.startNext(beaconIntervalMs);
            if (i < daemons - 1) {
                Waiting.until("the links of another daemon", fleet::isLinked);
            }
        }
        return fleet;
    }

    private void startNext(int beaconIntervalMs) {
        int number = hosts.size();
        String ip = "10.0." + number / HOSTS_PER_NETWORK + "." + (1 + number % HOSTS_PER_NETWORK);
        FakeHost host = network.addHost(ip);
        List<String> flags = new ArrayList<>(List.of(
                "--name",
                "fake-" + number,
                "--bind",
                ip,
                "--advertise",
                ip,
                "--mesh-port",
                String.valueOf(MESH_PORT),
                "--app-port",
                String.valueOf(APP_PORT),
                "--admin-port",
                "0"));
        if (number > 0) {
            flags.addAll(List.of("--peers", hosts.get(0).ip() + ":" + MESH_PORT));
        }
        hosts.add(host);
        nodes.add(InProcess.start(flags, beaconIntervalMs, host.transport()));
    }

    /** Returns the network of the applications. */
    Transport applications() {
        return applications;
    }

    List<Endpoint> appEndpoints() {
        return hosts.stream().map(host -> new Endpoint(host.ip(), APP_PORT)).toList();
    }

    /** Returns how many connections the daemons have from each other. */
    int links() {
        return hosts.stream().mapToInt(host -> host.connectionsTo(MESH_PORT)).sum();
    }

    /** Tells whether each has dialed each other one. */
    boolean isLinked() {
        return links() == hosts.size() * (hosts.size() - 1);
    }

    /** Returns how many bytes the daemons have sent, over whatever connections. */
    long sentBytes() {
        return hosts.stream().mapToLong(FakeHost::sentBytes).sum();
    }

    /** Returns in how many writes they have sent that. */
    long sentWrites() {
        return hosts.stream().mapToLong(FakeHost::sentWrites).sum();
    }

    /** Cuts the first daemons, so many, off from the rest. */
    void partition(int first) {
        for (FakeHost one : hosts.subList(0, first)) {
            for (FakeHost other : hosts.subList(first, hosts.size())) {
                network.cut(one, other);
            }
        }
    }

    void heal() {
        network.heal();
    }

    @Override
    public void close() {
        List<Future<Void>> stopped = nodes.stream().map(Node::stop).toList();
        Applications.await("the stop of all daemons", Future.all(stopped));
    }
}
