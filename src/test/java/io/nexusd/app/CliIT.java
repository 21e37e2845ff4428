package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.ShowLogs;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The command line client, as a process of its own. */
@ExtendWith(ShowLogs.class)
class CliIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static LabDaemon daemon;

    @BeforeAll
    static void start() {
        daemon = LabDaemon.onLoopback("cli-daemon").start().awaitReady();
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    private static LabDaemon cli(String... arguments) {
        List<String> all = new ArrayList<>(List.of("cli", "-p", String.valueOf(daemon.appPort())));
        all.addAll(List.of(arguments));
        return LabDaemon.builder("cli").arguments(all).start();
    }

    private static void assertEnds(int code, String text, LabDaemon command) {
        try (command) {
            assertThat(command.exitCode(LIMIT)).as(command.toString()).isEqualTo(code);
            assertThat(String.join("\n", command.outputLines()) + String.join("\n", command.logLines()))
                    .contains(text);
        }
    }

    @Test
    void shouldShowMessagesWithoutLettingThemDriveTheTerminal() {
        try (LabDaemon subscriber = cli("sub", "cli/#", "--count", "2", "--ready")) {
            await().atMost(LIMIT)
                    .until(() -> subscriber.logLines().stream().anyMatch(line -> line.startsWith("ready")));
            daemon.client().publish("cli/a", "red \u001b[31m");
            assertEnds(0, "receivers", cli("PUB", "cli/b", "plain"));
            assertThat(subscriber.exitCode(LIMIT)).isZero();
            assertThat(subscriber.outputLines()).containsExactly("cli/a  red \\u001b[31m", "cli/b  plain");
        }
    }

    @Test
    void shouldAnswerInJsonOneObjectALine() {
        try (ForeignSubscription ignored = daemon.client().subscribe("json/#");
                LabDaemon topics = cli("--json", "pubsub", "topics")) {
            assertThat(topics.exitCode(LIMIT)).isZero();
            assertThat(topics.outputLines().stream().map(JsonObject::new).toList())
                    .contains(new JsonObject().put("topic", "json/#").put("subscriptions", 1));
        }
    }

    @Test
    void shouldEndWithACodeThatSaysWhatHappened() {
        assertEnds(0, "127.0.0.1", cli("ping"));
        assertEnds(0, "endpoint", cli("mesh", "peers"));
        assertEnds(6, "empty level", cli("pub", "a//b", "x"));
        assertEnds(5, "did not arrive", cli("sub", "nothing", "--count", "1", "--timeout", "100"));
        assertEnds(2, "nonsense", cli("nonsense"));
        assertEnds(2, "does not have the command INFO", cli("INFO"));
        assertEnds(
                3,
                "cannot reach",
                LabDaemon.builder("cli").arguments("cli", "-p", "1", "ping").start());
    }
}
