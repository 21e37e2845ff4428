package io.nexusd.scale;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.List;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How far it goes: many filters, subscribers, connections and daemons on this machine, each message counted. Prints tables in
 * Markdown on standard output, progress on standard error.
 */
@Command(name = "nexusd-scale", sortOptions = false, usageHelpAutoWidth = true, mixinStandardHelpOptions = true)
public final class Scale implements Runnable {
    /** Descriptors of each daemon in a process beside two for each link: event loops, listeners. */
    private static final int DESCRIPTORS_PER_DAEMON = 10;

    private static final int DESCRIPTORS_PER_PROCESS = 200;

    @Option(
            names = "--only",
            split = ",",
            defaultValue = "filters,subscribers,connections,simulation,mesh,processes",
            description = "What to measure; ${DEFAULT-VALUE}.")
    private List<String> only;

    @Option(names = "--filters", split = ",", defaultValue = "10,1000,10000,100000", description = "${DEFAULT-VALUE}.")
    private List<Integer> filters;

    @Option(names = "--messages", defaultValue = "300000", description = "For each rate; ${DEFAULT-VALUE}.")
    private int messages;

    @Option(names = "--subscribers", defaultValue = "1000", description = "Of one topic; ${DEFAULT-VALUE}.")
    private int subscribers;

    @Option(
            names = "--subscriber-connections",
            split = ",",
            defaultValue = "1,10,1000",
            description = "On how many they share; ${DEFAULT-VALUE}.")
    private List<Integer> subscriberConnections;

    @Option(
            names = "--deliveries",
            defaultValue = "3000000",
            description = "To subscribers of one topic, in each run; ${DEFAULT-VALUE}.")
    private int deliveries;

    @Option(names = "--connections", split = ",", defaultValue = "1000,5000,10000", description = "${DEFAULT-VALUE}.")
    private List<Integer> connections;

    @Option(
            names = "--simulation",
            split = ",",
            defaultValue = "10,25,50,100",
            description = "Daemons in this process, over a network in memory; ${DEFAULT-VALUE}.")
    private List<Integer> simulation;

    @Option(
            names = "--mesh",
            split = ",",
            defaultValue = "10,25,50,100",
            description = "Daemons in one process, or in as few as descriptors allow, over sockets; ${DEFAULT-VALUE}.")
    private List<Integer> mesh;

    @Option(
            names = "--processes",
            split = ",",
            defaultValue = "10,20,40",
            description = "Daemons with a process each; ${DEFAULT-VALUE}.")
    private List<Integer> processes;

    @Option(
            names = "--beacon-interval-ms",
            defaultValue = "1000",
            description =
                    "Of the meshes. Beats grow with the square of the number of daemons on one machine; ${DEFAULT-VALUE}.")
    private int beaconIntervalMs;

    @Option(names = "--idle-seconds", defaultValue = "20", description = "${DEFAULT-VALUE}.")
    private int idleSeconds;

    public static void main(String[] args) {
        // The tables alone are for standard output; the daemons' logs are in files.
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
        System.exit(new CommandLine(new Scale()).setExpandAtFiles(false).execute(args));
    }

    @Override
    public void run() {
        if (only.contains("filters")) {
            new FiltersScale(messages).run(filters).print();
        }
        if (only.contains("subscribers")) {
            new SubscribersScale(deliveries)
                    .run(subscribers, subscriberConnections)
                    .print();
        }
        if (only.contains("connections")) {
            new ConnectionsScale(idleSeconds).run(connections).print();
        }
        if (only.contains("simulation")) {
            SimulationScale scale = new SimulationScale(beaconIntervalMs, idleSeconds);
            simulation.forEach(scale::measure);
            scale.table().print();
        }
        if (only.contains("mesh")) {
            MeshScale scale = new MeshScale("A mesh of daemons in few processes", beaconIntervalMs, idleSeconds);
            mesh.forEach(count -> scale.measure(() -> Fleet.inProcesses(count, processesFor(count), beaconIntervalMs)));
            scale.table().print();
        }
        if (only.contains("processes")) {
            MeshScale scale = new MeshScale("A mesh of daemons with a process each", beaconIntervalMs, idleSeconds);
            processes.forEach(count -> scale.measure(() -> Fleet.ofProcesses(count, beaconIntervalMs)));
            scale.table().print();
        }
    }

    /** Each link has an end in the process of either side, and each is a file descriptor. */
    private static int processesFor(int daemons) {
        long perDaemon = 2L * (daemons - 1) + DESCRIPTORS_PER_DAEMON;
        return (int) Math.ceil((double) daemons * perDaemon / (Descriptors.limit() - DESCRIPTORS_PER_PROCESS));
    }
}
