package io.nexusd.app;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.lab.FreePort;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.ShowLogs;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The process: how it starts, what it prints, how it ends. */
@ExtendWith(ShowLogs.class)
class LaunchIT {
    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static final long DEFAULT_RUN_RESIDENT_KB = 150 * 1024;

    @Test
    void shouldListEveryProblemOfTheConfigurationAndExitWith2() {
        try (LabDaemon daemon = LabDaemon.builder("bad-config")
                .environment("NEXUSD_MESH_PORT", "seventy")
                .environment("LOG_LEVEL", "LOUD")
                .arguments("--app-port", "99999", "--no-such-flag")
                .start()) {
            assertThat(daemon.exitCode(LIMIT)).isEqualTo(2);
            String log = String.join("\n", daemon.logLines());
            assertThat(log)
                    .contains("mesh.port", "seventy", "NEXUSD_MESH_PORT")
                    .contains("log.level", "LOUD", "LOG_LEVEL")
                    .contains("app.port", "99999", "--app-port")
                    .contains("no-such-flag");
        }
    }

    @Test
    void shouldCheckAConfigurationWithoutStarting() {
        try (LabDaemon check = LabDaemon.builder("check-config")
                .arguments("--check-config", "--cluster", "blue")
                .start()) {
            assertThat(check.exitCode(LIMIT)).isZero();
            assertThat(String.join("\n", check.outputLines()))
                    .contains("cluster.id")
                    .contains("blue")
                    .contains("--cluster")
                    .contains("digest");
        }
    }

