package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.lab.FreePort;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.ShowLogs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The command line client as a person meets it: the start script in a terminal. */
@ExtendWith(ShowLogs.class)
class CliTerminalIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String SCRIPT =
            Path.of("bin", "nexusd-cli").toAbsolutePath().toString();

    @TempDir
    static Path dir;

    private static LabDaemon first;
    private static LabDaemon second;
    private static String prompt;

    @BeforeAll
    static void start() {
        int mesh = FreePort.tcp();
        first = daemon("tty-1")
                .environment("NEXUSD_MESH_PORT", String.valueOf(mesh))
                .start();
        second = daemon("tty-2")
                .environment("NEXUSD_PEERS_STATIC", "127.0.0.1:" + mesh)
                .start();
        first.awaitReady();
        second.awaitReady();
        await("the mesh").atMost(LIMIT).until(() -> first.client().peers().size() == 1);
        prompt = "127.0.0.1:" + first.appPort() + ">";
    }

    private static LabDaemon.Builder daemon(String name) {
        return LabDaemon.onLoopback(name)
                .environment("NEXUSD_CLUSTER_ID", "tty")
                .environment("NEXUSD_NODE_NAME", name)
                .environment("NEXUSD_PEERS_RETRY_INTERVAL_MS", "200");
    }

    @AfterAll
    static void stop() {
        first.close();
        second.close();
    }

    private static TmuxTerminal terminal(int columns, String... arguments) {
        Map<String, String> environment = new TreeMap<>();
        environment.put("NEXUSD_CLI_HISTORY", dir.resolve("history").toString());
        environment.put(
                "NEXUSD_JAR",
                Path.of(System.getProperty("nexusd.jar", "target/nexusd.jar"))
                        .toAbsolutePath()
                        .toString());
        List<String> command =
                new ArrayList<>(List.of(SCRIPT, "-p", String.valueOf(first.appPort()), "--timeout", "20000"));
        command.addAll(List.of(arguments));
        return new TmuxTerminal(columns, 40, environment, command);
    }

    @Test
    void shouldCompleteCommandsTopicsAndPeersAndRememberLines() throws IOException {
        try (var subscription = first.client().subscribe("completed/by/tab");
                TmuxTerminal terminal = terminal(120)) {
            assertThat(subscription.id()).isNotEmpty();
            terminal.awaitText(prompt);
            terminal.type("mesh st")
                    .press("Tab")
                    .awaitText("mesh status")
                    .press("Enter")
                    .awaitText("links of a whole mesh");
            terminal.type("EXPLAIN comp")
                    .press("Tab")
                    .awaitText("EXPLAIN completed/by/tab")
                    .press("Enter");
            terminal.awaitText("subscribed here");
            terminal.type("debug object tty")
                    .press("Tab")
                    .awaitText("debug object tty-2")
                    .press("Enter");
            terminal.awaitScreen("the peer", screen -> screen.lines().anyMatch(line -> line.matches("kind +peer")));
            terminal.press("Up")
                    .press("Up")
                    .awaitScreen(
                            "the line before the last",
                            screen -> screen.endsWith(prompt + " EXPLAIN completed/by/tab"));
            terminal.press("C-c").type("QUIT").press("Enter").awaitText("ended with 0");
            assertThat(Files.readString(dir.resolve("history"))).contains("EXPLAIN completed/by/tab");
        }
    }

    @Test
    void shouldEndASubscriptionByCtrlCAndNotTheShell() {
        try (TmuxTerminal terminal = terminal(120)) {
            terminal.awaitText(prompt);
            terminal.type("SUB tty/# --ready").press("Enter").awaitText("ready sub-");
            second.client();
            await("the interest to be known")
                    .atMost(LIMIT)
                    .until(() -> second.client().publish("tty/a", "crossed").getSubscriberCount() == 1);
            terminal.awaitText("tty/a  crossed").press("C-c");
            terminal.awaitScreen("the prompt", screen -> screen.endsWith(prompt));
            terminal.type("MON --ready")
                    .press("Enter")
                    .awaitScreen("watching", screen -> screen.lines().anyMatch("ready"::equals));
            terminal.press("C-c").awaitScreen("the prompt", screen -> screen.endsWith(prompt));
            terminal.type("DEBUG SLEEP 100000")
                    .press("Enter")
                    .awaitText("SLEEP 100000")
                    .press("C-c")
                    .awaitText("interrupted");
            terminal.type("PING").press("Enter").awaitText("round trip");
            terminal.press("C-d").awaitText("ended with 0");
        }
    }

    @Test
    void shouldFitTheTerminalAndEndOneCommandByCtrlC() {
        try (TmuxTerminal terminal = terminal(70, "MESH", "PEERS")) {
            String screen = terminal.awaitText("ended with 0").screen();
            assertThat(screen.lines().toList())
                    .as("a header, a peer and the exit code, none wrapped")
                    .hasSize(3)
                    .allMatch(line -> line.length() <= 70);
        }
        try (TmuxTerminal terminal = terminal(100, "TOP", "--interval", "200")) {
            terminal.awaitText("forwarded/s").press("C-c").awaitText("ended with 0");
        }
        try (TmuxTerminal terminal = terminal(100, "SUB", "a/#", "--ready")) {
            terminal.awaitText("ready sub-").press("C-c").awaitText("ended with 0");
        }
    }

    @Test
    void shouldStayUsableWithoutADaemon() {
        Map<String, String> environment =
                Map.of("NEXUSD_CLI_HISTORY", dir.resolve("other-history").toString());
        try (TmuxTerminal terminal = new TmuxTerminal(100, 40, environment, List.of(SCRIPT, "-p", "1"))) {
            terminal.awaitText("is the daemon running there?").awaitText("not connected>");
            terminal.type("connect 127.0.0.1:" + first.appPort()).press("Enter").awaitText(prompt);
            terminal.type("disconnect")
                    .press("Enter")
                    .awaitScreen("no connection", screen -> screen.endsWith("not connected>"));
            terminal.type("exit").press("Enter").awaitText("ended with 0");
        }
    }
}
