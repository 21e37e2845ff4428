package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import io.nexusd.client.ForeignClient;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.FreePort;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.LiveFile;
import io.nexusd.lab.Needs;
import io.nexusd.lab.ShowLogs;
import io.nexusd.proto.sidecar.Sidecar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Applications in other languages publish on one node and receive on another. Needs Debian's python3-grpcio, and Node.js with
 * npm.
 */
@ExtendWith(ShowLogs.class)
class ForeignLanguagesIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int COUNT = 20;
    private static final Path WORK = Path.of("target", "foreign").toAbsolutePath();

    private static LabDaemon publishing;
    private static LabDaemon receiving;

    @BeforeAll
    static void start() {
        int mesh = FreePort.tcp();
        publishing = LabDaemon.onLoopback("publishing")
                .environment("NEXUSD_MESH_PORT", String.valueOf(mesh))
                .start()
                .awaitReady();
        receiving = LabDaemon.onLoopback("receiving")
                .environment("NEXUSD_PEERS_STATIC", "127.0.0.1:" + mesh)
                .start()
                .awaitReady();
        await().atMost(LIMIT)
                .until(() -> publishing.client().peers().size() == 1
                        && receiving.client().peers().size() == 1);
    }

    @AfterAll
    static void stop() {
        if (receiving != null) {
            publishing.close();
            receiving.close();
        }
    }

    @Test
    void shouldServePythonApplications() throws Exception {
        Needs.PYTHON.require();
        Files.createDirectories(WORK);
        Path descriptors = WORK.resolve("descriptors.pb");
        Files.write(
                descriptors,
                FileDescriptorSet.newBuilder()
                        .addFile(Sidecar.getDescriptor().toProto())
                        .build()
                        .toByteArray());
        String python = System.getProperty("nexusd.python", "/usr/bin/python3");
        Path script = Path.of("src/test/python/app.py").toAbsolutePath();
        List<String> program = List.of(python, script.toString(), descriptors.toString());
        crossMesh("python", program, "{'from': 'python'}");
        crossMove("python", program);
    }

    @Test
    void shouldServeNodeApplications() throws Exception {
        Needs.NODE.require();
        Path home = WORK.resolve("node");
        Files.createDirectories(home);
        for (String file : List.of("package.json", "package-lock.json", ".npmrc", "app.js")) {
            Files.copy(
                    Path.of("src/test/node", file),
                    home.resolve(file),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        Process install =
                run(home, List.of("npm", "ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"));
        assertThat(install.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(install.exitValue())
                .as("npm ci, see %s", home.resolve("npm.log"))
                .isZero();
        Path protos = Path.of("src/main/proto").toAbsolutePath();
        List<String> program = List.of("node", home.resolve("app.js").toString(), protos.toString());
        crossMesh("node", program, "{\"from\":\"node\"}");
        crossMove("node", program);
    }

    /** The language receives what it publishes on the other node itself, and what grpc-java publishes there. */
    private static void crossMesh(String language, List<String> program, String headers) throws Exception {
        String topic = "foreign/" + language;
        Path output = WORK.resolve(language + ".out");
        Files.deleteIfExists(output);
        Process subscriber = start(program, receiving, output, "subscribe", "foreign/+", COUNT);
        try (ForeignSubscription java = receiving.client().subscribe(topic)) {
            await(language + " to subscribe")
                    .atMost(LIMIT)
                    .until(() -> lines(output).contains("ready"));
            await("the other node to know")
                    .atMost(LIMIT)
                    .until(() -> publishing
                            .client()
                            .peers()
                            .get(0)
                            .getTopicsList()
                            .containsAll(List.of("foreign/+", topic)));
            Path published = WORK.resolve(language + ".published");
            Process publisher = start(program, publishing, published, "publish", topic, COUNT);
            assertThat(publisher.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(lines(published))
                    .as("receivers: the one interested peer")
                    .containsExactly("1");
            assertThat(java.awaitMessages(COUNT).payloads())
                    .isEqualTo(IntStream.range(0, COUNT)
                            .mapToObj(i -> language + " " + i)
                            .toList());
        }
        assertThat(subscriber.waitFor(60, TimeUnit.SECONDS)).isTrue();
        List<String> expected = new ArrayList<>(List.of("ready"));
        IntStream.range(0, COUNT).forEach(i -> expected.add(topic + " " + language + " " + i + " " + headers));
        assertThat(lines(output)).containsExactlyElementsOf(expected);
    }

    /** A stream goes on when the daemon moves to another port under it. */
    private static void crossMove(String language, List<String> program) throws Exception {
        int oldPort = FreePort.tcp();
        int newPort = FreePort.tcp();
        int admin = FreePort.tcp();
        LiveFile file = LiveFile.alone(WORK.resolve(language + ".yaml"), oldPort, admin, 0)
                .write();
        Path output = WORK.resolve(language + ".moved");
        Files.deleteIfExists(output);
        try (LabDaemon daemon = LabDaemon.builder("moving-" + language)
                        .reachedAt("127.0.0.1", oldPort, admin)
                        .arguments("--config", file.path().toString())
                        .start()
                        .awaitReady();
                ForeignClient java = new ForeignClient("127.0.0.1", newPort)) {
            Process subscriber = start(program, daemon, output, "subscribe", "foreign/+", COUNT);
            await(language + " to subscribe")
                    .atMost(LIMIT)
                    .until(() -> lines(output).contains("ready"));
            file.set("app.port", newPort).write();
            await("the daemon to move")
                    .atMost(LIMIT)
                    .until(() ->
                            daemon.logLines().stream().anyMatch(line -> line.contains("listener moved listener=app")));
            for (int i = 0; i < COUNT; i++) {
                assertThat(java.publish("foreign/moved", String.valueOf(i)).getSubscriberCount())
                        .as("receivers, the one at the old port")
                        .isEqualTo(1);
            }
            assertThat(subscriber.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(lines(output)).hasSize(COUNT + 1).last().asString().contains("foreign/moved 19");
        }
    }

    private static Process start(
            List<String> program, LabDaemon daemon, Path output, String verb, String topic, int count)
            throws IOException {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of("127.0.0.1:" + daemon.appPort(), verb, topic, String.valueOf(count)));
        return new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(WORK.resolve(output.getFileName() + ".err").toFile())
                .start();
    }

    private static Process run(Path directory, List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("npm.log").toFile())
                .start();
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }
}
