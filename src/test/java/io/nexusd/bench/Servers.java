package io.nexusd.bench;

import io.nexusd.lab.FreePort;
import io.nexusd.wire.CommandFailure;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Two daemons that know each other and two NATS servers that do, on free ports of the loopback. Closing it ends them. */
final class Servers implements AutoCloseable {
    private static final int START_LIMIT_MS = 30_000;
    private static final int RETRY_MS = 50;

    private final List<Process> daemons = new ArrayList<>();
    private final List<Process> nats = new ArrayList<>();
    private final int[] appPorts = {FreePort.tcp(), FreePort.tcp()};
    private final int[] natsPorts = {FreePort.tcp(), FreePort.tcp()};
    private final int echoPort = FreePort.tcp();
    private Process echo;

    Servers(Path jar, List<String> javaOptions) {
        int[] meshPorts = {FreePort.tcp(), FreePort.tcp()};
        int[] clusterPorts = {FreePort.tcp(), FreePort.tcp()};
        try {
            for (int i = 0; i < 2; i++) {
                List<String> daemon = new ArrayList<>(List.of(java()));
                daemon.addAll(javaOptions);
                daemon.addAll(List.of(
                        "-jar",
                        jar.toString(),
                        "--name",
                        "bench-" + i,
                        "--cluster",
                        "bench-" + ProcessHandle.current().pid(),
                        "--bind",
                        "127.0.0.1",
                        "--advertise",
                        "127.0.0.1",
                        "--app-port",
                        String.valueOf(appPorts[i]),
                        "--mesh-port",
                        String.valueOf(meshPorts[i]),
                        "--admin-port",
                        "0",
                        "--multicast",
                        "false",
                        "--log-level",
                        "WARN",
                        "--peers",
                        "127.0.0.1:" + meshPorts[1 - i]));
                daemons.add(start(daemon));
                nats.add(start(List.of(
                        "nats-server",
                        "-a",
                        "127.0.0.1",
                        "-p",
                        String.valueOf(natsPorts[i]),
                        "--cluster_name",
                        "bench",
                        "--cluster",
                        "nats://127.0.0.1:" + clusterPorts[i],
                        "--routes",
                        "nats://127.0.0.1:" + clusterPorts[1 - i])));
            }
            List<String> echoes = new ArrayList<>(List.of(java()));
            echoes.addAll(javaOptions);
            echoes.addAll(List.of(
                    "-cp",
                    System.getProperty("java.class.path"),
                    EchoServer.class.getName(),
                    String.valueOf(echoPort)));
            echo = start(echoes);
            awaitListening(echoPort, echo);
            for (int i = 0; i < 2; i++) {
                awaitListening(appPorts[i], daemons.get(i));
                awaitListening(natsPorts[i], nats.get(i));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    String daemonAddress(int i) {
        return "127.0.0.1:" + appPorts[i];
    }

    String natsUrl(int i) {
        return "nats://127.0.0.1:" + natsPorts[i];
    }

    String echoAddress() {
        return "127.0.0.1:" + echoPort;
    }

    long echoPid() {
        return echo.pid();
    }

    long daemonPid(int i) {
        return daemons.get(i).pid();
    }

    long natsPid(int i) {
        return nats.get(i).pid();
    }

    @Override
    public void close() {
        List<Process> all = new ArrayList<>(daemons);
        all.addAll(nats);
        if (echo != null) {
            all.add(echo);
        }
        all.forEach(Process::destroy);
        for (Process process : all) {
            try {
                if (!process.waitFor(START_LIMIT_MS, TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Returns the path of the java that runs this. */
    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Runs a command whose last line of output is a JSON object. */
    static JsonObject json(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            int code = process.waitFor();
            if (output.isEmpty()) {
                throw new CommandFailure(
                        CommandFailure.FAILED, "exit code " + code + " of " + String.join(" ", command));
            }
            return new JsonObject(output.substring(output.lastIndexOf('\n') + 1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(CommandFailure.FAILED, "interrupted");
        }
    }

    private static Process start(List<String> command) {
        try {
            return new ProcessBuilder(Collections.unmodifiableList(command))
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(command.get(0).endsWith("java") ? Redirect.INHERIT : Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + command.get(0) + "; is it installed?", e);
        }
    }

    private static void awaitListening(int port, Process process) {
        long deadlineNs = System.nanoTime() + START_LIMIT_MS * 1_000_000L;
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), RETRY_MS);
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() - deadlineNs > 0) {
                    throw new CommandFailure(
                            CommandFailure.UNREACHABLE,
                            "a server did not start: "
                                    + process.info().commandLine().orElse("?"));
                }
            }
            try {
                Thread.sleep(RETRY_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandFailure(CommandFailure.FAILED, "interrupted");
            }
        }
    }
}
