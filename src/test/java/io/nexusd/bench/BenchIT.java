package io.nexusd.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.ShowLogs;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command {@code bench} against a daemon, both as processes of their own. */
@Tag("load")
@ExtendWith(ShowLogs.class)
class BenchIT {
    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static final int QUEUE_LIMIT = 10;
    private static LabDaemon daemon;
    private static LabDaemon small;

    @BeforeAll
    static void start() {
        daemon = LabDaemon.onLoopback("bench-daemon").start();
        small = LabDaemon.onLoopback("bench-small")
                .environment("NEXUSD_DELIVERY_SUBSCRIBER_QUEUE_LIMIT", String.valueOf(QUEUE_LIMIT))
                .start();
        daemon.awaitReady();
        small.awaitReady();
    }

    @AfterAll
    static void stop() {
        daemon.close();
        small.close();
    }

    private static LabDaemon bench(LabDaemon target, String... arguments) {
        List<String> all = new ArrayList<>(List.of(
                "bench", "--target", target.address() + ":" + target.appPort(), "--duration", "2", "--warm-up", "0.5"));
        all.addAll(List.of(arguments));
        return LabDaemon.builder("bench").arguments(all).start();
    }

    private static JsonObject json(LabDaemon command) {
        assertThat(command.exitCode(LIMIT))
                .as(String.join("\n", command.logLines()))
                .isZero();
        assertThat(command.outputLines()).hasSize(1);
        return new JsonObject(command.outputLines().get(0));
    }

    private static void assertBalanced(JsonObject result) {
        assertThat(result.getLong("accepted")).isEqualTo(result.getLong("published"));
        assertThat(result.getLong("received") + result.getLong("dropped"))
                .isEqualTo(result.getLong("published") * result.getInteger("subscribers"));
        assertThat(result.getLong("lost")).isZero();
        assertThat(result.getLong("out_of_order")).isZero();
        assertThat(result.getJsonObject("latency_us").getLong("count")).isEqualTo(result.getLong("received"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"unary", "stream", "batch"})
    void shouldAccountForEveryMessageInEachMode(String mode) {
        try (LabDaemon command =
                bench(daemon, "--mode", mode, "--subscribers", "2", "--json", "--pid", "" + daemon.pid())) {
            JsonObject result = json(command);
            assertBalanced(result);
            assertThat(result.getString("mode")).isEqualTo(mode);
            assertThat(result.getString("codec")).isEqualTo("raw");
            assertThat(result.getInteger("payload_bytes")).isEqualTo(256);
            assertThat(result.getLong("published")).isPositive();
            assertThat(result.getLong("dropped")).isZero();
            assertThat(result.getDouble("seconds")).isPositive();
            assertThat(result.getDouble("server_cpu_seconds")).isPositive();
            assertThat(result.getLong("server_resident_bytes")).isPositive();
            JsonObject latency = result.getJsonObject("latency_us");
            assertThat(latency.getDouble("p50")).isPositive().isLessThanOrEqualTo(latency.getDouble("p99"));
            assertThat(latency.getDouble("p99")).isLessThanOrEqualTo(latency.getDouble("max"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unary", "stream", "batch"})
    void shouldKeepToTheRateAndShowItToPeople(String mode) {
        try (LabDaemon command =
                bench(daemon, "--mode", mode, "--rate", "500", "--publishers", "3", "--codec", "protobuf")) {
            assertThat(command.exitCode(LIMIT)).isZero();
            String table = String.join("\n", command.outputLines());
            assertThat(table)
                    .containsPattern("published +1,000 ")
                    .containsPattern("received +1,000 ")
                    .contains("codec protobuf")
                    .contains("500 messages/s")
                    .contains("p99.9");
            assertThat(String.join("\n", command.logLines()))
                    .contains("warm-up")
                    .contains("measured");
        }
    }

    @Test
    void shouldTellWhatTheDaemonDrops() {
        try (LabDaemon command =
                bench(small, "--wait-for", "answers", "--size", "65536", "--subscribers", "4", "--json", "--quiet")) {
            JsonObject result = json(command);
            assertBalanced(result);
            assertThat(result.getLong("dropped")).isPositive();
            assertThat(command.logLines()).isEmpty();
        }
    }

    @Test
    void shouldEndWithACodeThatSaysWhatHappened() {
        assertEnds(2, "--size: 3 is not between 16", bench(daemon, "--size", "3"));
        assertEnds(
                2,
                "--target",
                LabDaemon.builder("bench")
                        .arguments("bench", "--target", "nowhere")
                        .start());
        assertEnds(2, "no such process", bench(daemon, "--pid", "999999999"));
        assertEnds(
                3,
                "cannot reach",
                LabDaemon.builder("bench")
                        .arguments("bench", "--target", "127.0.0.1:1")
                        .start());
        assertEnds(
                5,
                "does not reach the subscribers",
                bench(daemon, "--target2", small.address() + ":" + small.appPort(), "--timeout", "10000"));
    }

    private static void assertEnds(int code, String text, LabDaemon command) {
        try (command) {
            assertThat(command.exitCode(LIMIT)).as(command.toString()).isEqualTo(code);
            assertThat(String.join("\n", command.logLines())).contains(text);
        }
    }
}
