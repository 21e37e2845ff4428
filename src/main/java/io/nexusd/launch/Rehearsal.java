package io.nexusd.launch;

import io.nexusd.bus.Lifecycle.Listener;
import io.nexusd.cli.Cli;
import io.nexusd.config.ConfigLoader;
import io.nexusd.config.LoadResult;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The command {@code rehearse-cli}, which the build runs: the commands of the command line client once each, silently, against a
 * daemon in the same process, so that the JVM can archive the classes they load. With the archive the client starts in a
 * fraction of the time.
 */
final class Rehearsal {
    private static final int START_TIMEOUT_S = 30;

    private static final List<List<String>> COMMANDS = List.of(
            List.of("PING"),
            List.of("INFO"),
            List.of("--json", "INFO", "SERVER"),
            List.of("PUBLISH", "rehearsal/a", "text", "--retain", "--header", "a=b"),
            List.of("SUBSCRIBE", "rehearsal/#", "--retained", "--count", "1", "--timeout", "5000"),
            List.of("MONITOR", "--timeout", "10"),
            List.of("TOP", "--count", "1", "--interval", "100"),
            List.of("PUBSUB", "TOPICS"),
            List.of("PUBSUB", "RETAINED"),
            List.of("MESH", "PEERS"),
            List.of("MESH", "STATUS"),
            List.of("MESH", "TOPOLOGY"),
            List.of("CLIENT", "LIST"),
            List.of("EXPLAIN", "rehearsal/a"),
            List.of("DEBUG", "LOG"),
            List.of("DISCOVER", "--wait", "10"));

    private Rehearsal() {}

    /** Returns the exit code. */
    static int run() {
        // First of all, for it says which libraries the client does without.
        cli(List.of("HELP"));
        try {
            return runAll();
        } catch (ExecutionException | TimeoutException e) {
            System.err.println("nexusd rehearse-cli: " + e.getMessage());
            return Main.FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Main.FAILED;
        }
    }

    private static int runAll() throws ExecutionException, InterruptedException, TimeoutException {
        LoadResult loaded = ConfigLoader.parseFlags(
                "--bind=127.0.0.1",
                "--advertise=127.0.0.1",
                "--mesh-port=0",
                "--app-port=0",
                "--admin-port=0",
                "--multicast=false");
        if (!(loaded instanceof LoadResult.Loaded configured)) {
            throw new IllegalStateException("the rehearsal's own flags are refused: " + loaded);
        }
        Node node = Node.start(configured.config())
                .toCompletionStage()
                .toCompletableFuture()
                .get(START_TIMEOUT_S, TimeUnit.SECONDS);
        String port = String.valueOf(node.listeners().get(Listener.APP).port());
        for (List<String> command : COMMANDS) {
            List<String> words = new ArrayList<>(List.of("-p", port));
            words.addAll(command);
            int code = cli(words);
            if (code != 0) {
                System.err.println("nexusd rehearse-cli: " + command + " ended with " + code);
            }
        }
        return 0;
    }

    private static int cli(List<String> words) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        return Cli.run(words.toArray(String[]::new), InputStream.nullInputStream(), nowhere, nowhere);
    }
}