    @Test
    void shouldSayWhichPortIsTakenAndExitWith1() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                LabDaemon daemon = LabDaemon.onLoopback("port-taken")
                        .environment("NEXUSD_APP_PORT", String.valueOf(taken.getLocalPort()))
                        .start()) {
            assertThat(daemon.exitCode(LIMIT)).isEqualTo(1);
            assertThat(String.join("\n", daemon.logLines()))
                    .contains("app.port")
                    .contains(String.valueOf(taken.getLocalPort()));
        }
    }

    @Test
    void shouldStartInTheEnvironmentOfOthers() {
        try (LabDaemon daemon = LabDaemon.onLoopback("strange-environment")
                .environment("NEXUSD_ADDR", "10.0.0.1:5672")
                .environment("NEXUSD_PORT", "tcp://10.0.0.1:5672")
                .environment("NEXUSD_CLI_HISTORY", "/dev/null")
                .environment("MESH_PORT", "tcp://10.0.0.1:5671")
                .environment("APP_PORT", "tcp://10.0.0.1:5672")
                .environment("NEXUSD_CLUSTER", "blue")
                .start()
                .awaitReady()) {
            assertThat(daemon.logLines())
                    .filteredOn(line -> line.contains("config warning"))
                    .hasSize(3)
                    .allMatch(line -> line.contains(" WARN "))
                    .anyMatch(line -> line.contains("config warning NEXUSD_ADDR "))
                    .anyMatch(line -> line.contains("config warning MESH_PORT "))
                    .anyMatch(line -> line.contains("config warning APP_PORT "));
            assertThat(daemon.logLines()).anyMatch(line -> line.contains("cluster=blue"));
        }
    }

    @Test
    void shouldServeWithoutTheDefaultAdminPortUntilItIsFree() throws Exception {
        ServerSocket taken = null;
        try {
            taken = new ServerSocket(9090, 1, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            // Another process has it, which is as good.
            assertThat(e).isInstanceOf(BindException.class);
        }
        int app = FreePort.tcp();
        try (LabDaemon daemon = LabDaemon.builder("default-admin-port")
                .reachedAt("127.0.0.1", app, 9090)
                .arguments("--mesh-port", "0", "--app-port", String.valueOf(app), "--advertise", "127.0.0.1")
                .environment("NEXUSD_DISCOVERY_MULTICAST_ENABLED", "false")
                .start()
                .awaitServing()) {
            await().atMost(LIMIT).until(() -> daemon.logLines().stream().anyMatch(line -> line.endsWith(" ready")));
            assertThat(daemon.logLines())
                    .filteredOn(line -> line.contains(" WARN ") && line.contains("LiveListener"))
                    .singleElement(as(InstanceOfAssertFactories.STRING))
                    .contains(
                            "listener not open: cannot listen on admin.bind:admin.port 127.0.0.1:9090", "tries again");
            await().atMost(LIMIT)
                    .until(() -> CliRun.start("127.0.0.1", daemon.appPort(), "", "INFO", "CONFIG")
                            .ends(0)
                            .text()
                            .contains("it stays off and tries again"));
            assertThat(CliRun.start("127.0.0.1", daemon.appPort(), "", "--json", "INFO", "CONFIG")
                            .ends(0)
                            .text())
                    .contains("\"last_reload_successful\":true");
            if (taken != null) {
                taken.close();
                daemon.awaitReady();
            }
        } finally {
            if (taken != null) {
                taken.close();
            }
        }
    }

    /** A killed process cannot clear up, so it must not have made anything. */
    @Test
    void shouldMakeNoTemporaryFiles(@TempDir Path directory) throws IOException {
        String option = "-Djava.io.tmpdir=" + directory;
        try (LabDaemon daemon =
                LabDaemon.onLoopback("no-files").javaOptions(option).start().awaitReady()) {
            assertThat(files(directory)).isEmpty();
            try (LabDaemon bench = LabDaemon.builder("no-files-bench")
                    .javaOptions(option)
                    .arguments(
                            "bench", "--target", "127.0.0.1:" + daemon.appPort(), "--duration", "0.5", "--warm-up", "0")
                    .start()) {
                assertThat(bench.exitCode(LIMIT)).isZero();
            }
            daemon.kill();
        }
        try (LabDaemon demo = LabDaemon.builder("no-files-demo")
                .javaOptions(option)
                .arguments("demo")
                .start()) {
            assertThat(demo.exitCode(LIMIT)).isZero();
        }
        assertThat(files(directory)).isEmpty();
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    @Test
    void shouldNotStartWithoutAnAdminPortThatWasAskedFor() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                LabDaemon daemon = LabDaemon.onLoopback("admin-port-taken")
                        .environment("NEXUSD_ADMIN_PORT", String.valueOf(taken.getLocalPort()))
                        .start()) {
            assertThat(daemon.exitCode(LIMIT)).isEqualTo(1);
            assertThat(String.join("\n", daemon.logLines())).contains("admin.port", "free the port or configure");
        }
    }

    @Test
    void shouldShowAMeshInOneCommand() {
        try (LabDaemon demo = LabDaemon.builder("demo").arguments("demo").start()) {
            assertThat(demo.exitCode(Duration.ofSeconds(60))).isZero();
            assertThat(String.join("\n", demo.outputLines()))
                    .contains("every node knows the other two")
                    .contains("published 1000, received 1000, lost 0")
                    .contains("median")
                    .contains("stopped 3 daemons");
        }
    }

    @Test
    void shouldGiveMemoryBackWhenIdle() throws IOException {
        List<LabDaemon> daemons = new ArrayList<>();
        try {
            int first = FreePort.tcp();
            for (int i = 0; i < 3; i++) {
                // The JVM as `java -jar` finds it, without any option.
                LabDaemon.Builder builder = LabDaemon.onLoopback("idle-" + i).javaOptions();
                if (i == 0) {
                    builder.environment("NEXUSD_MESH_PORT", String.valueOf(first));
                } else {
                    builder.environment("NEXUSD_PEERS_STATIC", "127.0.0.1:" + first);
                }
                daemons.add(builder.start());
            }
            daemons.forEach(LabDaemon::awaitReady);
            for (LabDaemon daemon : daemons) {
                await().atMost(LIMIT).until(() -> daemon.client().peers().size() == 2);
            }
            // What the start has used is given back when the daemon has been idle for some seconds.
            await().atMost(Duration.ofSeconds(180))
                    .untilAsserted(() -> assertThat(daemons)
                            .allSatisfy(daemon -> assertThat(residentKb(daemon)).isLessThan(DEFAULT_RUN_RESIDENT_KB)));
        } finally {
            daemons.forEach(LabDaemon::close);
        }
    }

    private static long residentKb(LabDaemon daemon) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + daemon.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
