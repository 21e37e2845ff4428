package io.nexusd.config;

import static io.nexusd.config.Samples.first;
import static io.nexusd.config.Samples.load;
import static io.nexusd.config.Samples.second;
import static io.nexusd.config.Samples.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.config.LoadResult.ShowAndExit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code --check-config} prints. */
class CheckConfigTest {
    private static final Map<String, String> HOST = Map.of("HOSTNAME", "h");

    private static final String GOLDEN = """
            # configuration file: FILE
            cluster.id: blue  # flag --cluster
            node.name: h  # default
            node.advertise:   # default, first non-loopback address
            mesh.bind: '::1'  # flag --bind
            mesh.port: 7000  # environment MESH_PORT
            mesh.outbound-queue-limit: 10000  # default
            mesh.outbound-queue-bytes: 33554432  # default
            app.bind: '::1'  # flag --bind
            app.port: 5672  # default
            app.max-payload-bytes: 4194304  # default
            app.max-subscriptions: 10000  # default
            app.max-topics-per-subscription: 1000  # default
            admin.bind: 127.0.0.1  # default
            admin.port: 0  # environment NEXUSD_ADMIN_PORT
            admin.remote: false  # default
            connections.keepalive-interval-ms: 10000  # default
            connections.keepalive-timeout-ms: 20000  # default
            connections.request-timeout-ms: 30000  # default
            connections.idle-timeout-ms: 3600000  # default
            connections.max-per-port: 20000  # default
            connections.max-control-frames-per-second: 10000  # default
            connections.max-metadata-bytes: 8192  # default
            discovery.multicast.enabled: auto  # default
            discovery.multicast.group: 239.255.42.1  # default
            discovery.multicast.port: 5670  # default
            discovery.multicast.ttl: 1  # default
            discovery.multicast.interface: auto  # default
            discovery.beacon-interval-ms: 1000  # default
            discovery.peer-timeout-ms: 5000  # default
            peers.static: a:1,b:2  # file FILE
            peers.dns:   # default, none
            peers.dns-refresh-ms: 5000  # default
            peers.retry-count: 10  # default
            peers.retry-interval-ms: 2000  # default
            peers.retry-max-interval-ms: 60000  # default
            peers.dial-timeout-ms: 5000  # default
            delivery.subscriber-queue-limit: 10000  # default
            delivery.subscriber-queue-bytes: 33554432  # default
            delivery.backpressure-policy: drop-oldest  # default
            delivery.block-timeout-ms: 5000  # default
            delivery.default-message-ttl-ms: 0  # default
            delivery.ttl-reaper-interval-ms: 1000  # default
            delivery.drain-timeout-ms: 10000  # default
            history.messages-per-topic: 1000  # default
            history.max-bytes: 52428800  # default
            history.paused-subscription-ttl-ms: 300000  # default
            history.linger-ms: 30000  # default
            retained.max-messages: 100000  # default
            retained.max-bytes: 67108864  # default
            metrics.topics: 0  # default
            tracing.enabled: false  # default
            tracing.endpoint: http://127.0.0.1:4318/v1/traces  # default
            log.level: FATAL  # file FILE
            log.format: text  # default
            # digest: sha256:DIGEST
            """;

    @TempDir
    Path dir;

    static Stream<String> paths() {
        return Keys.ALL.stream().map(Key::path);
    }

    @Test
    void shouldPrintEveryKeyWithItsSourceAndADigest() {
        Path file = write(dir, "conf/nexusd.yaml", "log: {level: fatal}\npeers.static: [a:1, b:2]\n");
        Map<String, String> environment = Map.of("HOSTNAME", "h", "MESH_PORT", "7000", "NEXUSD_ADMIN_PORT", "0");
        ShowAndExit shown = check(environment, "--cluster", "blue", "--bind=[::1]");
        assertThat(shown.exitCode()).isZero();
        assertThat(shown.stderr()).isEmpty();
        assertThat(shown.stdout().replace(file.toString(), "FILE").replaceAll("[0-9a-f]{64}", "DIGEST"))
                .isEqualTo(GOLDEN);
    }

    @Test
    void shouldSayWhenThereIsNoFile() {
        assertThat(check(HOST).stdout().lines().findFirst()).contains("# configuration file: none");
    }

