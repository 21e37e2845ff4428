package io.nexusd.launch;

import io.nexusd.bench.BenchCommand;
import io.nexusd.cli.Cli;
import io.nexusd.config.ConfigLoader;
import io.nexusd.config.EffectiveConfig;
import io.nexusd.config.LoadResult;
import io.nexusd.model.Version;
import io.nexusd.systemd.ServiceManager;
import io.nexusd.wire.CommandFailure;
import io.nexusd.wire.StandardOutput;
import io.vertx.core.transport.Transport;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/** The entry point of the jar: the daemon, unless the first argument names another command. */
public final class Main {
    static final int FAILED = 1;
    static final int USAGE = 2;
    private static final int KILLED_BY_SECOND_SIGNAL = 130;

    private static final StandardOutput OUT = new StandardOutput();

    private Main() {}

    /** Runs the command; the process ends with its exit code. */
    public static void main(String[] args) {
        // Whatever the locale, what a file says in UTF-8 is printed as it is.
        System.setOut(utf8(OUT));
        System.setErr(utf8(new FileOutputStream(FileDescriptor.err)));
        takeMemoryAsItIs();
        nameMachineAtRandom();
        String command = args.length == 0 ? "" : args[0];
        if (System.getenv("NOTIFY_SOCKET") == null) {
            leaveNativeTransportOut();
        }
        String[] rest = args.length == 0 ? args : Arrays.copyOfRange(args, 1, args.length);
        switch (command) {
            case "demo" -> DemoCommand.run(rest);
            case "bench" -> exit(BenchCommand.run(rest, System.out, System.err));
            case "cli" -> exit(Cli.run(rest, System.in, OUT, System.err));
            case "rehearse-cli" -> exit(Rehearsal.run());
            default -> daemon(args);
        }
    }

    /**
     * Has Netty ask for memory outside the heap without having it filled with zeros, which it does not need. The manifest of
     * the jar opens the package that this takes; where it is not opened, nothing changes.
     */
    private static void takeMemoryAsItIs() {
        System.setProperty("io.netty.tryReflectionSetAccessible", "true");
    }

    /**
     * Keeps Vert.x from loading Netty's native transport because it is in the jar, where it is for notifications to a service manager
     * alone.
     */
    private static void leaveNativeTransportOut() {
        System.setProperty("io.netty.transport.noNative", "true");
    }

    /**
     * Keeps Netty from looking at every network interface for a hardware address, and from a warning where there is none, as in a
     * container without a network. It makes ids of channels of it, which nobody compares between machines.
     */
    private static void nameMachineAtRandom() {
        byte[] address = new byte[6];
        ThreadLocalRandom.current().nextBytes(address);
        System.setProperty("io.netty.machineId", HexFormat.ofDelimiter(":").formatHex(address));
    }

    private static PrintStream utf8(OutputStream stream) {
        return new PrintStream(new BufferedOutputStream(stream), true, StandardCharsets.UTF_8);
    }

    private static void daemon(String[] args) {
        // Before anything that takes time: who starts it may already want it to stop.
        AtomicReference<Node> running = new AtomicReference<>();
        stopOnSignal(running);
        reloadOnSignal(running);
        LoadResult result = ConfigLoader.parse(args, System.getenv(), Path.of(""));
        if (result instanceof LoadResult.ShowAndExit show) {
            System.out.print(show.stdout());
            System.err.print(show.stderr());
            exit(show.exitCode());
        } else if (result instanceof LoadResult.Loaded loaded) {
            run(loaded, running);
        }
    }

    private static void run(LoadResult.Loaded loaded, AtomicReference<Node> running) {
        EffectiveConfig config = loaded.config();
        Logging.configure(config.settings());
        Logger log = LoggerFactory.getLogger(Main.class);
        log.info(
                "starting version={} cluster={} name={} config={} digest={}",
                Version.current(),
                config.settings().cluster().id(),
                config.settings().node().name(),
                config.file().orElse("none"),
                config.digest());
        loaded.warnings().forEach(warning -> log.warn("config warning {}", warning));
        // What a thread cannot handle leaves the daemon in a state that nobody has thought of.
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, e) -> log.error("a thread ended by an exception thread={}", thread.getName(), e));
        Node.start(
                        config,
                        Transport.NIO,
                        ServiceManager.of(
                                System.getenv(), ProcessHandle.current().pid()))
                .onSuccess(node -> {
                    node.onSettings(Logging::apply);
                    node.onLevel(Logging::setLevel);
                    running.set(node);
                    IdleMemory.keepSmall();
                    log.info("started id={} took_ms={}", node.id(), uptimeMs());
                })
                .onFailure(e -> {
                    log.error(LogFields.FATAL, "cannot start: {}", e.getMessage());
                    exit(FAILED);
                });
    }

    /** The first SIGTERM or SIGINT drains and exits 0, a second one ends the process at once. */
    private static void stopOnSignal(AtomicReference<Node> running) {
        AtomicBoolean stopping = new AtomicBoolean();
        for (String name : new String[] {"TERM", "INT"}) {
            Signal.handle(new Signal(name), signal -> {
                if (!stopping.compareAndSet(false, true)) {
                    Runtime.getRuntime().halt(KILLED_BY_SECOND_SIGNAL);
                }
                Node node = running.get();
                if (node == null) {
                    // Still starting: nobody has anything to lose.
                    exit(0);
                }
                exitWithin(node.settings().delivery().drainTimeoutMs());
                node.stop().onComplete(stopped -> exit(0));
            });
        }
    }

    /** SIGHUP reads the configuration again, for who does not want to wait for the watcher. */
    private static void reloadOnSignal(AtomicReference<Node> running) {
        Signal.handle(new Signal("HUP"), signal -> {
            Node node = running.get();
            if (node != null) {
                node.reload();
            }
        });
    }

    /** Sees to it that a drain which hangs does not keep the process. */
    private static void exitWithin(int timeoutMs) {
        Thread watchdog = new Thread(
                () -> {
                    try {
                        Thread.sleep(timeoutMs);
                        LoggerFactory.getLogger(Main.class)
                                .error("the drain did not end in time, exiting timeout_ms={}", timeoutMs);
                        Logging.finish();
                        Runtime.getRuntime().halt(0);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "drain-watchdog");
        watchdog.setDaemon(true);
        watchdog.start();
    }

    /** Ends the process; what was done well but could not be printed is no success. */
    static void exit(int code) {
        System.out.flush();
        Optional<CommandFailure> lost = code == 0 ? OUT.failure() : Optional.empty();
        lost.filter(failure -> failure.exitCode() != CommandFailure.PIPE_CLOSED)
                .ifPresent(failure -> System.err.println("nexusd: " + failure.getMessage()));
        System.err.flush();
        Logging.finish();
        System.exit(lost.map(CommandFailure::exitCode).orElse(code));
    }

    private static long uptimeMs() {
        return ManagementFactory.getRuntimeMXBean().getUptime();
    }
}
