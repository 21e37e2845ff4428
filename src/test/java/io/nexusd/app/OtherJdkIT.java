package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.Needs;
import io.nexusd.lab.OtherJdks;
import io.nexusd.lab.ShowLogs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The jar and its starters on JDKs that did not build it: they work, and the JVM prints no warning. */
@ExtendWith(ShowLogs.class)
class OtherJdkIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    @Test
    void shouldStartPublishAndSubscribeWithoutWarnings() throws Exception {
        Needs.OTHER_JDK.require();
        for (Path jdk : OtherJdks.find()) {
            try (LabDaemon daemon = LabDaemon.onLoopback("jdk-" + jdk.getFileName())
                    .command(List.of("sh", starter("nexusd")))
                    .environment("PATH", path(jdk))
                    .environment("NEXUSD_JAR", LabDaemon.jar().toString())
                    .start()
                    .awaitReady()) {
                Path out = directory.resolve("sub.out");
                Path err = directory.resolve("sub.err");
                Process subscriber = cli(jdk, daemon, out, err, "SUB", "jdk/test", "--count", "1", "--ready", "--raw");
                try {
                    await("subscription on " + jdk)
                            .atMost(LIMIT)
                            .until(() -> Files.readString(err).contains("ready"));
                    Path printed = directory.resolve("pub.out");
                    Path warned = directory.resolve("pub.err");
                    assertEnds(cli(jdk, daemon, printed, warned, "PUB", "jdk/test", "from another JDK"));
                    assertThat(warned).isEmptyFile();
                    assertEnds(subscriber);
                } finally {
                    subscriber.destroyForcibly();
                }
                assertThat(out).hasContent("from another JDK");
                assertThat(Files.readAllLines(err)).hasSize(1).allMatch(line -> line.contains("ready"));
                daemon.terminate();
                daemon.exitCode(LIMIT);
                // Each line is one of the log, whichever the JVM may want to add.
                assertThat(daemon.logLines()).isNotEmpty().allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT.*"));
                assertThat(daemon.outputLines()).isEmpty();
            }
        }
    }

    private static Process cli(Path jdk, LabDaemon daemon, Path out, Path err, String... words) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("sh", starter("nexusd-cli"), "-p", String.valueOf(daemon.appPort())));
        command.addAll(List.of(words));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("NEXUSD_"));
        builder.environment().put("NEXUSD_JAR", LabDaemon.jar().toString());
        builder.environment().put("PATH", path(jdk));
        return builder.start();
    }

    private static void assertEnds(Process process) throws InterruptedException {
        assertThat(process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    private static String starter(String name) {
        return Path.of("bin", name).toAbsolutePath().toString();
    }

    private static String path(Path jdk) {
        return jdk.resolve("bin") + ":" + System.getenv("PATH");
    }
}
