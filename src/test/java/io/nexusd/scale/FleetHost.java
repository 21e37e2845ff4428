package io.nexusd.scale;

import io.nexusd.bus.Lifecycle.Listener;
import io.nexusd.launch.Node;
import io.vertx.core.transport.Transport;
import java.util.ArrayList;
import java.util.List;

/**
 * Several daemons in this process, each with event loops and sockets of its own. They find each other by the address of the seed,
 * which is one of them or somewhere else. Prints a line with the application port of each that is up. Runs until it is killed.
 */
public final class FleetHost {
    /** How a line begins that says where a daemon listens. */
    static final String LISTENING = "app ";

    private FleetHost() {}

    /** Arguments: name of the first, how many, admin port of the first, mesh port of the first, mesh port of the seed, beacon interval in ms. */
    public static void main(String[] args) throws Exception {
        String name = args[0];
        int count = Integer.parseInt(args[1]);
        for (int i = 0; i < count; i++) {
            List<String> flags = new ArrayList<>(List.of(
                    "--name",
                    name + "-" + i,
                    "--bind",
                    "127.0.0.1",
                    "--advertise",
                    "127.0.0.1",
                    "--app-port",
                    "0",
                    "--mesh-port",
                    i == 0 ? args[3] : "0",
                    "--admin-port",
                    i == 0 ? args[2] : "0"));
            if (i > 0 || !args[3].equals(args[4])) {
                flags.addAll(List.of("--peers", "127.0.0.1:" + args[4]));
            }
            Node node = InProcess.start(flags, Integer.parseInt(args[5]), Transport.NIO);
            System.out.println(LISTENING + node.listeners().get(Listener.APP).port() + " mesh "
                    + node.listeners().get(Listener.MESH).port());
        }
        Thread.currentThread().join();
    }
}
