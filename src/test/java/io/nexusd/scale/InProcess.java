package io.nexusd.scale;

import io.nexusd.config.ConfigLoader;
import io.nexusd.config.LoadResult;
import io.nexusd.launch.Node;
import io.vertx.core.Promise;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Daemons in this process, configured by flags alone. */
final class InProcess {
    private static final Path NOTHING = emptyFile();

    private InProcess() {}

    /** Starts one, without multicast, and waits until it serves applications. */
    static Node start(List<String> flags, int beaconIntervalMs, Transport transport) {
        List<String> all = new ArrayList<>(List.of("--config", NOTHING.toString(), "--multicast", "false"));
        all.addAll(flags);
        LoadResult result =
                ConfigLoader.parse(all.toArray(String[]::new), Fleet.beacons(beaconIntervalMs), Path.of(""));
        if (!(result instanceof LoadResult.Loaded loaded)) {
            throw new IllegalStateException("refused: " + String.join(" ", all));
        }
        Promise<Node> started = Promise.promise();
        // On a thread of its own, so that no daemon belongs to the Vertx of another one.
        new Thread(() -> Node.start(loaded.config(), transport).onComplete(started), "start").start();
        return Applications.await("the start of a daemon", started.future());
    }

    private static Path emptyFile() {
        try {
            // The watcher takes a file without anything in it for one that is being written.
            Path file = Files.writeString(
                    Files.createTempFile("nexusd-scale", ".yaml"), "# These daemons are configured by flags alone.\n");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary file can be made", e);
        }
    }
}
