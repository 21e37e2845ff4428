package io.nexusd.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import io.nexusd.lab.FreePort;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.ShowLogs;
import io.nexusd.proto.sidecar.MessageEvent;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Python and Node.js applications on two daemons: each publishes on one and is heard, by the other language too, on the other. */
@ExtendWith(ShowLogs.class)
class ForeignLanguagesIT {
    static final String REMEDY = "install Debian's python3-grpcio, python3-protobuf, nodejs and npm,"
            + " or leave these tests out with -Dnexusd.foreign=off";

    private static final int COUNT = 20;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Path DIRECTORY = Path.of("target", "foreign").toAbsolutePath();
    private static final Path PROTO =
            Path.of("src/main/proto/nexusd/sidecar.proto").toAbsolutePath();

    private static List<String> python;
    private static List<String> node;
    private static LabDaemon first;
    private static LabDaemon second;

    @BeforeAll
    static void prepare() throws IOException {
        Assumptions.assumeFalse(
                "off".equals(System.getProperty("nexusd.foreign")), "foreign languages are off (-Dnexusd.foreign=off)");
        Files.createDirectories(DIRECTORY);
        python = python();
        node = node();
        int meshPort = FreePort.tcp();
        first = LabDaemon.onLoopback("foreign-first")
                .environment("NEXUSD_MESH_PORT", String.valueOf(meshPort))
                .start();
        second = LabDaemon.onLoopback("foreign-second")
                .environment("NEXUSD_PEERS", "127.0.0.1:" + meshPort)
                .start();
        for (LabDaemon daemon : List.of(first, second)) {
            daemon.awaitServing();
            await(daemon + " to know the other")
                    .atMost(SOON)
                    .until(() -> daemon.client().peers().size() == 1);
        }
    }

    @AfterAll
    static void stop() {
        for (LabDaemon daemon : Arrays.asList(first, second)) {
            if (daemon != null) {
                daemon.close();
            }
        }
    }

    @Test
    void shouldCarryMessagesFromPythonToPythonAndNode() {
        assertHeardByBoth(python, "python", "from/python");
    }

    @Test
    void shouldCarryMessagesFromNodeToPythonAndNode() {
        assertHeardByBoth(node, "node", "from/node");
    }

    @Test
    void shouldTellEveryLanguageWhatIsWrongWithATopic() {
        for (List<String> language : List.of(python, node)) {
            try (ForeignProgram publisher = program(language, first, "publish", "a/#", 1)) {
                List<JsonObject> said = publisher.awaitEnd();
                assertThat(said).hasSize(1);
                assertThat(said.get(0).getString("status")).isEqualTo("INVALID_ARGUMENT");
                assertThat(said.get(0).getString("text")).contains("a/#");
            }
        }
    }

    private static void assertHeardByBoth(List<String> publisher, String name, String topic) {
        String filter = topic + "/+";
        try (ForeignProgram inPython =
                        program(python, second, "subscribe", filter, COUNT).awaitLines(1);
                ForeignProgram inNode =
                        program(node, second, "subscribe", filter, COUNT).awaitLines(1)) {
            await("the first daemon to know of " + filter)
                    .atMost(SOON)
                    .until(() -> first.client().peers().stream()
                            .anyMatch(peer -> peer.getTopicsList().contains(filter)));
            List<JsonObject> published;
            try (ForeignProgram program = program(publisher, first, "publish", topic + "/x", COUNT)) {
                published = program.awaitEnd();
            }
            assertThat(published)
                    .hasSize(COUNT)
                    .allSatisfy(
                            line -> assertThat(line.getInteger("subscribers")).isEqualTo(1));
            List<String> ids =
                    published.stream().map(line -> line.getString("id")).toList();
            assertHeard(inPython.awaitEnd(), ids, name, topic + "/x");
            assertHeard(inNode.awaitEnd(), ids, name, topic + "/x");
        }
    }

    private static void assertHeard(List<JsonObject> said, List<String> ids, String sender, String topic) {
        assertThat(said.get(0).getString("subscription")).startsWith("sub-default-");
        List<JsonObject> messages = said.subList(1, said.size());
        assertThat(messages).extracting(line -> line.getString("id")).containsExactlyElementsOf(ids);
        assertThat(messages)
                .extracting(line -> line.getString("payload"))
                .containsExactlyElementsOf(IntStream.range(0, COUNT)
                        .mapToObj(number -> "00ff"
                                + HexFormat.of()
                                        .formatHex(String.valueOf(number).getBytes(StandardCharsets.US_ASCII)))
                        .toList());
        assertThat(messages)
                .extracting(line -> line.getString("correlation"))
                .containsExactlyElementsOf(IntStream.range(0, COUNT)
                        .mapToObj(number -> sender + "-" + number)
                        .toList());
        assertThat(messages).allSatisfy(line -> {
            assertThat(line.getString("topic")).isEqualTo(topic);
            assertThat(line.getString("contentType")).isEqualTo("application/octet-stream");
            assertThat(line.getString("sender")).isEqualTo(sender);
        });
    }

    private static ForeignProgram program(
            List<String> language, LabDaemon daemon, String command, String topic, int count) {
        List<String> whole = new ArrayList<>(language);
        whole.addAll(List.of(daemon.address() + ":" + daemon.appPort(), command, topic, String.valueOf(count)));
        return new ForeignProgram(DIRECTORY, whole);
    }

    /** Debian's own interpreter, to which its packages belong, whichever other one comes first on the path. */
    private static List<String> python() throws IOException {
        Path descriptors = DIRECTORY.resolve("sidecar.desc");
        Files.write(
                descriptors,
                FileDescriptorSet.newBuilder()
                        .addFile(MessageEvent.getDescriptor().getFile().toProto())
                        .build()
                        .toByteArray());
        String interpreter = Files.isExecutable(Path.of("/usr/bin/python3")) ? "/usr/bin/python3" : "python3";
        run(List.of(interpreter, "-c", "import grpc, google.protobuf"));
        Path script = Path.of("src/test/python/nexusd_client.py").toAbsolutePath();
        return List.of(interpreter, script.toString(), descriptors.toString());
    }

    private static List<String> node() throws IOException {
        Path source = Path.of("src/test/node");
        for (String file : List.of("package.json", "package-lock.json", ".npmrc", "nexusd-client.js")) {
            Files.copy(source.resolve(file), DIRECTORY.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        run(List.of("node", "--version"));
        // No package here needs its install script.
        run(List.of("npm", "ci", "--ignore-scripts", "--prefer-offline"));
        return List.of("node", DIRECTORY.resolve("nexusd-client.js").toString(), PROTO.toString());
    }

    private static void run(List<String> command) throws IOException {
        Path output = DIRECTORY.resolve("prepare.out");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(DIRECTORY.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = process.waitFor(2, TimeUnit.MINUTES);
            if (!ended || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException("failed: " + command + "; " + REMEDY + "\n" + Files.readString(output));
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot run " + command + " (" + e.getMessage() + "); " + REMEDY, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
