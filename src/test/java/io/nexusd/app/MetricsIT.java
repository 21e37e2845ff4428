package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.client.ForeignClient;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.FreePort;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.Needs;
import io.nexusd.lab.PrometheusServer;
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
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Metrics as a Prometheus sees them: names, rules, dashboard and documentation are held to what two daemons of a mesh really
 * serve. Needs Debian's prometheus.
 */
@ExtendWith(ShowLogs.class)
class MetricsIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Path RULES = Path.of("deploy/prometheus/nexusd-alerts.yaml");
    private static final Path DASHBOARD = Path.of("deploy/grafana/nexusd.json");
    private static final Path DOCUMENTATION = Path.of("docs/operations.md");
    private static final Pattern NAME = Pattern.compile("\\b(?:nexusd|jvm|process|system|vertx)_[a-z0-9_]+");

    /** Names and fixed labels that are there before anything has happened. */
    private static final List<String> FROM_THE_START = List.of(
            "nexusd_messages_published_total",
            "nexusd_messages_delivered_total{delivery_type=\"local\"}",
            "nexusd_messages_delivered_total{delivery_type=\"remote\"}",
            "nexusd_messages_delivered_total{delivery_type=\"retained\"}",
            "nexusd_messages_delivered_total{delivery_type=\"replay\"}",
            "nexusd_messages_dropped_total{reason=\"queue_full\"}",
            "nexusd_messages_dropped_total{reason=\"expired\"}",
            "nexusd_messages_dropped_total{reason=\"peer_down\"}",
            "nexusd_messages_dropped_total{reason=\"link_overflow\"}",
            "nexusd_messages_dropped_total{reason=\"disconnected\"}",
            "nexusd_message_size_bytes_count",
            "nexusd_message_latency_seconds_count{delivery_type=\"local\"}",
            "nexusd_message_latency_seconds_count{delivery_type=\"remote\"}",
            "nexusd_active_subscriptions",
            "nexusd_active_topics",
            "nexusd_subscriber_queue_depth_max",
            "nexusd_mesh_peers{state=\"alive\"}",
            "nexusd_mesh_peers{state=\"suspected\"}",
            "nexusd_mesh_reconnects_total",
            "nexusd_mesh_rpc_requests_total{method=\"Link\",status=\"OK\"}",
            "nexusd_mesh_rpc_requests_total{method=\"Link/Batch\",status=\"OK\"}",
            "nexusd_mesh_rpc_requests_total{method=\"GetNodeState\",status=\"OK\"}",
            "nexusd_mesh_rpc_duration_seconds_count{method=\"PushMessage\"}",
            "nexusd_mesh_bytes_sent_total",
            "nexusd_mesh_bytes_received_total",
            "nexusd_discovery_beacons_sent_total",
            "nexusd_discovery_beacons_received_total{result=\"accepted\"}",
            "nexusd_discovery_beacons_received_total{result=\"self\"}",
            "nexusd_discovery_beacons_received_total{result=\"other_cluster\"}",
            "nexusd_discovery_beacons_received_total{result=\"malformed\"}",
            "nexusd_discovery_sync_operations_total{trigger=\"link_up\"}",
            "nexusd_discovery_sync_operations_total{trigger=\"hash_changed\"}",
            "nexusd_discovery_sync_duration_seconds_count",
            "nexusd_retained_messages",
            "nexusd_retained_messages_bytes",
            "nexusd_config_reloads_total{result=\"success\"}",
            "nexusd_config_reloads_total{result=\"failure\"}",
            "nexusd_config_last_reload_successful",
            "nexusd_uptime_seconds",
            "jvm_memory_used_bytes",
            "process_cpu_seconds_total");

    private static LabDaemon publishing;
    private static LabDaemon receiving;
    private static PrometheusServer prometheus;
    private static String atTheStart;

    @BeforeAll
    static void start() throws IOException {
        Needs.PROMETHEUS.require();
        int mesh = FreePort.tcp();
        publishing = LabDaemon.onLoopback("metrics-a")
                .environment("NEXUSD_NODE_NAME", "a")
                .environment("NEXUSD_MESH_PORT", String.valueOf(mesh))
                .start()
                .awaitReady();
        atTheStart = publishing.body("/metrics");
        receiving = LabDaemon.onLoopback("metrics-b")
                .environment("NEXUSD_NODE_NAME", "b")
                .environment("NEXUSD_PEERS_STATIC", "127.0.0.1:" + mesh)
                .start()
                .awaitReady();
        prometheus = PrometheusServer.start(List.of(publishing.adminAddress(), receiving.adminAddress()), RULES);
    }

    @AfterAll
    static void stop() {
        if (prometheus != null) {
            prometheus.close();
        }
        if (receiving != null) {
            receiving.close();
        }
        if (publishing != null) {
            publishing.close();
        }
    }

    @Test
    void shouldShowEveryMetricFromTheStart() {
        for (String expected : FROM_THE_START) {
            String name = expected.replaceAll("\\{.*", "");
            String labels =
                    expected.contains("{") ? expected.substring(expected.indexOf('{') + 1, expected.length() - 1) : "";
            assertThat(atTheStart.lines())
                    .as(expected)
                    .anyMatch(line ->
                            (line.startsWith(name + "{") || line.startsWith(name + " ")) && line.contains(labels));
        }
        assertThat(PrometheusServer.check(atTheStart, "check", "metrics")).isEmpty();
    }

    @Test
    void shouldAnswerEveryExpressionOfTheDashboardAndKnowEveryNameInTheRules() throws IOException {
        List<String> expressions = expressions();
        assertThat(expressions).hasSizeGreaterThan(25);
        try (ForeignSubscription subscription = receiving.client().subscribe("metrics/#");
                ForeignSubscription local = publishing.client().subscribe("metrics/#")) {
            Set<String> silent = new TreeSet<>(expressions);
            await("answers to every expression of the dashboard").atMost(LIMIT).untilAsserted(() -> {
                // Rates need traffic between two scrapes.
                publish(publishing.client());
                silent.removeIf(expression -> !prometheus.query(expression).isEmpty());
                assertThat(silent).isEmpty();
            });
            assertThat(subscription.received()).isPositive();
            assertThat(local.received()).isPositive();
        }
        Set<String> served = names(publishing.body("/metrics"));
        for (String rule : prometheus.ruleExpressions()) {
            assertThat(served).as(rule).containsAll(namesIn(rule));
        }
        assertThat(PrometheusServer.check("", "check", "rules", RULES.toString()))
                .isEmpty();
        assertThat(PrometheusServer.check(publishing.body("/metrics"), "check", "metrics"))
                .isEmpty();
        assertThat(publishing.metric("nexusd_mesh_rpc_requests_total", "Link/Members"))
                .isPositive();
        assertThat(receiving.metric("nexusd_mesh_rpc_requests_total", "Link/Batch"))
                .isPositive();
        assertThat(publishing.metric("nexusd_mesh_rpc_requests_total", "GetNodeState"))
                .isPositive();
    }

    @Test
    void shouldDocumentEveryMetricOfItsOwn() throws IOException {
        await().atMost(LIMIT).until(() -> publishing.body("/metrics").contains("nexusd_messages_forwarded_total"));
        Set<String> documented = new TreeSet<>();
        for (String line : Files.readAllLines(DOCUMENTATION)) {
            Matcher cell = Pattern.compile("^\\| `(nexusd_[a-z0-9_]+)").matcher(line);
            if (cell.find()) {
                documented.add(cell.group(1));
            }
        }
        Set<String> served = publishing
                .body("/metrics")
                .lines()
                .filter(line -> line.startsWith("# TYPE nexusd_"))
                .map(line -> line.split(" ")[2])
                // Micrometer's largest value of late, beside a histogram.
                .filter(name -> !name.endsWith("_max") || name.equals("nexusd_subscriber_queue_depth_max"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(documented).isEqualTo(served);
    }

    private static void publish(ForeignClient client) {
        for (int i = 0; i < 50; i++) {
            client.publish("metrics/one", "x");
        }
    }

    /** What the panels ask, with the dashboard's variables as it would fill them in. */
    private static List<String> expressions() throws IOException {
        List<String> expressions = new ArrayList<>();
        JsonArray panels = new JsonObject(Files.readString(DASHBOARD)).getJsonArray("panels");
        for (int i = 0; i < panels.size(); i++) {
            JsonArray targets = panels.getJsonObject(i).getJsonArray("targets", new JsonArray());
            for (int t = 0; t < targets.size(); t++) {
                expressions.add(targets.getJsonObject(t)
                        .getString("expr")
                        .replace("$job", "nexusd")
                        .replace("$instance", ".*")
                        .replace("$__rate_interval", "20s"));
            }
        }
        assertThat(expressions).noneMatch(expression -> expression.contains("$"));
        return expressions;
    }

    private static Set<String> names(String scrape) {
        return scrape.lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.replaceAll("[{ ].*", ""))
                .collect(Collectors.toSet());
    }

    private static Set<String> namesIn(String expression) {
        Set<String> names = new TreeSet<>();
        Matcher matcher = NAME.matcher(expression.replaceAll("\\{[^}]*}", ""));
        while (matcher.find()) {
            names.add(matcher.group());
        }
        return names;
    }
}
