package io.nexusd.scale;

import io.nexusd.bus.Lifecycle.Listener;
import io.nexusd.config.ConfigLoader;
import io.nexusd.config.LoadResult;
import io.nexusd.launch.Node;
import io.vertx.core.Promise;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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
        Path nothing = Files.writeString(
                Files.createTempFile("nexusd-scale", ".yaml"), "# These daemons are configured by flags alone.\n");
        nothing.toFile().deleteOnExit();
        for (int i = 0; i < count; i++) {
            List<String> flags = new ArrayList<>(List.of(
                    "--config",
                    nothing.toString(),
                    "--name",
                    name + "-" + i,
                    "--bind",
                    "127.0.0.1",
                    "--advertise",
                    "127.0.0.1",
                    "--multicast",
                    "false",
                    "--app-port",
                    "0",
                    "--mesh-port",
                    i == 0 ? args[3] : "0",
                    "--admin-port",
                    i == 0 ? args[2] : "0"));
            if (i > 0 || !args[3].equals(args[4])) {
                flags.addAll(List.of("--peers", "127.0.0.1:" + args[4]));
            }
            Node node = start(flags.toArray(String[]::new), Fleet.beacons(Integer.parseInt(args[5])));
            System.out.println(LISTENING + node.listeners().get(Listener.APP).port() + " mesh "
                    + node.listeners().get(Listener.MESH).port());
        }
        Thread.currentThread().join();
    }

    private static Node start(String[] flags, Map<String, String> environment) {
        if (!(ConfigLoader.parse(flags, environment, Path.of("")) instanceof LoadResult.Loaded loaded)) {
            throw new IllegalStateException("refused: " + String.join(" ", flags));
        }
        Promise<Node> started = Promise.promise();
        // On a thread of its own, so that no daemon belongs to the Vertx of another one.
        new Thread(() -> Node.start(loaded.config()).onComplete(started), "start").start();
        return Applications.await("the start of a daemon", started.future());
    }
}
