package io.nexusd.launch;

import io.nexusd.bus.Lifecycle.Listener;
import io.nexusd.config.ConfigLoader;
import io.nexusd.config.EffectiveConfig;
import io.nexusd.config.LoadResult;
import io.nexusd.demo.Demo;
import io.nexusd.demo.DemoNode;
import io.nexusd.wire.FileAccess;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.Set;

/** The command {@code demo}: gives the demo real daemons, and the process its exit code. */
final class DemoCommand {
    private static final String USAGE = """
            Usage: nexusd demo
            Starts three daemons in this process, on free ports of the loopback interface, lets them find each other, sends
            messages across, prints what it saw, and stops them. Needs nothing and leaves nothing behind.
            Exit codes: 0 everything arrived, 1 it did not, 2 wrong usage.""";

    private DemoCommand() {}

    static void run(String[] args) {
        if (args.length > 0 && Set.of("-h", "--help").contains(args[0])) {
            System.out.println(USAGE);
            Main.exit(0);
        }
        if (args.length > 0) {
            System.err.println("nexusd demo: takes no arguments, not '" + args[0] + "'; --help says what it does");
            Main.exit(Main.USAGE);
        }
        Logging.configure(load("--log-level", "WARN").settings());
        Vertx vertx = Vertx.vertx(new VertxOptions().setFileSystemOptions(FileAccess.withoutCache()));
        Demo.run(vertx, DemoCommand::start, System.out).onComplete(result -> {
            if (result.failed()) {
                System.err.println("nexusd demo: " + result.cause().getMessage());
            }
            Main.exit(result.succeeded() && result.result() ? 0 : Main.FAILED);
        });
    }

    private static Future<DemoNode> start(String... flags) {
        // Completed on no context and started on a thread of its own: no node belongs to the Vertx of the clients.
        Promise<DemoNode> started = Promise.promise();
        Thread thread = new Thread(
                () -> Node.start(load(flags))
                        .onSuccess(node -> started.complete(adapted(node)))
                        .onFailure(started::fail),
                "demo-node-start");
        thread.start();
        return started.future();
    }

    private static DemoNode adapted(Node node) {
        return new DemoNode() {
            @Override
            public int appPort() {
                return node.listeners().get(Listener.APP).port();
            }

            @Override
            public int meshPort() {
                return node.listeners().get(Listener.MESH).port();
            }

            @Override
            public Future<Void> stop() {
                return node.stop();
            }
        };
    }

    /** Only the flags count: neither the environment nor a file that happens to be there. */
    private static EffectiveConfig load(String... flags) {
        if (ConfigLoader.parseFlags(flags) instanceof LoadResult.Loaded loaded) {
            return loaded.config();
        }
        throw new IllegalStateException("the demo's own flags are refused: " + String.join(" ", flags));
    }
}
