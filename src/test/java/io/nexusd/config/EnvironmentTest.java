package io.nexusd.config;

import static io.nexusd.config.Samples.entry;
import static io.nexusd.config.Samples.load;
import static io.nexusd.config.Samples.report;
import static io.nexusd.config.Samples.value;
import static io.nexusd.config.Samples.write;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
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
        environment.put("PATH", "/bin");
        environment.put("HOSTNAME", "h");
        assertThat(load(dir, environment).settings())
                .isEqualTo(load(dir, Map.of("HOSTNAME", "h")).settings());
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
        assertThat(report(dir, Map.of("NEXUSD_JRA", "x")))
                .contains("NEXUSD_JRA")
                .doesNotContain("did you mean");
        assertThat(report(dir, Map.of("NEXUSD_NOPE", "x"))).doesNotContain("did you mean");
        write(dir, "conf/nexusd.yaml", "delivery.nope: 1\n");
        assertThat(report(dir, Map.of())).contains("delivery.nope").doesNotContain("did you mean");
        write(dir, "conf/nexusd.yaml", "mesh.max-byts: 1\n");
        assertThat(report(dir, Map.of(), "--nope")).contains("max-bytes'?").containsOnlyOnce("did you mean");
    }

    @Test
    void shouldSayWhereAPortThatIsAServiceLinkComesFrom() {
        String link = "tcp://10.0.0.1:5671";
        assertThat(report(dir, Map.of("MESH_PORT", link)))
                .contains(
                        "mesh.port: 'tcp://10.0.0.1:5671' (environment MESH_PORT): is not a plain integer",
                        "Kubernetes sets MESH_PORT for a Service of that name: set NEXUSD_MESH_PORT, or enableServiceLinks: false");
        assertThat(report(dir, Map.of("NEXUSD_APP_PORT", link)))
                .contains("app.port: 'tcp://10.0.0.1:5671' (environment NEXUSD_APP_PORT)", "set --app-port, or");
        assertThat(report(dir, Map.of("NEXUSD_DISCOVERY_MULTICAST_PORT", link))).contains("set --mcast-port, or");
        assertThat(value(load(dir, Map.of("MESH_PORT", link, "NEXUSD_MESH_PORT", "7000")), "mesh.port"))
                .isEqualTo("7000");
        Map<String, String> both = Map.of("MESH_PORT", link, "NEXUSD_MESH_PORT", link, "APP_PORT", link);
        assertThat(value(load(dir, both, "--mesh-port=7001", "--app-port=7002"), "mesh.port"))
                .isEqualTo("7001");
    }

    @Test
    void shouldNotTakeAMisspeltKeyForAServiceLink() {
        for (String name : new String[] {
            "NEXUSD_PORT",
            "NEXUSD_ADMN_PORT",
            "NEXUSD_LB_TIMEOUT",
            "NEXUSD_SERVICE_NAME",
            "NEXUSD_PORT_X_TCP",
            "NEXUSD_"
        }) {
            assertThat(report(dir, Map.of(name, "5672")))
                    .contains(name + " (environment " + name + "): is not the name");
        }
    }

    @Test
    void shouldReportAnUnknownPrefixedName() {
        assertThat(report(dir, Map.of("NEXUSD_MESH_PROT", "1")))
                .contains(
                        "NEXUSD_MESH_PROT (environment NEXUSD_MESH_PROT): is not the name of a key; did you mean 'NEXUSD_MESH_PORT'?");
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