    @Test
    void shouldDigestTheSameForTheSameValuesInAnyOrder() {
        long seed = System.nanoTime();
        List<String> lines = new ArrayList<>();
        Keys.ALL.forEach(key -> lines.add(key.path() + ": '" + first(key) + "'\n"));
        String inOrder = digest(lines);
        Collections.shuffle(lines, new Random(seed));
        assertThat(digest(lines)).as("seed %d", seed).isEqualTo(inOrder);

        Map<String, String> environment = new HashMap<>();
        Keys.ALL.forEach(key -> environment.put(key.environmentName(), first(key)));
        assertThat(load(dir.resolve("none"), environment).digest()).isEqualTo(inOrder);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mesh:\n  port: 7000\nlog:\n  level: WARN\n",
                "log.level: warn\nmesh.port: '7000'\n",
                "{log: {level: Warn}, mesh: {port: 7000, bind: 0.0.0.0}}",
                "mesh.port: 7000 # words\nlog.level: WARN\npeers.static: []\nnode.advertise: ''\n"
            })
    void shouldDigestValuesAndNotHowTheyAreWritten(String text) {
        write(dir, "conf/nexusd.yaml", text);
        assertThat(load(dir, HOST).digest())
                .isEqualTo(load(dir.resolve("none"), HOST, "--mesh-port=7000", "--log-level=warn")
                        .digest());
    }

    @ParameterizedTest
    @MethodSource("paths")
    void shouldDigestOtherwiseWhenAValueDiffers(String path) {
        Key<?> key = Keys.BY_PATH.get(path);
        String plain = load(dir, HOST).digest();
        String changed = load(dir, Map.of("HOSTNAME", "h", key.environmentName(), first(key)))
                .digest();
        String changedAgain = load(dir, Map.of("HOSTNAME", "h", key.environmentName(), second(key)))
                .digest();
        assertThat(changed).matches("[0-9a-f]{64}").isNotEqualTo(plain);
        assertThat(changedAgain).isNotEqualTo(plain);
        if (!first(key).equals(second(key))) {
            assertThat(changedAgain).isNotEqualTo(changed);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null", "~", "yes", "a#b", "it's", "'", "\"", "&a", "*a", "!t", "{a}", "[a]", "-", "a:", "%x", "ü"
            })
    void shouldPrintAFileThatLoadsAsTheSame(String clusterId) {
        Map<String, String> environment = new HashMap<>();
        Keys.ALL.forEach(key -> environment.put(key.environmentName(), second(key)));
        environment.put("NEXUSD_CLUSTER_ID", clusterId);
        write(dir, "again/nexusd.yaml", check(environment).stdout());
        EffectiveConfig again = load(dir, HOST, "--config", "again");
        assertThat(again.digest()).isEqualTo(load(dir, environment).digest());
        assertThat(again.settings()).isEqualTo(load(dir, environment).settings());
    }

    @Test
    void shouldPrintDefaultsThatStayDefaults() {
        write(dir, "again/nexusd.yaml", check(HOST).stdout());
        EffectiveConfig again = load(dir, HOST, "--config", "again");
        assertThat(again.digest()).isEqualTo(load(dir, HOST).digest());
        assertThat(Samples.entry(again, "node.advertise").source()).isEqualTo("default");
    }

    @Test
    void shouldExitWithTwoAndPrintOnlyProblemsWhenOneIsThere() {
        ShowAndExit shown = check(HOST, "--mesh-port", "x");
        assertThat(shown.exitCode()).isEqualTo(2);
        assertThat(shown.stdout()).isEmpty();
        assertThat(shown.stderr()).startsWith("nexusd: the configuration has a problem:\n  mesh.port: 'x'");
    }

    @Test
    void shouldHideASecret() {
        Key<String> secret = Key.of("x.secret", ValueTypes.visible(10), "", "").hidden();
        assertThat(secret.shown("hunter2")).isEqualTo("(hidden)");
        assertThat(secret.shown("")).isEmpty();
        assertThat(secret.flag("--x")
                        .environment("X")
                        .defaultsTo("hunter2")
                        .in("")
                        .shown("hunter2"))
                .isEqualTo("(hidden)");
        assertThat(Keys.MESH_PORT.shown("5671")).isEqualTo("5671");
    }

    private String digest(List<String> lines) {
        write(dir, "conf/nexusd.yaml", lines.stream().collect(Collectors.joining()));
        return load(dir, Map.of()).digest();
    }

    private ShowAndExit check(Map<String, String> environment, String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        all.add("--check-config");
        return (ShowAndExit) ConfigLoader.parse(all.toArray(String[]::new), environment, dir);
    }
}
