package io.nexusd.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexusd.config.ConfigLoader;
import io.nexusd.config.LoadResult;
import io.nexusd.lab.Needs;
import io.nexusd.lab.Shell;
import io.nexusd.model.Endpoint;
import io.nexusd.model.Settings;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** {@code compose.yaml} and the files that it mounts into the daemons, Prometheus and Grafana. */
class ComposeTest {
    private static final Path FILE = Path.of("compose.yaml");
    private static final List<String> NODES = List.of("node-1", "node-2", "node-3");
    private static final Pattern PINNED = Pattern.compile("[a-z/]+:v?[0-9]+\\.[0-9]+\\.[0-9]+");

    private final Map<String, Map<?, ?>> services = services();

    @Test
    void shouldMatchTheComposeSchema(@TempDir Path dir) throws IOException {
        Needs.COMPOSE.require();
        Shell.run("docker-compose", "-f", FILE.toString(), "config", "-q");
        Path wrong = Files.writeString(
                dir.resolve("wrong.yaml"), Files.readString(FILE).replace("read_only: true", "read_only: [1]"));
        assertThatThrownBy(() -> Shell.run("docker-compose", "-f", wrong.toString(), "config", "-q"))
                .hasMessageContaining("read_only");
    }

    @Test
    void shouldRunThreeRestrictedNodesThatFindEachOther() throws IOException {
        assertThat(services).containsOnlyKeys("node-1", "node-2", "node-3", "prometheus", "grafana");
        Set<Object> ports = new HashSet<>();
        for (String name : NODES) {
            Map<?, ?> node = services.get(name);
            assertThat(node.get("read_only")).isEqualTo(true);
            assertThat(node.get("cap_drop")).isEqualTo(List.of("ALL"));
            assertThat(node.get("tmpfs")).isNull();
            ports.addAll((List<?>) node.get("ports"));
            Settings settings = settings(node);
            assertThat(settings.peers().staticPeers().stream().map(Endpoint::host))
                    .containsExactlyElementsOf(NODES);
            assertThat(settings.app().bind()).isEqualTo("0.0.0.0");
            int graceMs = 1000 * Integer.parseInt(((String) node.get("stop_grace_period")).replace("s", ""));
            assertThat(graceMs).isGreaterThan(settings.delivery().drainTimeoutMs());
            assertThat(((List<?>) ((Map<?, ?>) node.get("healthcheck")).get("test")).get(3))
                    .asString()
                    .contains("/127.0.0.1/" + settings.admin().port());
        }
        assertThat(ports)
                .containsExactlyInAnyOrder("127.0.0.1:5672:5672", "127.0.0.1:5673:5672", "127.0.0.1:5674:5672");
    }

    /** The daemon reads its configuration from the mounted directory, as it would in the container. */
    private static Settings settings(Map<?, ?> node) throws IOException {
        Map<String, String> environment = new HashMap<>(Dockerfile.environment());
        ((Map<?, ?>) node.get("environment")).forEach((name, value) -> environment.put((String) name, (String) value));
        String[] command = ((List<?>) node.get("command"))
                .stream()
                        .map(word -> mounts(node).getOrDefault(word, (String) word))
                        .toArray(String[]::new);
        LoadResult.Loaded loaded = (LoadResult.Loaded)
                ConfigLoader.parse(command, environment, Path.of("").toAbsolutePath());
        assertThat(loaded.warnings()).isEmpty();
        return loaded.config().settings();
    }

    @Test
    void shouldMountWhatExistsReadOnlyAndPublishOnTheLoopbackAddressAlone() {
        services.forEach((name, service) -> {
            mounts(service)
                    .values()
                    .forEach(source -> assertThat(Path.of(source)).exists());
            assertThat((List<?>) service.get("volumes"))
                    .allMatch(volume -> volume.toString().endsWith(":ro"));
            assertThat((List<?>) service.get("ports"))
                    .allMatch(port -> port.toString().startsWith("127.0.0.1:"));
            assertThat((String) service.get("image")).matches(PINNED);
        });
    }

    @Test
    void shouldScrapeEveryNodeAndLoadTheAlertRules(@TempDir Path dir) throws IOException {
        Map<?, ?> prometheus = yaml(Path.of(source("prometheus", "/etc/prometheus/prometheus.yaml")));
        Map<?, ?> job = (Map<?, ?>) ((List<?>) prometheus.get("scrape_configs")).get(0);
        assertThat(((Map<?, ?>) ((List<?>) job.get("static_configs")).get(0)).get("targets"))
                .isEqualTo(NODES.stream().map(node -> node + ":9090").toList());
        assertThat(settings(services.get("node-1")).admin().bind()).isEqualTo("0.0.0.0");
        Needs.PROMETHEUS.require();
        for (Map.Entry<String, String> mount :
                mounts(services.get("prometheus")).entrySet()) {
            Files.copy(
                    Path.of(mount.getValue()),
                    dir.resolve(Path.of(mount.getKey()).getFileName()));
        }
        assertThat(Shell.run(
                        "promtool",
                        "check",
                        "config",
                        dir.resolve("prometheus.yaml").toString()))
                .contains("1 rule files found", "SUCCESS");
    }

    @Test
    void shouldProvisionGrafanaWithTheDashboard() throws IOException {
        Path provisioning = Path.of(source("grafana", "/etc/grafana/provisioning"));
        Map<?, ?> datasource = (Map<?, ?>) ((List<?>) yaml(provisioning.resolve("datasources/prometheus.yaml"))
                        .get("datasources"))
                .get(0);
        assertThat(datasource.get("url")).isEqualTo("http://prometheus:9090");
        assertThat(datasource.get("isDefault")).isEqualTo(true);
        Map<?, ?> provider = (Map<?, ?>)
                ((List<?>) yaml(provisioning.resolve("dashboards/nexusd.yaml")).get("providers")).get(0);
        String folder = (String) ((Map<?, ?>) provider.get("options")).get("path");
        String dashboard = source("grafana", folder + "/nexusd.json");
        // The dashboard takes the default datasource of the type, through a variable.
        JsonObject variable = new JsonObject(Files.readString(Path.of(dashboard)))
                .getJsonObject("templating")
                .getJsonArray("list")
                .getJsonObject(0);
        assertThat(variable.getString("type")).isEqualTo("datasource");
        assertThat(variable.getString("query")).isEqualTo(datasource.get("type"));
        assertThat(((Map<?, ?>) services.get("grafana").get("environment"))
                        .get("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"))
                .isEqualTo(folder + "/nexusd.json");
    }

    private String source(String service, String target) {
        return mounts(services.get(service)).get(target);
    }

    /** The mounted files and directories, by their paths in the container. */
    private static Map<String, String> mounts(Map<?, ?> service) {
        Map<String, String> mounts = new LinkedHashMap<>();
        for (Object volume : (List<?>) service.get("volumes")) {
            String[] parts = ((String) volume).split(":");
            mounts.put(parts[1], parts[0]);
        }
        return mounts;
    }

    private static Map<String, Map<?, ?>> services() {
        Map<String, Map<?, ?>> services = new LinkedHashMap<>();
        ((Map<?, ?>) yaml(FILE).get("services"))
                .forEach((name, service) -> services.put((String) name, (Map<?, ?>) service));
        return services;
    }

    private static Map<?, ?> yaml(Path file) {
        try {
            return new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
