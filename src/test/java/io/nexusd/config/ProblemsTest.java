package io.nexusd.config;

import static io.nexusd.config.Samples.load;
import static io.nexusd.config.Samples.report;
import static io.nexusd.config.Samples.value;
import static io.nexusd.config.Samples.write;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ProblemsTest {
    @TempDir
    Path dir;

    @Test
    void shouldListAllProblemsOfAllSourcesAtOnce() {
        Path file = write(
                dir,
                "conf/nexusd.yaml",
                "mesh:\n  port: 70000\n  bindd: x\nlog.level: loud\npeers.static: [a, b:99999, c:1]\n");
        String report = report(
                dir,
                Map.of("APP_PORT", "many", "NEXUSD_FOO_BAR", "1"),
                "--admin-prot",
                "1",
                "--block-timeout-ms=-1",
                "--cluster",
                "a b",
                "stray");
        assertThat(report.lines().map(String::strip))
                .contains("nexusd: the configuration has 9 problems:")
                .contains("mesh.port: '70000' (file " + file
                        + " line 2): is out of range; must be an integer from 0 to 65535")
                .contains("mesh.bindd (file " + file + " line 3): is not a key; did you mean 'mesh.bind'?")
                .contains("log.level: 'loud' (file " + file
                        + " line 4): is unknown; must be one of TRACE, DEBUG, INFO, WARN, ERROR, FATAL")
                .contains(
                        "peers.static: 'a,b:99999,c:1' (file " + file
                                + " line 5): has errors: 'a' has no port (write host:port); 'b:99999' has"
                                + " a port outside 1 to 65535; must be host:port or [ipv6]:port, several separated by commas, at most 1000")
                .contains(
                        "app.port: 'many' (environment APP_PORT): is not a plain integer (digits only: no unit, underscore, sign"
                                + " '+' or leading zero); must be an integer from 0 to 65535")
                .anyMatch(line ->
                        line.startsWith("nexusd: warning: NEXUSD_FOO_BAR (environment NEXUSD_FOO_BAR): is not the"))
                .contains("--admin-prot (command line): is not a flag; did you mean '--admin-port'? (--help lists all)")
                .contains(
                        "delivery.block-timeout-ms: '-1' (flag --block-timeout-ms): is out of range; must be an integer from 0 to"
                                + " 3600000")
                .contains(
                        "cluster.id: 'a b' (flag --cluster): is not allowed; must be 1 to 128 visible characters without whitespace")
                .contains("stray (command line): is not expected here; the daemon takes flags only");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --cluster               | --peers           | needs a value
            --mesh-port             |                   | needs a value
            --config                |                   | needs a value
            --mesh-port             | -1                | mesh.port: '-1' (flag --mesh-port): is out of range
            --mesh-port=            |                   | mesh.port: '(empty)' (flag --mesh-port)
            --mesh-port             | 99999999999999999 | is out of range
            --MESH-PORT=1           |                   | --MESH-PORT (command line): is not a flag; did you mean '--mesh-port'?
            --mesh                  | 1                 | --mesh (command line): is not a flag
            --multicast=maybe       |                   | discovery.multicast.enabled: 'maybe' (flag --multicast)
            -p                      | 1                 | -p (command line): is not a flag (--help
            --mesh-port             | -99999999999999999999999 | is out of range; must be an integer from 0 to 65535
            --unknown               | --mesh-port=1     | --unknown (command line): is not a flag
            --mesh-port=1           | -x                | -x (command line): is not a flag
            --help=maybe            |                   | --help
            @file                   |                   | @file (command line): is not expected here
            --mesh-port=${env:HOME} |                   | is not a plain integer
            --check-config=x        |                   | --check-config
            """)
    void shouldExplainABadCommandLine(String first, String second, String expected) {
        String[] args = second == null ? new String[] {first} : new String[] {first, second};
        assertThat(report(dir, Map.of(), args)).contains(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            cluster.id                    | a\u0007b
            cluster.id                    | a\u00a0b
            cluster.id                    | a\u200bb
            mesh.bind                     | 300.1.1.1
            mesh.bind                     | 1.2.3
            mesh.bind                     | eth 0
            mesh.bind                     | host:80
            mesh.bind                     | *
            mesh.bind                     | -a
            node.advertise                | http://x
            discovery.multicast.group     | 10.0.0.1
            discovery.multicast.group     | all
            discovery.multicast.group     | ::1
            discovery.multicast.group     | ff02::1%eth0
            discovery.multicast.group     | ff01::1
            mesh.bind                     | fe80::1%
            mesh.bind                     | 1::2::3
            node.advertise                | [zz::1]
            discovery.multicast.interface | eth0,eth1
            discovery.multicast.interface | a/b
            discovery.multicast.enabled   | yes
            discovery.multicast.port      | 0
            discovery.multicast.ttl       | 256
            discovery.beacon-interval-ms  | 0
            peers.static                  | ::1:5671
            peers.static                  | a:0
            peers.static                  | a:-1
            peers.static                  | 1.2.3.400:1
            peers.static                  | a b:1
            peers.static                  | tcp://a:1
            peers.dns                     | a
            delivery.backpressure-policy  | drop
            app.max-payload-bytes         | 0
            app.max-payload-bytes         | 4MX
            app.max-payload-bytes         | 1G
            log.format                    | xml
            """)
    void shouldRefuseBadValues(String path, String text) {
        String name = Keys.BY_PATH.get(path).environmentName();
        assertThat(report(dir, Map.of(name, text))).contains(path + ": ", "(environment " + name + ")");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ::1:5671            | '::1:5671' is an IPv6 address without brackets (write [::1]:5671 or [::1:5671]:port)
            fd00:0:0:0:0:0:0:1:5671 | without brackets (write [fd00:0:0:0:0:0:0:1]:5671)
            ::1                 | is an IPv6 address without brackets (write [::1]:port)
            [::1]               | '[::1]' has no port (write [::1]:port)
            [::1]:              | '[::1]:' has no port (write [::1]:port)
            [::1]:0             | '[::1]:0' has a port outside 1 to 65535
            [::1]:x             | '[::1]:x' has no numeric port
            [::1:5671           | has no closing bracket (write [ipv6]:port)
            [zz::1]:5671        | '[zz::1]:5671' has no IPv6 address in its brackets
            [1.2.3.4]:5671      | has no IPv6 address in its brackets
            [1::2::3]:5671      | has no IPv6 address in its brackets
            [fe80::1%]:5671     | has an empty zone (write the interface after the %, as in [fe80::1%eth0]:port)
            [fe80::1]:5671      | is a link-local address without its interface (write [fe80::1%eth0]:5671
            [::1]:5671:5672     | has no numeric port
            """)
    void shouldSayHowAnEndpointIsWritten(String text, String problem) {
        assertThat(report(dir, Map.of(), "--peers", text))
                .contains("peers.static: ", "(flag --peers)", problem, "must be host:port or [ipv6]:port");
        assertThat(report(dir, Map.of(), "--peers-dns", text)).contains("peers.dns: ", problem);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            peers.static              | [0:0::1]:1,[::1]:1,[::0001]:1,[::ffff:10.0.0.1]:1,10.0.0.1:1 | [::1]:1,10.0.0.1:1
            peers.static              | [FE80::A%eth0]:1,[fd00::1%eth0]:1 | [fe80::a%eth0]:1,[fd00::1]:1
            peers.dns                 | [2001:DB8:0:0:1::1]:1      | [2001:db8::1:0:0:1]:1
            mesh.bind                 | 0:0:0:0:0:0:0:0            | ::
            app.bind                  | [::FFFF:127.0.0.5]         | 127.0.0.5
            node.advertise            | FD00:0::1                  | fd00::1
            discovery.multicast.group | [FF05:0::2A01]             | ff05::2a01
            """)
    void shouldTakeEverySpellingOfAnAddress(String path, String text, String canonical) {
        String name = Keys.BY_PATH.get(path).environmentName();
        assertThat(value(load(dir, Map.of(name, text)), path)).isEqualTo(canonical);
    }

    static Stream<String> numberPaths() {
        return Keys.ALL.stream()
                .filter(key -> key.type().rule().startsWith("an integer"))
                .map(Key::path);
    }

    @ParameterizedTest
    @MethodSource("numberPaths")
    void shouldHoldEveryNumberToItsRange(String path) {
        Key<?> key = Keys.BY_PATH.get(path);
        String[] words = key.type().rule().split(" ");
        long min = Long.parseLong(words[3]);
        long max = Long.parseLong(words[5]);
        String below = String.valueOf(min - 1);
        String above = String.valueOf(max + 1);
        assertThat(report(dir, Map.of(key.environmentName(), below)))
                .contains(path + ": '" + below + "'", "is out of range");
        assertThat(report(dir, Map.of(key.environmentName(), above)))
                .contains(path + ": '" + above + "'", "is out of range");
        assertThat(key.type().parse(words[3]).value()).isPresent();
        assertThat(key.type().parse(words[5]).value()).isPresent();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            NEXUSD_DISCOVERY_PEER_TIMEOUT_MS     | 1000 | discovery.peer-timeout-ms: '1000' | must be greater than discovery.beacon-interval-ms, which is 1000 (default)
            NEXUSD_PEERS_RETRY_MAX_INTERVAL_MS   | 1999 | peers.retry-max-interval-ms: '1999' | must be at least peers.retry-interval-ms, which is 2000 (default)
            MESH_PORT                            | 5672 | app.port: '5672' (default)        | must differ from mesh.port, which is 5672 (environment MESH_PORT)
            APP_PORT                             | 9090 | admin.port: '9090' (default)      | must differ from app.port
            """)
    void shouldRefuseContradictions(String name, String text, String first, String second) {
        assertThat(report(dir, Map.of(name, text))).contains(first, second);
    }

    @Test
    void shouldAllowEqualPortsThatDoNotMeet() {
        assertThat(value(
                        load(dir, Map.of(), "--bind", "127.0.0.1", "--app-bind", "127.0.0.2", "--app-port", "5671"),
                        "app.port"))
                .isEqualTo("5671");
        assertThat(value(load(dir, Map.of(), "--mesh-port=0", "--app-port=0", "--admin-port=0"), "mesh.port"))
                .isEqualTo("0");
        assertThat(report(dir, Map.of(), "--bind", "localhost", "--app-bind", "127.0.0.1", "--app-port", "5671"))
                .contains("must differ");
        assertThat(report(dir, Map.of(), "--bind", "::", "--app-bind", "::1", "--app-port", "5671"))
                .contains("must differ");
        assertThat(report(dir, Map.of(), "--bind", "::1", "--app-bind", "0:0:0:0:0:0:0:1", "--app-port", "5671"))
                .contains("must differ");
    }

    @Test
    void shouldTakeWordsInAnyCaseAndAddressesInBrackets() {
        EffectiveConfig config = load(
                dir,
                Map.of(),
                "--log-level=fatal",
                "--multicast=TRUE",
                "--backpressure-policy=Drop-Newest",
                "--bind=[::1]");
        assertThat(value(config, "log.level")).isEqualTo("FATAL");
        assertThat(value(config, "discovery.multicast.enabled")).isEqualTo("true");
        assertThat(value(config, "delivery.backpressure-policy")).isEqualTo("drop-newest");
        assertThat(value(config, "mesh.bind")).isEqualTo("::1");
    }

    @Test
    void shouldTakeTheMulticastFlagWithAndWithoutAWord() {
        assertThat(value(load(dir, Map.of(), "--multicast"), "discovery.multicast.enabled"))
                .isEqualTo("true");
        assertThat(value(load(dir, Map.of(), "--multicast", "false"), "discovery.multicast.enabled"))
                .isEqualTo("false");
        assertThat(value(load(dir, Map.of(), "--multicast", "--log-level=WARN"), "discovery.multicast.enabled"))
                .isEqualTo("true");
    }

    @Test
    void shouldNeverRepeatTheValueOfWhatItDoesNotKnow() {
        write(dir, "conf/nexusd.yaml", "auth:\n  password: hunter2\n");
        assertThat(report(dir, Map.of("NEXUSD_AUTH_TOKEN", "hunter2"), "--password", "hunter2", "--token=hunter2"))
                .contains("3 problems", "warning: NEXUSD_AUTH_TOKEN ")
                .doesNotContain("hunter2");
        assertThat(report(dir.resolve("none"), Map.of(), "--peers", "h:1,tcp://me:hunter2@h:1,you:hunter2@h:1"))
                .contains("'you:(hidden)@h:1' has no valid host")
                .doesNotContain("hunter2");
    }

    @Test
    void shouldShortenAndEscapeWhatItShows() {
        String report = report(dir, Map.of("NEXUSD_CLUSTER_ID", "\u001b[31m" + "x".repeat(100_000)));
        assertThat(report).contains("\\u001b[31m", "(100005 characters)").doesNotContain("\u001b");
        assertThat(report.length()).isLessThan(1000);
        assertThat(report(dir, Map.of("NEXUSD_PEERS", "x,".repeat(1000))))
                .contains("'x' has no port (write host:port); and 990 more")
                .hasSizeLessThan(1000);
        assertThat(report(dir, Map.of("NEXUSD_PEERS", "x:1,".repeat(1001)))).contains("has 1001 endpoints");
    }
}
