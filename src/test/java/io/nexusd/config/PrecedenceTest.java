package io.nexusd.config;

import static io.nexusd.config.Samples.entry;
import static io.nexusd.config.Samples.first;
import static io.nexusd.config.Samples.load;
import static io.nexusd.config.Samples.second;
import static io.nexusd.config.Samples.value;
import static io.nexusd.config.Samples.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.bus.Configuration.Entry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PrecedenceTest {
    @TempDir
    Path dir;

    static Stream<String> paths() {
        return Keys.ALL.stream().map(Key::path);
    }

    static Stream<Arguments> flags() {
        return Keys.ALL.stream().flatMap(key -> key.flags().stream().map(flag -> Arguments.of(key.path(), flag)));
    }

    static Stream<Arguments> environmentNames() {
        return Keys.ALL.stream()
                .flatMap(key -> Stream.concat(Stream.of(key.environmentName()), key.plainNames().stream())
                        .map(name -> Arguments.of(key.path(), name)));
    }

    @ParameterizedTest
    @MethodSource("paths")
    void shouldTakeTheDefaultWhenNothingIsSet(String path) {
        Key<?> key = Keys.BY_PATH.get(path);
        String expected = path.equals("node.name") ? "box" : key.defaultText();
        assertThat(entry(load(dir, Map.of("HOSTNAME", "box")), path)).isEqualTo(new Entry(path, expected, "default"));
    }

    @ParameterizedTest
    @MethodSource("paths")
    void shouldPreferTheFileToTheDefault(String path) {
        String text = first(Keys.BY_PATH.get(path));
        Path file = write(dir, "conf/nexusd.yaml", path + ": '" + text + "'\n");
        assertThat(entry(load(dir, Map.of()), path)).isEqualTo(new Entry(path, text, "file " + file));
    }

    @ParameterizedTest
    @MethodSource("environmentNames")
    void shouldPreferEachEnvironmentNameToTheFile(String path, String name) {
        Key<?> key = Keys.BY_PATH.get(path);
        write(dir, "conf/nexusd.yaml", path + ": '" + first(key) + "'\n");
        assertThat(entry(load(dir, Map.of(name, second(key))), path))
                .isEqualTo(new Entry(path, second(key), "environment " + name));
    }

    @ParameterizedTest
    @MethodSource("flags")
    void shouldPreferEachFlagToTheEnvironment(String path, String flag) {
        Key<?> key = Keys.BY_PATH.get(path);
        Map<String, String> environment = Map.of(key.environmentName(), first(key));
        Entry expected = new Entry(path, second(key), "flag " + flag);
        assertThat(entry(load(dir, environment, flag, second(key)), path)).isEqualTo(expected);
        assertThat(entry(load(dir, environment, flag + "=" + second(key)), path))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("environmentNames")
    void shouldTreatAnEmptyEnvironmentVariableAsNotSet(String path, String name) {
        assertThat(entry(load(dir, Map.of(name, " ")), path).source()).isEqualTo("default");
    }

    @Test
    void shouldPreferThePrefixedNameToThePlainOne() {
        Map<String, String> environment = Map.of("MESH_PORT", "7001", "NEXUSD_MESH_PORT", "7002");
        assertThat(entry(load(dir, environment), "mesh.port"))
                .isEqualTo(new Entry("mesh.port", "7002", "environment NEXUSD_MESH_PORT"));
    }

    @Test
    void shouldBindBothWithOneFlagUnlessTheOtherSaysMore() {
        EffectiveConfig both = load(dir, Map.of(), "--bind", "127.0.0.9");
        assertThat(value(both, "mesh.bind")).isEqualTo("127.0.0.9");
        assertThat(value(both, "app.bind")).isEqualTo("127.0.0.9");
        EffectiveConfig apart = load(dir, Map.of(), "--app-bind", "127.0.0.8", "--bind", "127.0.0.9");
        assertThat(value(apart, "mesh.bind")).isEqualTo("127.0.0.9");
        assertThat(value(apart, "app.bind")).isEqualTo("127.0.0.8");
    }

    @Test
    void shouldKnowEveryNameOnlyOnce() {
        List<String> names =
                environmentNames().map(arguments -> (String) arguments.get()[1]).toList();
        // One name of the earlier implementation stands for two keys.
        assertThat(names.stream().filter(name -> !name.equals("NEXUSD_BIND_ADDR")))
                .doesNotHaveDuplicates();
        assertThat(paths()).doesNotHaveDuplicates();
    }

    @Test
    void shouldTakeTheLastOfARepeatedFlagAndAllOfARepeatedList() {
        EffectiveConfig config = load(
                dir,
                Map.of(),
                "--mesh-port",
                "1",
                "--mesh-port=2",
                "--peers",
                "a:1",
                "--peers=b:2, c:3",
                "--peers",
                "a:1");
        assertThat(value(config, "mesh.port")).isEqualTo("2");
        assertThat(value(config, "peers.static")).isEqualTo("a:1,b:2,c:3");
    }

    @Test
    void shouldLetAnEmptyFlagEmptyTheList() {
        Map<String, String> environment = Map.of("NEXUSD_PEERS", "a:1");
        assertThat(value(load(dir, environment, "--peers", ""), "peers.static")).isEmpty();
        assertThat(value(load(dir, environment, "--peers="), "peers.static")).isEmpty();
    }

    @Test
    void shouldRunAnOlderDeploymentUnchanged() {
        Map<String, String> environment = Map.of(
                "CLUSTER_ID",
                "prod",
                "LOG_LEVEL",
                "DEBUG",
                "REPLICA_COUNT",
                "3",
                "MESH_PORT",
                "5671",
                "APP_PORT",
                "5672");
        EffectiveConfig config = load(
                dir,
                environment,
                "--cluster",
                "prod",
                "--peers",
                "n-0.svc:5671,n-1.svc:5671",
                "--mesh-port",
                "5671",
                "--app-port",
                "5672",
                "--log-level",
                "INFO");
        assertThat(config.settings().peers().staticPeers()).hasSize(2);
        assertThat(config.settings().cluster().id()).isEqualTo("prod");
        assertThat(value(config, "log.level")).isEqualTo("INFO");
    }

    @Test
    void shouldPutEveryValueInItsPlaceInTheTree() {
        StringBuilder yaml = new StringBuilder();
        Keys.ALL.forEach(
                key -> yaml.append(key.path()).append(": '").append(first(key)).append("'\n"));
        write(dir, "conf/nexusd.yaml", yaml.toString());
        String tree = load(dir, Map.of()).settings().toString();
        assertThat(tree)
                .contains(
                        "Cluster[id=blue]",
                        "Node[name=n1, advertise=10.1.1.1]",
                        "Admin[bind=127.0.0.7, port=9190, remote=true]")
                .contains("Mesh[bind=127.0.0.3, port=5771, outboundQueueLimit=10100, outboundQueueBytes=33554532]")
                .contains("App[bind=127.0.0.5, port=5772, maxPayloadBytes=4194404, maxSubscriptions=10100")
                .contains(
                        "maxTopicsPerSubscription=1100]", "Multicast[enabled=TRUE, group=239.1.2.3, port=5770, ttl=101")
                .contains("networkInterface=eth0]", "beaconIntervalMs=1100, peerTimeoutMs=5100]")
                .contains("staticPeers=[a:1, b:2], dns=[mesh.example:5671], dnsRefreshMs=5100, retryCount=110")
                .contains("retryIntervalMs=2100, retryMaxIntervalMs=60100, dialTimeoutMs=5100]")
                .contains("subscriberQueueLimit=10100, subscriberQueueBytes=33554532, backpressurePolicy=BLOCK")
                .contains(
                        "blockTimeoutMs=5100, defaultMessageTtlMs=100, ttlReaperIntervalMs=1100, drainTimeoutMs=10100]")
                .contains("messagesPerTopic=1100, maxBytes=52428900, pausedSubscriptionTtlMs=300100, lingerMs=30100]")
                .contains("Retained[maxMessages=100100, maxBytes=67108964]", "Log[level=TRACE, format=JSON]");
    }
}
