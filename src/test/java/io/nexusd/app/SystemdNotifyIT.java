package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.jdi.ThreadReference;
import io.nexusd.lab.Debugger;
import io.nexusd.lab.FreePort;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.NotifySocket;
import io.nexusd.lab.Shell;
import io.nexusd.lab.ShowLogs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A real daemon and what it reports to its service manager. */
@ExtendWith(ShowLogs.class)
class SystemdNotifyIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Pattern RELOADING = Pattern.compile("RELOADING=1\nMONOTONIC_USEC=\\d+\nSTATUS=.*");
    private static final String ALIVE = "WATCHDOG=1";

    @TempDir
    private Path directory;

    @Test
    void shouldReportReadinessSignsOfLifeAndTheDrain() throws IOException {
        // It takes connections and never says a word, so the first round lasts until it is closed.
        try (ServerSocket mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                NotifySocket manager = new NotifySocket(path());
                LabDaemon daemon = notifying("notify", path())
                        .environment("NEXUSD_PEERS_STATIC", "127.0.0.1:" + mute.getLocalPort())
                        .environment("NEXUSD_PEERS_DIAL_TIMEOUT_MS", "300000")
                        .environment("NEXUSD_DELIVERY_DRAIN_TIMEOUT_MS", "20000")
                        .environment("WATCHDOG_USEC", "400000")
                        .start()
                        .awaitServing()) {
            await().atMost(LIMIT).until(() -> manager.received().contains("STATUS=starting"));
            await().atMost(LIMIT).until(() -> manager.count(ALIVE) > 2);
            assertThat(daemon.status("/readyz")).isEqualTo(503);
            assertThat(manager.count("READY=1")).isZero();
            mute.close();
            await().atMost(LIMIT).until(() -> manager.count("READY=1") == 1);
            assertThat(daemon.status("/readyz")).isEqualTo(200);
            assertThat(manager.received())
                    .anyMatch(one -> one.startsWith("READY=1\nSTATUS=ready; applications on 127.0.0.1:"
                            + daemon.appPort() + ", nodes on 127.0.0.1:"));
            long before = manager.count(ALIVE);
            await("signs of life").atMost(LIMIT).until(() -> manager.count(ALIVE) > before + 2);
            daemon.terminate();
            assertThat(daemon.exitCode(LIMIT)).isZero();
            assertThat(manager.count("STOPPING=1")).isEqualTo(1);
            assertThat(manager.count("EXTEND_TIMEOUT_USEC=25000000")).isEqualTo(1);
            assertThat(manager.received())
                    .filteredOn(one -> one.contains("STATUS="))
                    .last()
                    .asString()
                    .endsWith("STATUS=draining for 20000 ms at most");
        }
    }

    @Test
    void shouldGiveNoSignOfLifeWhileAnyEventLoopIsStuck() {
        int debug = FreePort.tcp();
        try (NotifySocket manager = new NotifySocket(path());
                // Three loops: that of the notifications themselves, that of the probes, and one of other verticles.
                LabDaemon daemon = notifying("notify-stuck", path())
                        .javaOptions("-XX:ActiveProcessorCount=3", Debugger.option(debug))
                        .environment("WATCHDOG_USEC", "200000")
                        .start()
                        .awaitReady();
                Debugger debugger = Debugger.attach(debug)) {
            List<ThreadReference> loops = debugger.eventLoops();
            assertThat(loops).hasSize(3);
            for (ThreadReference loop : loops) {
                loop.suspend();
                await("no sign of life without " + loop.name())
                        .atMost(LIMIT)
                        .pollInterval(Duration.ofMillis(50))
                        .during(Duration.ofSeconds(2))
                        .until(new NothingNew(manager)::holds);
                loop.resume();
                long before = manager.count(ALIVE);
                await("signs of life again").atMost(LIMIT).until(() -> manager.count(ALIVE) > before);
            }
        }
    }

    @Test
    void shouldReportAReloadBySignalAndWhetherItWasRejected() throws IOException {
        Path file = Files.writeString(directory.resolve("nexusd.yaml"), "log:\n  level: INFO\n");
        try (NotifySocket manager = new NotifySocket(path());
                LabDaemon daemon = notifying("notify-reload", path())
                        .environment("NEXUSD_CONFIG", file.toString())
                        .start()
                        .awaitReady()) {
            await().atMost(LIMIT).until(() -> manager.count("READY=1") == 1);
            Shell.run("kill", "-HUP", String.valueOf(daemon.pid()));
            await("ready after the reload").atMost(LIMIT).until(() -> manager.count("READY=1") == 2);
            List<String> received = manager.received();
            assertThat(received.get(received.size() - 2)).matches(RELOADING);
            assertThat(received.get(received.size() - 1)).startsWith("READY=1\nSTATUS=ready; applications on");
            Files.writeString(file, "log:\n  level: LOUD\n");
            Shell.run("kill", "-HUP", String.valueOf(daemon.pid()));
            await("ready after the rejected reload").atMost(LIMIT).until(() -> manager.count("READY=1") == 3);
            assertThat(manager.received()).last().asString().endsWith("; the last reload was rejected, see the log");
        }
    }

    @Test
    void shouldSendToAnAbstractSocketAndLeaveTheWatchdogOfAnotherProcessAlone() {
        String abstractName = "@nexusd-" + UUID.randomUUID();
        try (NotifySocket manager = new NotifySocket(abstractName);
                LabDaemon daemon = notifying("notify-abstract", abstractName)
                        .environment("WATCHDOG_USEC", "2000")
                        .environment("WATCHDOG_PID", "1")
                        .start()
                        .awaitReady()) {
            await().atMost(LIMIT).until(() -> manager.count("READY=1") == 1);
            daemon.terminate();
            assertThat(daemon.exitCode(LIMIT)).isZero();
            assertThat(manager.count("STOPPING=1")).isEqualTo(1);
            assertThat(manager.count(ALIVE)).isZero();
        }
    }

    @Test
    void shouldSendLaterWhatAFullQueueDidNotTake() {
        try (NotifySocket manager = new NotifySocket(path());
                // A thousand signs of life a second, which nobody reads, fill the queue of any kernel.
                LabDaemon daemon = notifying("notify-full", path())
                        .environment("WATCHDOG_USEC", "2000")
                        .start()
                        .awaitReady()) {
            Shell.run("kill", "-HUP", String.valueOf(daemon.pid()));
            await().atMost(LIMIT).until(() -> manager.count("READY=1") == 2);
            daemon.terminate();
            await().atMost(LIMIT).until(() -> manager.count("STOPPING=1") == 1);
            assertThat(daemon.exitCode(LIMIT)).isZero();
        }
    }

    @Test
    void shouldServeWithoutAServiceManagerThatAnswers() {
        try (LabDaemon daemon = notifying("notify-nobody", path())
                .environment("WATCHDOG_USEC", "20000")
                .start()
                .awaitReady()) {
            daemon.terminate();
            assertThat(daemon.exitCode(LIMIT)).isZero();
            assertThat(daemon.logLines())
                    .filteredOn(line -> line.contains("the service manager does not take notifications"))
                    .hasSize(1);
        }
    }

    @Test
    void shouldLoadNothingWhereNobodyAsksForNotifications() throws IOException {
        try (NotifySocket manager = new NotifySocket(path());
                LabDaemon asked = notifying("notify-asked", path()).start().awaitReady();
                LabDaemon alone = LabDaemon.onLoopback("notify-alone").start().awaitReady()) {
            assertThat(manager.received()).isNotEmpty();
            assertThat(maps(asked)).contains("netty_transport_native_epoll");
            assertThat(maps(alone)).doesNotContain("netty_transport_native_epoll");
        }
    }

    /** Whether as many signs of life have come as at the last look. */
    private static final class NothingNew {
        private final NotifySocket manager;
        private long last = -1;

        NothingNew(NotifySocket manager) {
            this.manager = manager;
        }

        boolean holds() {
            long now = manager.count(ALIVE);
            boolean same = now == last;
            last = now;
            return same;
        }
    }

    private String path() {
        return directory.resolve("notify").toString();
    }

    private static LabDaemon.Builder notifying(String name, String socket) {
        return LabDaemon.onLoopback(name).environment("NOTIFY_SOCKET", socket);
    }

    private static String maps(LabDaemon daemon) throws IOException {
        return Files.readString(Path.of("/proc/" + daemon.pid() + "/maps"));
    }
}
