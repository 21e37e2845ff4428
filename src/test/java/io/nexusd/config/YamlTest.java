package io.nexusd.config;

import static io.nexusd.config.Samples.load;
import static io.nexusd.config.Samples.report;
import static io.nexusd.config.Samples.value;
import static io.nexusd.config.Samples.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlTest {
    @TempDir
    Path dir;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00123",
                "1.10",
                "yes",
                "no",
                "on",
                "12:30",
                "0x1F",
                "1e3",
                "2001-01-01",
                "1_000",
                ".inf",
                "true",
                "=",
                "0o17",
                "190:20:30",
                "+1",
                "Null_",
                "ünïcødé"
            })
    void shouldKeepTheTextOfAScalar(String text) {
        write(dir, "conf/nexusd.yaml", "cluster:\n  id: " + text + "\n");
        assertThat(value(load(dir, Map.of()), "cluster.id")).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[a:1, b:2]",
                "a:1,b:2",
                "'a:1, b:2'",
                "\n    - a:1\n    - 'b:2'",
                "|\n    a:1,\n    b:2",
                "[a:1, b:2, a:1]"
            })
    void shouldTakeListsAndTextForEndpoints(String text) {
        write(dir, "conf/nexusd.yaml", "peers:\n  static: " + text + "\n");
        assertThat(value(load(dir, Map.of()), "peers.static")).isEqualTo("a:1,b:2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "# only a comment\n",
                "---\n",
                "~\n",
                "mesh:\n",
                "mesh:\n  # port: 1\n",
                "mesh:\n  port:\n",
                "{}",
                "mesh: {}",
                "\uFEFF# with a byte order mark\n",
                "peers.static: ~\n",
                "peers:\r\n  static: []\r\n",
                "%YAML 1.1\n---\n"
            })
    void shouldTakeNothingFromAFileThatSetsNothing(String text) {
        write(dir, "conf/nexusd.yaml", text);
        EffectiveConfig config = load(dir, Map.of("HOSTNAME", "h"));
        assertThat(config.file()).isPresent();
        assertThat(config.settings())
                .isEqualTo(load(dir.resolve("empty"), Map.of("HOSTNAME", "h")).settings());
    }

    @Test
    void shouldTakeDottedAndNestedKeysAndCrLf() {
        write(
                dir,
                "conf/nexusd.yaml",
                "mesh.port: 1\r\ndiscovery:\r\n  multicast.port: 2\r\n  multicast:\r\n    ttl: &x 3\r\nadmin.port: *x\r\n");
        EffectiveConfig config = load(dir, Map.of());
        assertThat(value(config, "mesh.port")).isEqualTo("1");
        assertThat(value(config, "discovery.multicast.port")).isEqualTo("2");
        assertThat(value(config, "discovery.multicast.ttl")).isEqualTo("3");
        assertThat(value(config, "admin.port")).isEqualTo("3");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"' 5679 '", "|\n    5679\n", ">\n    5679\n", "\"5679\\t\"", "5679   # comment", "!!str 5679"})
    void shouldLeaveOutWhitespaceAroundAValue(String text) {
        write(dir, "conf/nexusd.yaml", "mesh:\n  port: " + text + "\n");
        assertThat(value(load(dir, Map.of()), "mesh.port")).isEqualTo("5679");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            text                                   | is not a mapping
            [1, 2]                                 | is not a mapping
            mesh: 5671                             | mesh: '5671' (file F line 1): is a section
            mesh: [1]                              | mesh: '(a list)' (file F line 1): is a section
            mesh.port: [5671]                      | mesh.port: '(a list)' (file F line 1): must be a single value
            mesh.port: {a: 1}                      | mesh.port: '(a mapping)' (file F line 1): must be a single value
            peers.static: {a: 1}                   | must be a list of texts or one text
            peers.static: [[a:1]]                  | must be a list of texts or one text
            mesh.port: 1_000                       | mesh.port: '1_000' (file F line 1): is not a plain integer
            mesh.port: 0x10                        | is not a plain integer
            mesh.port: 05671                       | is not a plain integer
            mesh.port: 5671.0                      | is not a plain integer
            mesh.port: 99999999999999999999        | is out of range
            mesh.port: ''                          | mesh.port: '(empty)'
            mesh.port: '  '                        | mesh.port: '(empty)'
            mesh.port: yes                         | mesh.port: 'yes' (file F line 1): is not a plain integer
            mesh.port: 12:30                       | mesh.port: '12:30' (file F line 1): is not a plain integer
            mesh.port: -1                          | mesh.port: '-1' (file F line 1): is out of range
            discovery.multicast: true              | discovery.multicast: 'true' (file F line 1): is a section
            discovery.multicast.enabled: yes       | 'yes' (file F line 1): is unknown; must be one of auto, true, false
            Mesh.Port: 1                           | Mesh.Port (file F line 1): is not a key; did you mean 'mesh.port'?
            mesh.prot: 1                           | mesh.prot (file F line 1): is not a key; did you mean 'mesh.port'?
            meshh: {port: 1}                       | meshh (file F line 1): is not a key; did you mean 'mesh'?
            port: 1                                | is not a key
            subscriber-queue-limit: 1              | did you mean 'delivery.subscriber-queue-limit'?
            mesh: {<<: {port: 1}}                  | mesh.<< (file F line 1): is not a key
            {mesh.port: 1, mesh.port: 2}           | mesh.port (file F line 1): is set twice, first in line 1
            {mesh: {port: 1}, mesh: {bind: '::'}}  | mesh (file F line 1): is set twice
            {mesh: {port: 1}, mesh.port: 2}        | mesh.port (file F line 1): is set twice
            ? [a]                                  | has a key that is not a word
            mesh.port: !!binary aGk=               | has the tag
            mesh.port: !!javax.script.Foo [x]      | tag
            mesh.port: 'open                       | is not valid YAML
            mesh.port: *nowhere                    | is not valid YAML
            mesh: &a {x: *a}                       | is not valid YAML
            {a: &l [1], b: *l}                     | is not valid YAML
            """)
    void shouldSayWhatIsWrong(String text, String expected) {
        Path file = write(dir, "conf/nexusd.yaml", text);
        assertThat(report(dir, Map.of()).replace(file.toString(), "F")).contains(expected);
    }

    @Test
    void shouldRefuseSeveralDocumentsAndTabs() {
        write(dir, "conf/nexusd.yaml", "mesh.port: 1\n---\nmesh.port: 2\n");
        assertThat(report(dir, Map.of())).contains("is not valid YAML");
        write(dir, "conf/nexusd.yaml", "mesh:\n\tport: 1\n");
        assertThat(report(dir, Map.of())).contains("is not valid YAML", "line 2");
    }

    @Test
    void shouldSurviveDeepNestingAndAliasBombs() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++) {
            String alias = "*a" + (i - 1);
            bomb.append("a" + i + ": &a" + i + " [" + (alias + ", ").repeat(8) + alias + "]\n");
        }
        Map<String, String> hostile = Map.of(
                "bomb", bomb.toString(),
                "flow", "[".repeat(200_000),
                "map", "{a: ".repeat(100_000),
                "block", "- ".repeat(100_000),
                "keys", "? ".repeat(100_000),
                "anchors", "&a ".repeat(100_000));
        hostile.forEach((name, text) -> {
            write(dir, "conf/nexusd.yaml", text);
            Assertions.assertTimeoutPreemptively(
                    Duration.ofSeconds(20),
                    () -> assertThat(report(dir, Map.of())).as(name).contains("is not valid YAML"));
        });
    }

    @Test
    void shouldLimitSizeAndNumberOfProblems() throws IOException {
        Path file = dir.resolve("conf/nexusd.yaml");
        write(dir, "conf/nexusd.yaml", "x");
        Files.write(file, new byte[10 << 20]);
        assertThat(report(dir, Map.of())).contains("is larger than 1048576 bytes");

        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            many.append("unknown-").append(i).append(": 1\n");
        }
        Files.writeString(file, many);
        assertThat(report(dir, Map.of()).lines().count()).isLessThan(110);
        assertThat(report(dir, Map.of())).contains("more problems");
    }

    @Test
    void shouldAnswerRandomBytesWithProblems() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path file = write(dir, "conf/nexusd.yaml", "x");
        String alphabet = "mesh.port: 5671\n -[]{}&*!|>'\"%@`#,?~\t\\\u0000é";
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[random.nextInt(300)];
            random.nextBytes(bytes);
            if (i % 2 == 0) {
                StringBuilder text = new StringBuilder();
                for (int j = 0; j < bytes.length; j++) {
                    text.append(alphabet.charAt(random.nextInt(alphabet.length())));
                }
                bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            }
            Files.write(file, bytes);
            assertThatCode(() -> ConfigLoader.parse(new String[0], Map.of(), dir))
                    .as("seed %d", seed)
                    .doesNotThrowAnyException();
        }
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
        assertThat(report(dir, Map.of())).contains("is not UTF-8 text");
    }
}
