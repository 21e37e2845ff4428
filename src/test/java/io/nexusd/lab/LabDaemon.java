package io.nexusd.lab;

import static org.awaitility.Awaitility.await;

import io.nexusd.client.ForeignClient;
import io.nexusd.model.Endpoint;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A daemon process, started from the built jar. Its log goes to a file under {@code target/lab}; {@link ShowLogs} prints it when a
 * test fails. Closing it kills what still runs.
 */
public final class LabDaemon implements AutoCloseable {
    private static final AtomicInteger STARTED = new AtomicInteger();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final Process process;
    private final Path log;
    private final Path output;
    private final String address;
    private final int appPort;
    private final int adminPort;
    private ForeignClient client;

    private LabDaemon(Builder builder) {
        String file = STARTED.incrementAndGet() + "-" + builder.name;
        log = logDirectory().resolve(file + ".log");
        output = logDirectory().resolve(file + ".out");
        address = builder.address;
        appPort = builder.appPort;
        adminPort = builder.adminPort;
        List<String> command = new ArrayList<>(builder.prefix);
        command.addAll(builder.command.isEmpty() ? java(builder) : builder.command);
        ProcessBuilder start =
                new ProcessBuilder(command).redirectError(log.toFile()).redirectOutput(output.toFile());
        // Only what the test says: a POD_IP or LOG_LEVEL of the machine must not leak in.
        start.environment().keySet().removeIf(LabDaemon::isConfiguration);
        start.environment().putAll(builder.environment);
        start.directory(logDirectory().toFile());
        try {
            process = start.start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + command, e);
        }
        ShowLogs.add(this);
    }

    private static List<String> java(Builder builder) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(builder.javaOptions);
        command.addAll(List.of("-jar", jar().toString()));
        command.addAll(builder.arguments);
        return command;
    }

    private static boolean isConfiguration(String name) {
        return name.startsWith("NEXUSD_")
                || List.of(
                                "CLUSTER_ID",
                                "POD_NAME",
                                "POD_IP",
                                "MESH_PORT",
                                "APP_PORT",
                                "REPLICA_COUNT",
                                "SERVICE_NAME",
                                "LOG_LEVEL")
                        .contains(name)
                || List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
                        .contains(name);
    }

    public static Path jar() {
        Path jar =
                Path.of(System.getProperty("nexusd.jar", "target/nexusd.jar")).toAbsolutePath();
        if (!Files.isRegularFile(jar)) {
            throw new IllegalStateException(jar + " is missing; build it with `mvn -DskipTests package`");
        }
        return jar;
    }

    public static Path logDirectory() {
        Path directory = Path.of("target", "lab").toAbsolutePath();
        directory.toFile().mkdirs();
        return directory;
    }

    public static Builder builder(String name) {
        return new Builder(name);
    }

    /** A daemon on the loopback interface on free ports, alone unless told otherwise. */
    public static Builder onLoopback(String name) {
        int app = FreePort.tcp();
        int admin = FreePort.tcp();
        return builder(name)
                .reachedAt("127.0.0.1", app, admin)
                .environment("NEXUSD_APP_PORT", String.valueOf(app))
                .environment("NEXUSD_ADMIN_PORT", String.valueOf(admin))
                .environment("NEXUSD_MESH_PORT", "0")
                .environment("NEXUSD_MESH_BIND", "127.0.0.1")
                .environment("NEXUSD_NODE_ADVERTISE", "127.0.0.1")
                .environment("NEXUSD_DISCOVERY_MULTICAST_ENABLED", "false");
    }

    public LabDaemon awaitReady() {
        awaitOrDeath("readiness", () -> status("/readyz") == 200);
        return this;
    }

    /** Serving applications, whatever the mesh does. */
    public LabDaemon awaitServing() {
        awaitOrDeath("the application port", () -> {
            try (java.net.Socket socket = new java.net.Socket()) {
                socket.connect(new java.net.InetSocketAddress(address, appPort), 500);
                return true;
            } catch (IOException e) {
                return false;
            }
        });
        return this;
    }

    private void awaitOrDeath(String what, java.util.concurrent.Callable<Boolean> condition) {
        await(what + " of " + this)
                .atMost(START_LIMIT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(50))
                .failFast("the daemon ended; its log: " + log, () -> !process.isAlive())
                .until(condition);
    }

    /** A client that stays connected for the life of the daemon. */
    public synchronized ForeignClient client() {
        if (client == null) {
            client = new ForeignClient(address, appPort);
        }
        return client;
    }

    public String address() {
        return address;
    }

    /** Where the admin port is, as host:port. */
    public String adminAddress() {
        return new Endpoint(address, adminPort).toString();
    }

    public int appPort() {
        return appPort;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public void kill() {
        process.destroyForcibly();
        exitCode(Duration.ofSeconds(10));
    }

    /** Asks the daemon to stop, and does not wait. */
    public void terminate() {
        process.destroy();
    }

    /** Halts the process as a debugger or a long garbage collection would. */
    public void freeze() {
        Shell.run("kill", "-STOP", String.valueOf(pid()));
    }

    public void thaw() {
        Shell.run("kill", "-CONT", String.valueOf(pid()));
    }

    public int exitCode(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(this + " did not end within " + limit);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return process.exitValue();
    }

    /** Status of a GET on the admin port, or -1 when nobody answers. */
    public int status(String path) {
        try {
            return get(path).statusCode();
        } catch (IOException e) {
            return -1;
        }
    }

    public String body(String path) {
        try {
            return get(path).body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpResponse<String> get(String path) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + adminAddress() + path))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Bytes in use on the heap right after a full collection. */
    public long heapAfterCollection() {
        Shell.run("jcmd", String.valueOf(pid()), "GC.run");
        return (long) metric("jvm_memory_used_bytes", "area=\"heap\"");
    }

    /** Sum of all samples of a metric whose labels contain the text, 0 when there is none. */
    public double metric(String name, String labelText) {
        return body("/metrics")
                .lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .filter(line -> line.contains(labelText))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    public double metric(String name) {
        return metric(name, "");
    }

    public List<String> logLines() {
        return lines(log);
    }

    /** What went to standard output. */
    public List<String> outputLines() {
        return lines(output);
    }

    private static List<String> lines(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path log() {
        return log;
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close();
            client = null;
        }
        if (process.isAlive()) {
            kill();
        }
    }

    @Override
    public String toString() {
        return log.getFileName() + "(pid " + process.pid() + ")";
    }

    /** How a daemon is started. */
    public static final class Builder {
        private final String name;
        private final Map<String, String> environment = new TreeMap<>();
        private final List<String> arguments = new ArrayList<>();
        private List<String> prefix = List.of();
        private List<String> command = List.of();
        private List<String> javaOptions = quickStart();
        private String address = "127.0.0.1";
        private int appPort = 5672;
        private int adminPort = 9090;

        private Builder(String name) {
            this.name = name.replace(File.separatorChar, '_');
        }

        /** Small, soon up, and with the archive of classes that the build has made, as {@code bin/nexusd} uses it. */
        private static List<String> quickStart() {
            List<String> options = new ArrayList<>(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
            Path archive = jar().resolveSibling("nexusd.jsa");
            if (Files.isRegularFile(archive)) {
                options.addAll(List.of(
                        "-XX:SharedArchiveFile=" + archive, "-Xshare:auto", "-Xlog:disable", "-Xlog:all=error:stderr"));
            }
            return options;
        }

        public Builder prefix(List<String> command) {
            prefix = command;
            return this;
        }

        /** Runs this in the place of {@code java -jar}, options and arguments. */
        public Builder command(List<String> whole) {
            command = whole;
            return this;
        }

        public Builder reachedAt(String host, int app, int admin) {
            address = host;
            appPort = app;
            adminPort = admin;
            return this;
        }

        public Builder environment(String key, String value) {
            environment.put(key, value);
            return this;
        }

        public Builder environment(Map<String, String> more) {
            environment.putAll(more);
            return this;
        }

        public Builder arguments(List<String> more) {
            arguments.addAll(more);
            return this;
        }

        public Builder arguments(String... more) {
            return arguments(List.of(more));
        }

        public Builder javaOptions(String... options) {
            javaOptions = List.of(options);
            return this;
        }

        public LabDaemon start() {
            return new LabDaemon(this);
        }
    }
}
