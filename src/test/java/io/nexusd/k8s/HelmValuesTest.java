package io.nexusd.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;

/** The values of the chart: described in its README, checked by its schema, and none of them without effect. */
class HelmValuesTest {
    private static final Path VALUES = HelmChart.DIRECTORY.resolve("values.yaml");
    private static final Pattern LINE = Pattern.compile("( *)([A-Za-z]+):.*");
    private static final String HEADER = "| value | default | effect |";
    private static final int MAX_DEFAULT_LENGTH = 60;

    /**
     * A value with a comment in {@code values.yaml}. Values below it belong to it.
     *
     * @param path its keys, with dots between them
     */
    private record Described(String path, String comment, Object value) {
        String name() {
            return path.substring(path.lastIndexOf('.') + 1);
        }

        @Override
        public String toString() {
            return path;
        }
    }

    /** Values that set one of them to something else than the default, and what the objects then have in them. */
    private record Example(String values, String effect) {}

    private static final Map<String, Example> EXAMPLES = Map.ofEntries(
            Map.entry("replicas", new Example("replicas: 5", "replicas: 5")),
            Map.entry("image.repository", new Example("image: {repository: r.example/x}", "\"r.example/x:")),
            Map.entry("image.tag", new Example("image: {tag: 9.9.9}", "nexusd:9.9.9\"")),
            Map.entry("image.pullPolicy", new Example("image: {pullPolicy: Always}", "imagePullPolicy: Always")),
            Map.entry("imagePullSecrets", new Example("imagePullSecrets: [{name: pull}]", "- name: pull")),
            Map.entry("nameOverride", new Example("nameOverride: bus", "app.kubernetes.io/name: bus")),
            Map.entry("fullnameOverride", new Example("fullnameOverride: bus", "name: bus-headless")),
            Map.entry("discovery", new Example("discovery: static", "REPLICA_COUNT")),
            Map.entry("config", new Example("config: {cluster: {id: blue}}", "id: blue")),
            Map.entry("env", new Example("env: [{name: TZ, value: UTC}]", "name: TZ")),
            Map.entry("extraArgs", new Example("extraArgs: [--log-level, DEBUG]", "- \"--log-level\"")),
            Map.entry("javaOpts", new Example("javaOpts: -Xmx1g", "value: \"-Xmx1g\"")),
            Map.entry("resources", new Example("resources: {limits: {memory: 1Gi}}", "memory: 1Gi")),
            Map.entry(
                    "terminationGracePeriodSeconds",
                    new Example("terminationGracePeriodSeconds: 45", "terminationGracePeriodSeconds: 45")),
            Map.entry("podAnnotations", new Example("podAnnotations: {team: a}", "team: a")),
            Map.entry("podLabels", new Example("podLabels: {team: b}", "team: b")),
            Map.entry("podSecurityContext", new Example("podSecurityContext: {fsGroup: 7}", "fsGroup: 7")),
            Map.entry("securityContext", new Example("securityContext: {runAsUser: 7}", "runAsUser: 7")),
            Map.entry(
                    "topologySpreadConstraints",
                    new Example(
                            "topologySpreadConstraints:\n"
                                    + "- {maxSkew: 2, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}",
                            "topologyKey: zone")),
            Map.entry("affinity", new Example("affinity: {nodeAffinity: {}}", "nodeAffinity:")),
            Map.entry("nodeSelector", new Example("nodeSelector: {disk: ssd}", "disk: ssd")),
            Map.entry("tolerations", new Example("tolerations: [{operator: Exists}]", "operator: Exists")),
            Map.entry("priorityClassName", new Example("priorityClassName: high", "priorityClassName: high")),
            Map.entry(
                    "serviceAccount.create",
                    new Example("serviceAccount: {create: false}", "serviceAccountName: default")),
            Map.entry("serviceAccount.name", new Example("serviceAccount: {name: bus}", "serviceAccountName: bus")),
            Map.entry("serviceAccount.annotations", new Example("serviceAccount: {annotations: {a: b}}", "a: b")),
            Map.entry("service.type", new Example("service: {type: LoadBalancer}", "type: LoadBalancer")),
            Map.entry("service.annotations", new Example("service: {annotations: {c: d}}", "c: d")),
            Map.entry("podDisruptionBudget.enabled", new Example("podDisruptionBudget: {enabled: false}", "")),
            Map.entry(
                    "podDisruptionBudget.maxUnavailable",
                    new Example("podDisruptionBudget: {maxUnavailable: 34%}", "maxUnavailable: 34%")),
            Map.entry("networkPolicy.enabled", new Example("networkPolicy: {enabled: false}", "")),
            Map.entry(
                    "networkPolicy.appFrom",
                    new Example("networkPolicy: {appFrom: [{namespaceSelector: {}}]}", "namespaceSelector: {}")),
            Map.entry(
                    "networkPolicy.adminFrom",
                    new Example("networkPolicy: {adminFrom: [{ipBlock: {cidr: 10.0.0.0/8}}]}", "cidr: 10.0.0.0/8")),
            Map.entry(
                    "networkPolicy.extraIngress",
                    new Example("networkPolicy: {extraIngress: [{ports: [{port: 99}]}]}", "port: 99")),
            Map.entry(
                    "networkPolicy.extraEgress",
                    new Example("networkPolicy: {extraEgress: [{ports: [{port: 4318}]}]}", "port: 4318")),
            Map.entry("serviceMonitor.enabled", new Example("serviceMonitor: {enabled: true}", "ServiceMonitor")),
            Map.entry(
                    "serviceMonitor.interval",
                    new Example("serviceMonitor: {enabled: true, interval: 30s}", "interval: 30s")),
            Map.entry("serviceMonitor.labels", new Example("serviceMonitor: {enabled: true, labels: {e: f}}", "e: f")));

