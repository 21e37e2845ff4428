package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.client.ForeignClient;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.ShowLogs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands whose standard output cannot be written: a pipe that its reader has closed, and a full device. */
@ExtendWith(ShowLogs.class)
class CliOutputIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static LabDaemon daemon;

    @BeforeAll
    static void start() {
        daemon = LabDaemon.onLoopback("cli-output").start().awaitReady();
        CliRun.start("127.0.0.1", daemon.appPort(), "", "PUB", "out/kept", "x", "--retain")
                .ends(0);
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"SUB out/#", "SUB out/# --raw", "--json SUB out/#", "MONITOR", "--json MON", "TOP --interval 100"
            })
    void shouldEndWhenTheReaderOfAPipeHasClosedIt(String line) throws Exception {
        ProcessBuilder command = command(cli(line));
        Process process = command.redirectError(errors()).start();
        try {
            ForeignClient client = daemon.client();
            try (BufferedReader reader =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                while (!reader.ready()) {
                    client.publish("out/a", "x");
                }
                assertThat(reader.readLine()).isNotNull();
            }
            while (process.isAlive()) {
                client.publish("out/a", "x");
            }
            assertThat(process.exitValue()).isEqualTo(141);
            assertThat(errors().file()).content().doesNotContain("nexusd", "Exception");
        } finally {
            process.destroyForcibly();
        }
    }

    @ParameterizedTest
    @EnabledOnOs(OS.LINUX)
    @ValueSource(
            strings = {
                "cli SUB out/# --retained",
                "cli --json SUB out/# --retained",
                "cli TOP --interval 100",
                "cli INFO",
                "cli --json PUBSUB TOPICS",
                "cli PUB out/b x",
                "cli HELP",
                "cli PING --help",
                "cli --version",
                "--help",
                "--version",
                "--check-config",
                "demo --help",
                "bench --help"
            })
    void shouldFailWhereTheDeviceIsFull(String line) throws Exception {
        List<String> words = List.of(line.split(" "));
        List<String> all = words.get(0).equals("cli") ? cli(line.substring("cli ".length())) : words;
        ProcessBuilder command =
                command(all).redirectOutput(Path.of("/dev/full").toFile()).redirectError(errors());
        // PUBSUB TOPICS needs a topic to list.
        try (ForeignSubscription subscription = daemon.client().subscribe("out/listed")) {
            assertThat(subscription.status()).isNull();
            Process process = command.start();
            try {
                assertThat(process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS))
                        .isTrue();
                assertThat(process.exitValue()).isEqualTo(1);
                assertThat(errors().file())
                        .content()
                        .contains("standard output cannot be written")
                        .doesNotContain("\tat ");
            } finally {
                process.destroyForcibly();
            }
        }
    }

    @Test
    void shouldRunNoFurtherLineOfAScriptWhoseOutputIsLost() throws Exception {
        Process process = command(cli("")).redirectError(errors()).start();
        try {
            process.getInputStream().close();
            process.getOutputStream().write("PING\nPUB out/never x --retain\n".getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            assertThat(process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(141);
            assertThat(CliRun.start("127.0.0.1", daemon.appPort(), "", "--json", "PUBSUB", "RETAINED", "out/never")
                            .ends(0)
                            .objects())
                    .isEmpty();
        } finally {
            process.destroyForcibly();
        }
    }

    private static List<String> cli(String line) {
        List<String> words = new ArrayList<>(List.of("cli", "-p", String.valueOf(daemon.appPort())));
        words.addAll(line.isEmpty() ? List.of() : List.of(line.split(" ")));
        return words;
    }

    private static ProcessBuilder command(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-jar",
                LabDaemon.jar().toString()));
        command.addAll(arguments);
        return new ProcessBuilder(command);
    }

    private static ProcessBuilder.Redirect errors() throws IOException {
        return ProcessBuilder.Redirect.to(
                LabDaemon.logDirectory().resolve("cli-output.err").toFile());
    }
}
