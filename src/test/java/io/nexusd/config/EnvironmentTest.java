package io.nexusd.config;

import static io.nexusd.config.Samples.entry;
import static io.nexusd.config.Samples.load;
import static io.nexusd.config.Samples.report;
import static io.nexusd.config.Samples.value;
import static io.nexusd.config.Samples.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.bus.Configuration.Entry;
import io.nexusd.config.LoadResult.Loaded;
import io.nexusd.config.LoadResult.ShowAndExit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvironmentTest {
    private static final Map<String, String> POD =
            Map.of("REPLICA_COUNT", "3", "SERVICE_NAME", "nexusd-headless", "POD_NAME", "nexusd-1");

    @TempDir
    Path dir;

    @Test
    void shouldIgnoreServiceLinksAndTheNamesOfScripts() {
        Map<String, String> environment = new HashMap<>();
        for (String service :
                new String[] {"NEXUSD", "NEXUSD_LB", "NEXUSD_HEADLESS", "NEXUSD_FRONT_DOOR", "NEXUSD_2", "OTHER"}) {
            environment.put(service + "_SERVICE_HOST", "10.0.0.1");
            environment.put(service + "_SERVICE_PORT", "5672");
            environment.put(service + "_SERVICE_PORT_GRPC_APP", "5672");
            environment.put(service + "_PORT", "tcp://10.0.0.1:5672");
            environment.put(service + "_PORT_5672_TCP", "tcp://10.0.0.1:5672");
            environment.put(service + "_PORT_5672_TCP_PROTO", "tcp");
            environment.put(service + "_PORT_5672_TCP_PORT", "5672");
            environment.put(service + "_PORT_5670_UDP_ADDR", "10.0.0.1");
        }
        environment.put("NEXUSD_JAR", "/app/nexusd.jar");
        environment.put("NEXUSD_JAVA_OPTS", "-Xmx1g");
        environment.put("NEXUSD_CLI_HISTORY", "/dev/null");
        environment.put("PATH", "/bin");
        environment.put("HOSTNAME", "h");
        assertThat(load(dir, environment).settings())
                .isEqualTo(load(dir, Map.of("HOSTNAME", "h")).settings());
        assertThat(warnings(dir, environment)).isEmpty();
    }

    @Test
    void shouldRefuseWhatTheLocaleCouldNotDecode() {
        assertThat(report(dir, Map.of("NEXUSD_NODE_NAME", "n\uFFFD"), "--cluster", "\uFFFD\uFFFD"))
                .contains("has 2 problems", "(flag --cluster): has characters that the locale", "LC_ALL=C.UTF-8")
                .contains("node.name: ", "(environment NEXUSD_NODE_NAME): has characters", "configuration file");
        assertThat(report(dir, Map.of("NEXUSD_CONFIG", "/etc/\uFFFD.yaml")))
                .contains("(environment NEXUSD_CONFIG): has characters that the locale")
                .doesNotContain("does not exist");
        // A file is UTF-8 whatever the locale, so there the character is meant.
        write(dir, "conf/nexusd.yaml", "cluster.id: \uFFFD\n");
        assertThat(value(load(dir, Map.of()), "cluster.id")).isEqualTo("\uFFFD");
    }

    @Test
    void shouldSuggestOnlyNamesOfKeysThatAreNear() {
        write(dir, "conf/nexusd.yaml", "delivery.nope: 1\n");
        assertThat(report(dir, Map.of())).contains("delivery.nope").doesNotContain("did you mean");
        write(dir, "conf/nexusd.yaml", "mesh.max-byts: 1\n");
        assertThat(report(dir, Map.of(), "--nope")).contains("max-bytes'?").containsOnlyOnce("did you mean");
    }

    @Test
    void shouldIgnoreThePortOfAServiceThatIsCalledLikeAKey() {
        Map<String, String> defaults = Map.of("HOSTNAME", "h");
        for (String name : List.of(
                "NEXUSD_MESH_PORT",
                "NEXUSD_APP_PORT",
                "NEXUSD_ADMIN_PORT",
                "NEXUSD_DISCOVERY_MULTICAST_PORT",
                "NEXUSD_MCAST_PORT",
                "MESH_PORT",
                "APP_PORT")) {
            for (String link :
                    List.of("tcp://10.0.0.1:5671", "udp://[fd00::1]:5671", "sctp://10.0.0.1:1", "http://h:1")) {
                Map<String, String> environment = Map.of("HOSTNAME", "h", name, link);
                assertThat(load(dir, environment).settings())
                        .isEqualTo(load(dir, defaults).settings());
                assertThat(warnings(dir, environment))
                        .containsExactly(
                                name + " (environment " + name + "): is a link that Kubernetes sets for a Service"
                                        + " of that name, not a port, and is ignored; enableServiceLinks: false in the pod leaves"
                                        + " such variables out");
            }
            assertThat(report(dir, Map.of(name, "abc"))).contains("'abc' (environment " + name + "): is not a plain");
            assertThat(report(dir, Map.of(name, "://h:1"))).contains("(environment " + name + "): is not a plain");
        }
    }

    @Test
    void shouldTakeTheNextNameWhereTheFirstIsAServiceLink() {
        String link = "tcp://10.0.0.1:5671";
        assertThat(value(load(dir, Map.of("MESH_PORT", link, "NEXUSD_MESH_PORT", "7000")), "mesh.port"))
                .isEqualTo("7000");
        assertThat(value(load(dir, Map.of("MESH_PORT", "7001", "NEXUSD_MESH_PORT", link)), "mesh.port"))
                .isEqualTo("7001");
        write(dir, "conf/nexusd.yaml", "mesh.port: 7002\n");
        assertThat(value(load(dir, Map.of("NEXUSD_MESH_PORT", link)), "mesh.port"))
                .isEqualTo("7002");
        write(dir, "etc/NEXUSD_MESH_PORT", link);
        assertThat(report(dir, Map.of(), "--config", "etc")).contains("mesh.port: '" + link + "' (file ");
    }

    @Test
    void shouldWarnOfANameThatAnotherNameOfTheKeyOverrides() {
        Map<String, String> environment = Map.of("NEXUSD_APP_BIND", "0.0.0.0", "NEXUSD_BIND_ADDR", "127.0.0.9");
        assertThat(value(load(dir, environment), "app.bind")).isEqualTo("0.0.0.0");
        assertThat(value(load(dir, environment), "mesh.bind")).isEqualTo("127.0.0.9");
        assertThat(warnings(dir, environment))
                .containsExactly("NEXUSD_BIND_ADDR (environment NEXUSD_BIND_ADDR): does not set app.bind, because"
                        + " NEXUSD_APP_BIND, which is set too, has precedence");
        assertThat(warnings(dir, Map.of("NEXUSD_APP_BIND", "127.0.0.9", "NEXUSD_BIND_ADDR", "127.0.0.9")))
                .isEmpty();
    }

    @Test
    void shouldWarnOfNamesThatLookLikeKeys() {
        Map<String, String> environment = new HashMap<>(Map.of("NEXUSD_PORT", "5672", "NEXUSD_ADDR", "10.0.0.1:5672"));
        environment.put("NEXUSD_ENDPOINT", "http://secret@x");
        environment.put("NEXUSD_ADMN_PORT", "5672");
        environment.put("NEXUSD_PORT_X_TCP", "5672");
        environment.put("NEXUSD_", "5672");
        environment.put("NEXUSD_" + "X".repeat(100_000), "5672");
        assertThat(load(dir, environment).settings())
                .isEqualTo(load(dir, Map.of()).settings());
        assertThat(warnings(dir, environment))
                .hasSize(environment.size())
                .contains(
                        "NEXUSD_ADMN_PORT (environment NEXUSD_ADMN_PORT): is not the name of a key and is ignored; did you"
                                + " mean 'NEXUSD_ADMIN_PORT'?")
                .contains(
                        "NEXUSD_ENDPOINT (environment NEXUSD_ENDPOINT): is not the name of a key and is ignored; the nearest"
                                + " key is 'NEXUSD_TRACING_ENDPOINT'")
                .anyMatch(warning -> warning.startsWith("NEXUSD_ADDR ") && warning.contains("; the nearest key is '"))
                .noneMatch(warning -> warning.contains("secret"));
    }

    @Test
    void shouldCountWarningsBeyondTheFirst() {
        Map<String, String> environment = new HashMap<>();
        for (int i = 0; i < 1000; i++) {
            environment.put("NEXUSD_STRANGE_" + i, "x");
        }
        assertThat(warnings(dir, environment))
                .hasSize(21)
                .last()
                .isEqualTo("environment: has 980 more variables beginning with NEXUSD_ that are ignored");
    }

    @Test
    void shouldShowWarningsWithTheCheckedConfigurationAndWithProblems() {
        Map<String, String> environment = Map.of("NEXUSD_MESH_PROT", "1");
        ShowAndExit checked = (ShowAndExit) ConfigLoader.parse(new String[] {"--check-config"}, environment, dir);
        assertThat(checked.exitCode()).isZero();
        assertThat(checked.stdout()).doesNotContain("NEXUSD_MESH_PROT");
        assertThat(checked.stderr())
                .isEqualTo(
                        "nexusd: warning: NEXUSD_MESH_PROT (environment NEXUSD_MESH_PROT): is not the name of a key and is"
                                + " ignored; did you mean 'NEXUSD_MESH_PORT'?\n");
        assertThat(report(dir, environment, "--app-port", "x"))
                .contains("has a problem:", "nexusd: warning: NEXUSD_MESH_PROT ");
    }

    /** Whoever reads another variable with this beginning has to name it in {@link EnvironmentLayer}. */
    @Test
    void shouldKnowTheVariablesOfTheScriptsAndOfTheCommandLine() throws IOException {
        Map<String, String> environment = new HashMap<>();
        Pattern name = Pattern.compile("\\bNEXUSD_[A-Z_]+\\b");
        for (String directory : List.of("bin", "src/main/java/io/nexusd/cli", "src/main/java/io/nexusd/launch")) {
            try (Stream<Path> files = Files.walk(Path.of(directory))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    name.matcher(Files.readString(file))
                            .results()
                            .forEach(found -> environment.put(found.group(), "5"));
                }
            }
        }
        assertThat(environment).containsKeys("NEXUSD_JAR", "NEXUSD_JAVA_OPTS", "NEXUSD_CLI_HISTORY");
        Keys.ALL.forEach(key -> {
            environment.remove(key.environmentName());
            key.plainNames().forEach(environment::remove);
        });
        environment.remove("NEXUSD_CONFIG");
        assertThat(warnings(dir, environment)).isEmpty();
    }

    @Test
    void shouldTakeTheNamesOfTheEarlierImplementation() {
        Map<String, String> earlier = Map.of(
                "NEXUSD_CLUSTER", "blue",
                "NEXUSD_MCAST_ADDR", "239.1.2.3",
                "NEXUSD_MCAST_PORT", "5690",
                "NEXUSD_BIND_ADDR", "127.0.0.9");
        EffectiveConfig config = load(dir, earlier);
        assertThat(value(config, "cluster.id")).isEqualTo("blue");
        assertThat(value(config, "discovery.multicast.group")).isEqualTo("239.1.2.3");
        assertThat(value(config, "discovery.multicast.port")).isEqualTo("5690");
        assertThat(value(config, "mesh.bind")).isEqualTo("127.0.0.9");
        assertThat(entry(config, "app.bind"))
                .isEqualTo(new Entry("app.bind", "127.0.0.9", "environment NEXUSD_BIND_ADDR"));
        assertThat(warnings(dir, earlier)).isEmpty();
        Map<String, String> both = new HashMap<>(earlier);
        both.putAll(Map.of("NEXUSD_CLUSTER_ID", "green", "CLUSTER_ID", "red", "NEXUSD_APP_BIND", "0.0.0.0"));
        assertThat(value(load(dir, both), "cluster.id")).isEqualTo("green");
        assertThat(value(load(dir, both), "app.bind")).isEqualTo("0.0.0.0");
        assertThat(value(load(dir, both), "mesh.bind")).isEqualTo("127.0.0.9");
        both.remove("NEXUSD_CLUSTER_ID");
        assertThat(value(load(dir, both), "cluster.id")).isEqualTo("blue");
        assertThat(report(dir, Map.of("NEXUSD_MCAST_PORT", "0"))).contains("(environment NEXUSD_MCAST_PORT)");
        write(dir, "etc/NEXUSD_CLUSTER", "file");
        assertThat(value(load(dir, Map.of(), "--config", "etc"), "cluster.id")).isEqualTo("file");
    }

    private static List<String> warnings(Path dir, Map<String, String> environment) {
        Loaded loaded = (Loaded) ConfigLoader.parse(new String[0], environment, dir);
        return loaded.warnings().stream().map(Problem::toString).toList();
    }

    @Test
    void shouldCheckAPlainNameOnlyWhereItIsInForce() {
        assertThat(report(dir, Map.of("LOG_LEVEL", "chatty")))
                .contains("log.level: 'chatty' (environment LOG_LEVEL): is unknown; must be one of TRACE, DEBUG");
        assertThat(value(load(dir, Map.of("LOG_LEVEL", "chatty"), "--log-level", "warn"), "log.level"))
                .isEqualTo("WARN");
        assertThat(report(dir, Map.of("NEXUSD_LOG_LEVEL", "chatty"), "--log-level", "warn"))
                .contains("chatty");
    }

    @Test
    void shouldListTheStatefulSet() {
        EffectiveConfig config = load(dir, POD, "--mesh-port", "7000");
        assertThat(value(config, "peers.static"))
                .isEqualTo("nexusd-0.nexusd-headless:7000,nexusd-1.nexusd-headless:7000,nexusd-2.nexusd-headless:7000");
        assertThat(entry(config, "peers.static").source())
                .isEqualTo("environment REPLICA_COUNT, SERVICE_NAME, POD_NAME");
        assertThat(value(config, "node.name")).isEqualTo("nexusd-1");
    }

    @Test
    void shouldPreferAListToTheStatefulSetAndTheStatefulSetToTheFile() {
        write(dir, "conf/nexusd.yaml", "peers.static: f:1\n");
        assertThat(value(load(dir, POD), "peers.static")).startsWith("nexusd-0.");
        assertThat(value(load(dir, POD, "--peers", "a:1"), "peers.static")).isEqualTo("a:1");
        Map<String, String> listed = new HashMap<>(POD);
        listed.put("NEXUSD_PEERS", "b:1");
        listed.put("REPLICA_COUNT", "rubbish");
        assertThat(value(load(dir, listed), "peers.static")).isEqualTo("b:1");
        listed.put("NEXUSD_PEERS_STATIC", "c:1");
        assertThat(value(load(dir, listed), "peers.static")).isEqualTo("c:1");
    }

    @Test
    void shouldTakeTheStatefulSetFromADirectory() {
        write(dir, "etc/REPLICA_COUNT", "2\n");
        write(dir, "etc/SERVICE_NAME", "svc.ns.svc.cluster.local.\n");
        assertThat(value(load(dir, Map.of("POD_NAME", "n-0"), "--config", "etc"), "peers.static"))
                .isEqualTo("n-0.svc.ns.svc.cluster.local:5671,n-1.svc.ns.svc.cluster.local:5671");
    }

    @Test
    void shouldTakeAnEmptyVariableOfTheStatefulSetForNotSet() {
        write(dir, "etc/REPLICA_COUNT", "2\n");
        Map<String, String> empty = Map.of("REPLICA_COUNT", " ", "SERVICE_NAME", "svc", "POD_NAME", "n-0");
        EffectiveConfig config = load(dir, empty, "--config", "etc");
        assertThat(value(config, "peers.static")).isEqualTo("n-0.svc:5671,n-1.svc:5671");
        assertThat(entry(config, "peers.static").source())
                .isEqualTo("file " + dir.resolve("etc/REPLICA_COUNT") + ", SERVICE_NAME, POD_NAME");
        assertThat(value(load(dir, empty), "peers.static")).isEmpty();
        write(dir, "etc/REPLICA_COUNT", "many");
        assertThat(report(dir, empty, "--config", "etc"))
                .contains("REPLICA_COUNT: 'many' (file " + dir.resolve("etc/REPLICA_COUNT") + "): is not a plain");
    }

    @Test
    void shouldSayWhyTheStatefulSetCannotBeListed() {
        Map<String, String> wrong = Map.of("REPLICA_COUNT", "three", "SERVICE_NAME", "a b", "POD_NAME", "nexusd");
        assertThat(report(dir, wrong))
                .contains("REPLICA_COUNT: 'three' (environment REPLICA_COUNT): is not a plain integer")
                .contains(
                        "POD_NAME: 'nexusd' (environment POD_NAME): has no ordinal; must be the name of a StatefulSet's pod")
                .contains("SERVICE_NAME: 'a b' (environment SERVICE_NAME): is not a host name");
        assertThat(report(dir, POD, "--mesh-port", "0")).contains("mesh.port is 0");
        assertThat(report(dir, Map.of("REPLICA_COUNT", "0", "SERVICE_NAME", "s", "POD_NAME", "n-0")))
                .contains("REPLICA_COUNT: '0'", "an integer from 1 to 1000");
    }

    @Test
    void shouldNotMindAReplicaCountAlone() {
        assertThat(value(load(dir, Map.of("REPLICA_COUNT", "3")), "peers.static"))
                .isEmpty();
        assertThat(value(load(dir, Map.of("REPLICA_COUNT", "x", "POD_NAME", "n-0")), "peers.static"))
                .isEmpty();
        assertThat(value(load(dir, Map.of("REPLICA_COUNT", "3", "SERVICE_NAME", "s")), "peers.static"))
                .isEmpty();
    }

    @Test
    void shouldNameTheNodeAfterTheHost() {
        assertThat(value(load(dir, Map.of("HOSTNAME", "web-7")), "node.name")).isEqualTo("web-7");
        assertThat(value(load(dir, Map.of("HOSTNAME", "not usable")), "node.name"))
                .isNotBlank()
                .isNotEqualTo("not usable");
    }
}