    static List<Described> described() {
        try {
            return described(Files.readAllLines(VALUES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Described> described(List<String> lines) {
        Map<String, Object> values = new Yaml().load(String.join("\n", lines));
        List<Described> found = new ArrayList<>();
        Deque<String> path = new ArrayDeque<>();
        List<String> comment = new ArrayList<>();
        for (String line : lines) {
            Matcher key = LINE.matcher(line);
            if (line.strip().startsWith("#")) {
                comment.add(line.strip().substring(1).strip());
                continue;
            }
            if (key.matches()) {
                while (path.size() > key.group(1).length() / 2) {
                    path.removeLast();
                }
                path.addLast(key.group(2));
                String here = String.join(".", path);
                if (!comment.isEmpty() && found.stream().noneMatch(each -> here.startsWith(each.path() + "."))) {
                    found.add(new Described(here, String.join(" ", comment), at(values, path)));
                }
            }
            comment.clear();
        }
        return found;
    }

    private static Object at(Map<String, Object> values, Iterable<String> path) {
        Object value = values;
        for (String name : path) {
            value = HelmChart.asMap(value).get(name);
        }
        return value;
    }

    @Test
    void shouldBeDescribedInTheReadmeAsInTheFile() throws IOException {
        List<String> expected = new ArrayList<>(List.of(HEADER, "|---|---|---|"));
        for (Described each : described()) {
            String value = Json.encode(each.value());
            String shown = value.length() > MAX_DEFAULT_LENGTH ? "[values.yaml](values.yaml)" : "`" + value + "`";
            expected.add("| `" + each.path() + "` | " + shown + " | "
                    + each.comment().replace("|", "\\|") + " |");
        }
        List<String> shown = Files.readAllLines(HelmChart.DIRECTORY.resolve("README.md")).stream()
                .dropWhile(line -> !line.equals(HEADER))
                .takeWhile(line -> line.startsWith("|"))
                .toList();
        assertThat(shown)
                .withFailMessage(() -> "The table of values in the README.md of the chart must be:\n\n"
                        + String.join("\n", expected) + "\n")
                .isEqualTo(expected);
    }

    @Test
    void shouldAllBeDescribed() throws IOException {
        List<String> paths = described().stream().map(Described::path).toList();
        assertThat(ConfigMaps.settings(Files.readString(VALUES)).keySet())
                .allMatch(leaf -> paths.stream().anyMatch(path -> leaf.equals(path) || leaf.startsWith(path + ".")));
        assertThat(EXAMPLES.keySet()).containsExactlyInAnyOrderElementsOf(paths);
    }

    @ParameterizedTest
    @MethodSource("described")
    void shouldHaveAnEffect(Described value) {
        Example example = EXAMPLES.get(value.path());
        Map<String, Object> without = new Yaml().load(example.values());
        Map<String, Object> parent = without;
        List<String> path = List.of(value.path().split("\\."));
        for (String name : path.subList(0, path.size() - 1)) {
            parent = HelmChart.asMap(parent.get(name));
        }
        assertThat(parent.remove(value.name())).isNotNull();
        String before = HelmChart.NEXUSD.template(new Yaml().dump(without));
        String after = HelmChart.NEXUSD.template(example.values());
        assertThat(after).isNotEqualTo(before).contains(example.effect());
        if (!example.effect().isEmpty()) {
            assertThat(before).doesNotContain(example.effect());
        }
    }

    @ParameterizedTest
    @MethodSource("described")
    void shouldBeRefusedWhenMisspeltOrOfAnotherType(Described value) {
        String misspelt = value.name() + "x";
        assertThat(HelmChart.NEXUSD.refusal(yaml(value.path() + "x", value.value())))
                .contains("additional properties '" + misspelt + "' not allowed");
        assertThat(HelmChart.NEXUSD.refusal(yaml(value.path(), ofAnotherType(value.value()))))
                .contains("at '/" + value.path().replace('.', '/') + "'");
    }

    private static Object ofAnotherType(Object value) {
        return value instanceof String || value instanceof Number ? List.of("a", "list") : "no such thing";
    }

    private static String yaml(String path, Object value) {
        Object nested = value;
        List<String> names = new ArrayList<>(List.of(path.split("\\.")));
        while (!names.isEmpty()) {
            Map<String, Object> outer = new LinkedHashMap<>();
            outer.put(names.remove(names.size() - 1), nested);
            nested = outer;
        }
        return new Yaml().dump(nested);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "discovery: mdns | at '/discovery': value must be one of 'dns', 'static', 'multicast'",
                "replicas: -1 | at '/replicas': minimum",
                "replicas: three | at '/replicas': got string, want integer",
                "image: {tag: 1.0} | at '/image/tag': got number, want string",
                "image: {pullPolicy: Sometimes} | at '/image/pullPolicy': value must be one of",
                "service: {type: External} | at '/service/type': value must be one of",
                "config: {log: {levle: DEBUG}} | at '/config/log': additional properties 'levle' not allowed",
                "config: {log: {level: LOUD}} | at '/config/log/level': value must be one of 'TRACE', 'DEBUG'",
                "config: {mesh: {port: 0}} | at '/config/mesh/port': minimum: got 0, want 1",
                "config: {mesh: {port: '5671'}} | at '/config/mesh/port': got string, want integer",
                "config: {history: {max-bytes: 64X}} | at '/config/history/max-bytes'",
                "config: {node: {name: n}} | at '/config': additional properties 'node' not allowed",
                "config: null | missing property 'config'",
                "image: {repository: null} | at '/image': missing property 'repository'",
                "env: [{name: POD_NAME, value: n}] | at '/env/0/name'",
                "podLabels: {app.kubernetes.io/instance: x} | invalid propertyName 'app.kubernetes.io/instance'",
                "extraArgs: [1] | at '/extraArgs/0': got number, want string",
                "fullnameOverride: Bus_1 | at '/fullnameOverride'",
                "podDisruptionBudget: {maxUnavailable: some} | at '/podDisruptionBudget/maxUnavailable'",
                "resources: {limit: {memory: 1Gi}} | at '/resources': additional properties 'limit' not allowed"
            })
    void shouldBeRefusedWithAClearText(String values, String text) {
        assertThat(HelmChart.NEXUSD.refusal(values)).contains(text);
    }

    static Stream<String> accepted() {
        return Stream.of(
                "global: {anything: 1}",
                "replicas: 0",
                "{resources: null, podSecurityContext: null, securityContext: null, topologySpreadConstraints: null}",
                "{affinity: null, imagePullSecrets: null, discovery: multicast}",
                "config: {mesh: null, delivery: null, log: {level: null}}",
                "podDisruptionBudget: {maxUnavailable: 50%}",
                "config: {history: {max-bytes: 64M}, peers: {static: [a:1, b:2]}}",
                "config: {peers: {static: 'a:1,b:2'}, discovery: {multicast: {enabled: auto}}}");
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void shouldBeTaken(String values) {
        assertThat(HelmChart.NEXUSD.render(values).objects()).isNotEmpty();
    }
}
