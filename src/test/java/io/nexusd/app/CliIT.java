package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.FreePort;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.ShowLogs;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each command against a mesh of three daemons: what people see, what programs read, and the exit code. */
@ExtendWith(ShowLogs.class)
class CliIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<LabDaemon> MESH = new ArrayList<>();

    @BeforeAll
    static void start() {
        int mesh = FreePort.tcp();
        for (int i = 1; i <= 3; i++) {
            MESH.add(LabDaemon.onLoopback("cli-" + i)
                    .environment("NEXUSD_CLUSTER_ID", "cli")
                    .environment("NEXUSD_NODE_NAME", "node-" + i)
                    .environment("NEXUSD_MESH_PORT", i == 1 ? String.valueOf(mesh) : "0")
                    .environment("NEXUSD_PEERS_STATIC", "127.0.0.1:" + mesh)
                    .environment("NEXUSD_PEERS_RETRY_INTERVAL_MS", "200")
                    .environment("NEXUSD_PEERS_RETRY_COUNT", "1000000")
                    .start());
        }
        MESH.forEach(LabDaemon::awaitReady);
        await("a whole mesh")
                .atMost(LIMIT)
                .until(() ->
                        cli("--json", "MESH", "STATUS").ends(0).objects().get(0).getBoolean("whole")
                                && cli("--json", "MESH", "STATUS")
                                                .ends(0)
                                                .objects()
                                                .get(0)
                                                .getInteger("members")
                                        == 3);
    }

    @AfterAll
    static void stop() {
        MESH.forEach(LabDaemon::close);
    }

    private static CliRun cli(String... arguments) {
        return cliAt(0, "", arguments);
    }

    private static CliRun cliAt(int node, String input, String... arguments) {
        return CliRun.start("127.0.0.1", MESH.get(node).appPort(), input, arguments);
    }

    private static void awaitInterest(String topic, int receivers) {
        await(receivers + " receivers of " + topic)
                .atMost(LIMIT)
                .until(() -> cli("--json", "EXPLAIN", topic).ends(0).objects().size() == receivers);
    }

    @Test
    void shouldShowTheMeshAsEachNodeSeesIt() {
        assertThat(cli("MESH", "PEERS").ends(0).lines())
                .hasSize(3)
                .first()
                .satisfies(header -> assertThat(header)
                        .contains("name", "endpoint", "state", "linked", "latency", "clock", "version", "heard"));
        assertThat(cli("--json", "mesh", "peers").ends(0).objects())
                .extracting(
                        peer -> peer.getString("name"),
                        peer -> peer.getString("state"),
                        peer -> peer.getBoolean("linked"))
                .containsExactlyInAnyOrder(tuple("node-2", "alive", true), tuple("node-3", "alive", true));
        await("latencies measured")
                .atMost(LIMIT)
                .until(() -> cli("--json", "MESH", "PEERS").ends(0).objects().stream()
                        .allMatch(peer -> peer.containsKey("latency_us") && peer.containsKey("clock_ahead_ms")));
        assertThat(cli("MESH", "TOPOLOGY").ends(0).lines())
                .contains("1  node-1  ·  ●  ●", "2  node-2  ●  ·  ●", "3  node-3  ●  ●  ·")
                .anyMatch(line -> line.startsWith("└──● node-3  linked"))
                .last()
                .isEqualTo("The mesh is whole: 3 nodes, 6 links, and all see the same.");
        assertThat(cli("--json", "MESH", "TOPOLOGY").ends(0).objects())
                .hasSize(6)
                .allMatch(pair -> pair.getBoolean("linked"));
        assertThat(cli("MESH", "STATUS").ends(0).lines()).anyMatch(line -> line.matches("whole +yes"));
    }

    @Test
    void shouldTellWhoTheDaemonIsAndHowItIs() {
        assertThat(cli("INFO").ends(0).lines())
                .contains("# server", "# stats", "# memory", "# config")
                .anyMatch(line -> line.matches("name +node-1"))
                .anyMatch(line -> line.matches("nexusd_messages_published_total +- +[0-9]+"))
                .anyMatch(line -> line.matches("admin\\.remote +false +default"));
        JsonObject server = cli("--json", "info", "server").ends(0).objects().get(0);
        assertThat(server.getString("cluster")).isEqualTo("cli");
        assertThat(server.getString("state")).isEqualTo("ready");
        assertThat(server.getInteger("peers")).isEqualTo(2);
        assertThat(server.getLong("pid")).isEqualTo(MESH.get(0).pid());
        JsonObject memory = cli("--json", "INFO", "MEMORY").ends(0).objects().get(0);
        assertThat(memory.getLong("heap_used_bytes")).isPositive();
        assertThat(memory.getLong("resident_bytes")).isGreaterThan(10_000_000);
        assertThat(cli("--json", "INFO", "CONFIG").ends(0).objects())
                .contains(new JsonObject()
                        .put("section", "config")
                        .put("key", "node.name")
                        .put("value", "node-1")
                        .put("source", "environment NEXUSD_NODE_NAME"));
        assertThat(cli("--json", "INFO", "STATS").ends(0).objects())
                .filteredOn(sample -> sample.getString("metric").equals("nexusd_mesh_peers"))
                .extracting(sample -> sample.getJsonObject("labels").getString("state"))
                .containsExactlyInAnyOrder("alive", "suspected");
        assertThat(cli("--json", "INFO").ends(0).objects().stream()
                        .map(object -> object.getString("section"))
                        .distinct())
                .containsExactly("server", "stats", "memory", "config", "config_file");
        assertThat(cli("--json", "PING").ends(0).objects().get(0).getString("state"))
                .isEqualTo("ready");
    }

    @Test
    void shouldPublishWithEveryOptionAndShowWhatArrives() {
        CliRun raw =
                cliAt(1, "", "SUB", "pub/#", "--count", "3", "--ready", "--raw").awaitReady();
        CliRun json = cliAt(2, "", "--json", "subscribe", "pub/json", "--count", "1", "--ready")
                .awaitReady();
        awaitInterest("pub/json", 2);
        CliRun published = cliAt(
                        0,
                        "from standard input",
                        "PUB",
                        "pub/json",
                        "-",
                        "--header",
                        "k=v",
                        "--content-type",
                        "text/plain",
                        "--ttl",
                        "60000")
                .ends(0);
        assertThat(published.lines())
                .hasSize(2)
                .last()
                .satisfies(line -> assertThat(line).matches("[0-9a-f-]{36} +2 +0"));
        assertThat(cli("PUBLISH", "pub/many", "x", "--count", "2", "--interval", "1")
                        .ends(0)
                        .lines())
                .hasSize(3);
        assertThat(raw.ends(0).lines()).containsExactly("from standard input", "x", "x");
        JsonObject message = json.ends(0).objects().get(0);
        assertThat(message.getString("payload")).isEqualTo("from standard input");
        assertThat(message.getString("content_type")).isEqualTo("text/plain");
        assertThat(message.getJsonObject("headers")).isEqualTo(new JsonObject().put("k", "v"));
        assertThat(published.lines().get(1)).startsWith(message.getString("id"));
    }

    @Test
    void shouldShowMessagesWithoutLettingThemDriveTheTerminal() {
        CliRun subscriber = cli("sub", "safe/#", "--count", "1", "--ready").awaitReady();
        MESH.get(0).client().publish("safe/a", "red \u001b[31m");
        assertThat(subscriber.ends(0).lines()).containsExactly("safe/a  red \\u001b[31m");
    }

    @Test
    void shouldShowWhatIsRetained() {
        cli("PUB", "kept/a", "one", "--retain").ends(0);
        assertThat(cli("SUB", "kept/#", "--retained", "--count", "1", "--timeout", "30000")
                        .ends(0)
                        .lines())
                .containsExactly("kept/a  one  (retained)");
        await("it to be everywhere")
                .atMost(LIMIT)
                .until(() -> cliAt(2, "", "--json", "PUBSUB", "RETAINED", "kept/+")
                                .ends(0)
                                .objects()
                                .size()
                        == 1);
        assertThat(cli("PUBSUB", "RETAINED").ends(0).lines())
                .anyMatch(line -> line.startsWith("kept/a") && line.contains("3 B"));
        assertThat(cli("DEBUG", "OBJECT", "kept/a").ends(0).lines())
                .anyMatch(line -> line.matches("retained bytes +3"));
        cli("PUB", "kept/a", "", "--retain").ends(0);
        assertThat(cli("--json", "PUBSUB", "RETAINED", "kept/a").ends(0).objects())
                .isEmpty();
    }

    @Test
    void shouldCountSubscriptionsWithoutAStreamApart() {
        try (ForeignSubscription paused = MESH.get(0).client().subscribe("apart/+")) {
            MESH.get(0).client().pause(paused.id());
            assertThat(cli("EXPLAIN", "apart/a").ends(0).err())
                    .contains("nobody would get it, 1 waiting without a stream");
            assertThat(cli("--json", "PUBSUB", "NUMSUB", "apart/a").ends(0).objects())
                    .containsExactly(new JsonObject()
                            .put("topic", "apart/a")
                            .put("subscriptions", 0)
                            .put("peers", 0)
                            .put("groups", 0)
                            .put("waiting", 1));
            assertThat(cli("PUB", "apart/a", "x").ends(0).lines().get(1)).matches("[0-9a-f-]{36} +0 +0 +1");
            MESH.get(0).client().unsubscribe(paused.id());
        }
    }

    @Test
    void shouldSayWhoWouldGetAMessageAndWhy() {
        try (ForeignSubscription local = MESH.get(0).client().subscribe("why/#");
                ForeignSubscription remote = MESH.get(1).client().subscribe("why/+/temp")) {
            CliRun member = cliAt(2, "", "SUB", "why/k1/#", "--group", "workers", "--count", "1", "--ready")
                    .awaitReady();
            awaitInterest("why/k1/temp", 3);
            List<JsonObject> reasons =
                    cli("--json", "EXPLAIN", "why/k1/temp").ends(0).objects();
            assertThat(reasons)
                    .extracting(reason -> reason.getString("kind"), reason -> reason.getJsonArray("filters"))
                    .containsExactly(
                            tuple("subscription", new JsonArray().add("why/#")),
                            tuple("peer", new JsonArray().add("why/+/temp")),
                            tuple("group", new JsonArray().add("why/k1/#")));
            assertThat(reasons.get(2).getString("receiver")).isEqualTo("node-3");
            assertThat(cli("EXPLAIN", "why/k1/temp").ends(0).err()).contains("3 receivers");
            assertThat(cli("EXPLAIN", "nobody/wants/this").ends(0).err()).contains("nobody would get it");
            assertThat(cli("--json", "PUBSUB", "NUMSUB", "why/k1/temp").ends(0).objects())
                    .containsExactly(new JsonObject()
                            .put("topic", "why/k1/temp")
                            .put("subscriptions", 1)
                            .put("peers", 1)
                            .put("groups", 1));
            Set<JsonObject> topics =
                    Set.copyOf(cli("--json", "PUBSUB", "TOPICS").ends(0).objects());
            assertThat(topics.stream().map(JsonObject::encode).collect(Collectors.toSet()))
                    .contains(
                            "{\"topic\":\"why/#\",\"group\":\"\",\"subscriptions\":1,\"peers\":0,\"messages\":0,\"retained\":false}",
                            "{\"topic\":\"why/+/temp\",\"group\":\"\",\"subscriptions\":0,\"peers\":1,\"retained\":false}",
                            "{\"topic\":\"why/k1/#\",\"group\":\"workers\",\"subscriptions\":0,\"peers\":1,\"retained\":false}");
            cliAt(2, "", "PUB", "why/k1/end", "x").ends(0);
            assertThat(member.ends(0).lines()).containsExactly("why/k1/end  x");
        }
    }

    @Test
    void shouldListClientsWithWhatWaitsAndWhatIsLost() {
        try (ForeignSubscription subscription = MESH.get(0).client().subscribe("clients/#")) {
            MESH.get(0).client().publish("clients/a", "x");
            subscription.awaitMessages(1);
            JsonObject client = cli("--json", "CLIENT", "LIST").ends(0).objects().stream()
                    .filter(one -> one.getJsonArray("topics").contains("clients/#"))
                    .findFirst()
                    .orElseThrow();
            assertThat(client.getString("state")).isEqualTo("streaming");
            assertThat(client.getLong("delivered")).isEqualTo(1);
            assertThat(client.getLong("queue_limit")).isEqualTo(10_000);
            assertThat(client.getString("address")).startsWith("127.0.0.1:");
            String id = client.getString("id");
            assertThat(cli("CLIENT", "LIST").ends(0).lines().get(0)).contains("queue", "dropped", "age");
            assertThat(cli("CLIENT", "INFO", id.substring(id.length() - 16))
                            .ends(0)
                            .lines())
                    .anyMatch(line -> line.matches("id +" + id));
            assertThat(cli("--json", "DEBUG", "OBJECT", id)
                            .ends(0)
                            .objects()
                            .get(0)
                            .getString("kind"))
                    .isEqualTo("subscription");
            cli("CLIENT", "INFO", "no such").ends(6);
        }
    }

    @Test
    void shouldShowEveryMessageThatTheNodeSees() {
        CliRun monitor = cliAt(1, "", "--json", "MONITOR", "mon/#", "--count", "2", "--ready")
                .awaitReady();
        try (ForeignSubscription wanted = MESH.get(1).client().subscribe("mon/#")) {
            awaitInterest("mon/x", 1);
            cliAt(1, "", "PUB", "mon/here", "a").ends(0);
            cliAt(0, "", "PUB", "mon/there", "b").ends(0);
            assertThat(monitor.ends(0).objects())
                    .extracting(
                            seen -> seen.getString("topic"),
                            seen -> seen.getString("payload"),
                            seen -> seen.getString("source_name"),
                            seen -> seen.getBoolean("from_peer"))
                    .containsExactly(tuple("mon/here", "a", "node-2", false), tuple("mon/there", "b", "node-1", true));
        }
        cli("MONITOR", "silence", "--count", "1", "--timeout", "50").ends(5);
    }

    @Test
    void shouldTellAMonitorThatDoesNotReadHowMuchItMissed() {
        String payload = "x".repeat(65_536);
        try (LabDaemon monitor = LabDaemon.builder("cli-monitor")
                .arguments("cli", "-p", String.valueOf(MESH.get(2).appPort()), "--json", "MON", "flood/#", "--ready")
                .start()) {
            await("watching").atMost(LIMIT).until(() -> monitor.logLines().contains("ready"));
            monitor.freeze();
            for (int i = 0; i < 100; i++) {
                MESH.get(2).client().publish("flood/a", payload);
            }
            monitor.thaw();
            await("the number")
                    .atMost(LIMIT)
                    .until(() ->
                            monitor.logLines().stream().anyMatch(line -> line.matches("missed [0-9]+ messages: .*")));
            assertThat(monitor.outputLines().size()).isLessThan(100);
        }
    }

    @Test
    void shouldShowRatesOfTopicsPeersAndClients() {
        try (ForeignSubscription subscription = MESH.get(1).client().subscribe("rate/#")) {
            awaitInterest("rate/x", 1);
            CliRun top = cli("--json", "TOP", "--count", "3", "--interval", "200");
            while (top.isRunning()) {
                MESH.get(0).client().publish("rate/a", "x");
            }
            List<JsonObject> rows = top.ends(0).objects();
            assertThat(rows)
                    .filteredOn(row -> row.getString("kind").equals("topic")
                            && row.getString("topic").equals("rate/a"))
                    .isNotEmpty()
                    .allMatch(row -> row.getDouble("published_per_s") > 0);
            assertThat(rows)
                    .filteredOn(row -> row.getString("kind").equals("peer"))
                    .extracting(row -> row.getString("peer"))
                    .contains("node-2", "node-3");
            assertThat(rows.stream().map(row -> row.getLong("timestamp_ms")).distinct())
                    .as("the times of the looks")
                    .hasSize(3);
        }
        assertThat(cli("TOP", "--count", "1", "--interval", "100").ends(0).lines())
                .anyMatch(line -> line.contains("published/s"))
                .anyMatch(line -> line.contains("forwarded/s"))
                .anyMatch(line -> line.contains("delivered/s"));
    }

    @Test
    void shouldSwitchTheLogLevelAndSleepWithoutHoldingAnybodyUp() {
        assertThat(cliAt(2, "", "DEBUG", "LOG", "debug").ends(0).lines()).last().isEqualTo("DEBUG  INFO");
        assertThat(cliAt(2, "", "--json", "DEBUG", "LOG").ends(0).objects())
                .containsExactly(new JsonObject().put("level", "DEBUG").put("configured", "INFO"));
        cliAt(2, "", "DEBUG", "LOG", "INFO").ends(0);
        cliAt(2, "", "DEBUG", "LOG", "LOUD").ends(6);
        CliRun sleeping = cliAt(2, "", "DEBUG", "SLEEP", "2000");
        assertThat(cliAt(2, "", "PING").ends(0).lines()).hasSize(2);
        assertThat(sleeping.ends(0).lines().get(1)).endsWith(" s");
        CliRun.bare("-p", String.valueOf(MESH.get(2).appPort()), "--timeout", "200", "DEBUG", "SLEEP", "5000")
                .ends(5);
    }

    @Test
    void shouldPublishTheWordsAsTheyAreWritten() throws IOException {
        Path file = Files.writeString(Files.createTempFile("nexusd-cli", ".txt"), "the content of a file");
        List<List<String>> written = List.of(
                List.of("@" + file),
                List.of("--", "@" + file),
                List.of("hello", "big", "world"),
                List.of("-5"),
                List.of("-.5", "and", "-1e3"),
                List.of("--", "--not-an-option", "-x", "--retain"),
                List.of("${sys:user.home}", "$HOME", "%n", "\"quoted\"", "'single'"),
                List.of("a", "--type", "text/x", "b"),
                List.of("publish", "HELP"),
                List.of("- item"),
                List.of("--", "-"));
        try (ForeignSubscription words = MESH.get(0).client().subscribe("words/#", "@words/#")) {
            for (List<String> payload : written) {
                List<String> line = new ArrayList<>(List.of("PUB", "words/a"));
                line.addAll(payload);
                cli(line.toArray(String[]::new)).ends(0);
            }
            cliAt(0, "PUB @words/a @" + file + "\nPUB words/a -- -- x\n").ends(0);
            words.awaitMessages(written.size() + 2);
            assertThat(words.messages())
                    .extracting(message -> message.getPayload().toStringUtf8())
                    .containsExactly(
                            "@" + file,
                            "@" + file,
                            "hello big world",
                            "-5",
                            "-.5 and -1e3",
                            "--not-an-option -x --retain",
                            "${sys:user.home} $HOME %n \"quoted\" 'single'",
                            "a b",
                            "publish HELP",
                            "- item",
                            "-",
                            "@" + file,
                            "-- x");
            assertThat(words.messages().get(7).getContentType()).isEqualTo("text/x");
            assertThat(words.messages().get(11).getTopic()).isEqualTo("@words/a");
        } finally {
            Files.delete(file);
        }
        assertThat(cli("SUB", "@/etc/hostname", "--timeout", "1").ends(0).err()).isEmpty();
        assertThat(cli("@/etc/passwd").ends(2).err()).contains("@/etc/passwd").doesNotContain("root:");
    }

    @Test
    void shouldLeaveNoSubscriptionBehind() {
        cli("SUB", "left/behind", "--timeout", "300").ends(0);
        cli("PUB", "left/retained", "x", "--retain").ends(0);
        cli("SUB", "left/retained", "--retained", "--count", "1").ends(0);
        assertThat(cli("CLIENT", "LIST").ends(0).lines()).noneMatch(line -> line.contains("left/"));
    }

    @Test
    void shouldCountTheMessagesOfEachTopicAndTellWhetherOneIsRetained() {
        try (ForeignSubscription one = MESH.get(0).client().subscribe("count/+", "count/a", "count/none")) {
            cli("PUB", "count/a", "x", "--count", "3").ends(0);
            cli("PUB", "count/b", "x", "--retain").ends(0);
            one.awaitMessages(4);
            assertThat(cli("PUBSUB", "TOPICS").ends(0).lines().get(0)).contains("messages", "retained");
            assertThat(cli("--json", "PUBSUB").ends(0).objects())
                    .filteredOn(row -> row.getString("topic").startsWith("count/"))
                    .extracting(
                            row -> row.getString("topic"),
                            row -> row.getLong("messages"),
                            row -> row.getBoolean("retained"))
                    .containsExactly(
                            tuple("count/+", 4L, true), tuple("count/a", 3L, false), tuple("count/none", 0L, false));
            cli("PUB", "count/b", "", "--retain").ends(0);
        }
    }

    @Test
    void shouldMonitorTheTopicsOfAnOption() {
        CliRun monitor = cli(
                        "--json", "MONITOR", "--topics", "option/a", "--topics", "option/b", "--count", "2", "--ready")
                .awaitReady();
        for (String topic : List.of("option/c", "option/a", "option/b")) {
            cli("PUB", topic, "x").ends(0);
        }
        assertThat(monitor.ends(0).objects())
                .extracting(seen -> seen.getString("topic"))
                .containsExactly("option/a", "option/b");
    }

    @Test
    void shouldShowRowsInTheOrderOfTheirNames() {
        for (int i = 0; i < 3; i++) {
            assertThat(cli("--json", "MESH", "PEERS").ends(0).objects())
                    .extracting(peer -> peer.getString("name"))
                    .containsExactly("node-2", "node-3");
        }
        assertThat(cli("--json", "INFO", "STATS").ends(0).objects())
                .extracting(sample -> sample.getString("metric"))
                .isSorted();
    }

    @Test
    void shouldRunLinesOfStandardInputUntilOneFails() {
        String port = String.valueOf(MESH.get(1).appPort());
        String input = String.join(
                System.lineSeparator(),
                "PING",
                "",
                "--json INFO SERVER",
                "CONNECT 127.0.0.1:" + port,
                "--json info server",
                "QUIT",
                "NONSENSE");
        CliRun script = cliAt(0, input);
        List<String> lines = script.ends(0).lines();
        assertThat(lines).anyMatch(line -> line.contains("\"name\":\"node-1\""));
        assertThat(lines.get(lines.size() - 1)).contains("\"name\":\"node-2\"");
        cliAt(0, String.join(System.lineSeparator(), "PING", "NONSENSE", "PING"))
                .ends(2);
        assertThat(cliAt(0, "PING", "--no-connect").ends(2).err()).contains("CONNECT host:port");
        assertThat(cliAt(0, String.join(System.lineSeparator(), "DISCONNECT", "PING"))
                        .ends(2)
                        .err())
                .contains("not connected");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0 | HELP                        | MESH TOPOLOGY
            0 | help publish                | --content-type
            0 | pub --help                  | --content-type
            0 | MESH --help                 | TOPOLOGY
            0 | MESH PEERS --json           | "name":"node-2"
            0 | INFO STATS                  | nexusd_build_info
            2 | NONSENSE                    | there is no command NONSENSE
            0 | -V                          | nexusd-cli
            0 | --version                   | nexusd-cli
            0 | ?                           | MESH TOPOLOGY
            0 | h publish                   | --content-type
            0 | q                           | ''
            0 | MESH                        | whole
            0 | pubsub                      | subscriptions
            0 | CLIENT                      | queue
            0 | INFO ALL                    | # memory
            0 | disc --timeout 1 --mcast-port 1970 | address
            2 | DEBUG                       | LOG, OBJECT, SLEEP
            2 | PUB a x --retian            | --retian
            2 | SUB a --bogus               | --bogus
            2 | MESH NONSENSE               | NONSENSE
            2 | PUB                         | topic
            2 | SUB a --count x             | --count
            2 | SUB a --count -1            | --count is -1; it must be 0 or more
            2 | MON --timeout -1            | --timeout is -1
            2 | PUB a x --count 0           | --count is 0; it must be 1 or more
            2 | TOP --rows 0                | --rows is 0
            2 | --timeout 0 PING            | --timeout is 0; it must be 1 or more
            2 | -p 99999 PING               | -h and -p
            3 | PING -p 1                   | is the daemon running there?
            2 | CONNECT                     | host:port
            3 | CONNECT 127.0.0.1:1         | is the daemon running there?
            5 | SUB silence --count 1 --timeout 50 | did not arrive in time
            6 | PUB a//b x                  | empty level
            6 | EXPLAIN a/#                 | wildcard
            6 | DEBUG OBJECT a//b           | empty level
            """)
    void shouldEndWithACodeAndAReason(int code, String line, String reason) {
        CliRun run = cli(line.strip().split(" ")).ends(code);
        assertThat(run.text() + run.err()).contains(reason);
        if (code != 0) {
            assertThat(run.text()).as("nothing but data on standard output").isEmpty();
        }
    }
}
