package io.nexusd.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.nexusd.config.ConfigLoader;
import io.nexusd.config.EffectiveConfig;
import io.nexusd.config.LoadResult;
import io.nexusd.lab.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** The Helm chart against the manifests of {@code k8s/}, and what it promises beyond them: names, releases side by side, modes. */
class HelmChartTest {
    private static final HelmChart ORDERS = new HelmChart("orders", "messaging");

    @TempDir
    Path dir;

    /** The Namespace is the one object that the chart lacks: Helm makes it, with {@code --create-namespace}. */
    @ParameterizedTest
    @CsvSource({
        KustomizationTest.BASE + ", dns",
        KustomizationTest.STATIC + ", static",
        KustomizationTest.MULTICAST + ", multicast"
    })
    void shouldRenderTheObjectsOfTheKustomization(String kustomization, String discovery) {
        Map<String, Map<String, Object>> expected = HelmChart.documents(Manifests.text(kustomization));
        assertThat(expected.remove("Namespace nexusd")).isNotNull();
        String values = discovery.equals("dns") ? "" : "discovery: " + discovery;
        Map<String, Map<String, Object>> rendered = HelmChart.documents(HelmChart.NEXUSD.template(values));
        assertThat(rendered.keySet()).isEqualTo(expected.keySet());
        expected.forEach(
                (name, object) -> assertThat(rendered.get(name)).as(name).isEqualTo(object));
    }

    @Test
    void shouldPassTheStrictLint() {
        Needs.HELM.require();
        LintResult result = new Helm(HelmChart.DIRECTORY).lint().strict().call();
        assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
        assertThat(result.getMessages()).noneMatch(message -> message.contains("WARNING") || message.contains("ERROR"));
    }

    @Test
    void shouldHaveTheVersionOfTheProject() throws IOException {
        Matcher version = Pattern.compile("<artifactId>nexusd</artifactId>\\s*<version>([^<]+)</version>")
                .matcher(Files.readString(Path.of("pom.xml")));
        assertThat(version.find()).isTrue();
        assertThat(chart()).containsEntry("version", version.group(1)).containsEntry("appVersion", version.group(1));
    }

    private static Map<String, Object> chart() throws IOException {
        return new Yaml().load(Files.readString(HelmChart.DIRECTORY.resolve("Chart.yaml")));
    }

    @Test
    void shouldRenderTheSameFromItsPackage() throws IOException {
        Needs.HELM.require();
        new Helm(HelmChart.DIRECTORY).packageIt().withDestination(dir).call();
        String packaged = Helm.template(
                        dir.resolve("nexusd-" + chart().get("version") + ".tgz").toString())
                .withName("nexusd")
                .withNamespace("nexusd")
                .call();
        assertThat(packaged).isEqualTo(HelmChart.NEXUSD.template(""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "orders | '' | orders-nexusd",
                "my-nexusd-1 | '' | my-nexusd-1",
                "orders.eu | '' | orders-eu-nexusd",
                "42 | '' | 42-nexusd",
                "orders | 'nameOverride: bus' | orders-bus",
                "orders | 'fullnameOverride: bus' | bus"
            })
    void shouldNameEveryObjectByTheRelease(String release, String values, String name) throws IOException {
        Manifests manifests = new HelmChart(release, "messaging").render(values);
        assertThat(manifests.objects())
                .extracting(object -> object.getMetadata().getName())
                .containsExactlyInAnyOrder(name, name + "-config", name + "-headless", name + "-lb", name, name, name);
        assertThat(manifests.objects())
                .extracting(object -> object.getMetadata().getNamespace())
                .containsOnly("messaging");
        assertReferencesLead(manifests);
        assertThat(config(manifests).settings().peers().dns()).hasToString("[" + name + "-headless:5671]");
        assertThat(config(manifests).settings().cluster().id()).isEqualTo(name);
    }

    /** Helm allows 53 characters; the controller puts a dash and a hash of 10 behind the name, into a label of at most 63. */
    @Test
    void shouldLeaveRoomForTheHashOfTheRevision() {
        Manifests manifests = new HelmChart("r".repeat(53), "messaging").render("");
        assertThat(manifests.the(StatefulSet.class).getMetadata().getName()).isEqualTo("r".repeat(52));
        assertReferencesLead(manifests);
    }

    /** Everything that one object says of another is true. */
    private static void assertReferencesLead(Manifests manifests) {
        StatefulSet set = manifests.the(StatefulSet.class);
        PodSpec pod = set.getSpec().getTemplate().getSpec();
        Map<String, String> labels = set.getSpec().getTemplate().getMetadata().getLabels();
        Map<String, String> selector = set.getSpec().getSelector().getMatchLabels();
        assertThat(labels).containsAllEntriesOf(selector);
        assertThat(selector).containsOnlyKeys("app.kubernetes.io/name", "app.kubernetes.io/instance");
        manifests.named(Service.class, set.getSpec().getServiceName());
        manifests.named(ConfigMap.class, pod.getVolumes().get(0).getConfigMap().getName());
        manifests.named(ServiceAccount.class, pod.getServiceAccountName());
        selectors(manifests).forEach(each -> assertThat(each).isEqualTo(selector));
    }

    /** Every selector of pods in the objects. */
    private static List<Map<String, String>> selectors(Manifests manifests) {
        List<Map<String, String>> selectors = new ArrayList<>();
        StatefulSet set = manifests.the(StatefulSet.class);
        selectors.add(set.getSpec().getSelector().getMatchLabels());
        set.getSpec()
                .getTemplate()
                .getSpec()
                .getTopologySpreadConstraints()
                .forEach(spread -> selectors.add(spread.getLabelSelector().getMatchLabels()));
        manifests
                .all(Service.class)
                .forEach(service -> selectors.add(service.getSpec().getSelector()));
        manifests
                .all(PodDisruptionBudget.class)
                .forEach(budget -> selectors.add(budget.getSpec().getSelector().getMatchLabels()));
        for (NetworkPolicy policy : manifests.all(NetworkPolicy.class)) {
            selectors.add(policy.getSpec().getPodSelector().getMatchLabels());
            Stream.concat(
                            policy.getSpec().getIngress().stream().flatMap(rule -> rule.getFrom().stream()),
                            policy.getSpec().getEgress().stream().flatMap(rule -> rule.getTo().stream()))
                    .forEach(peer -> selectors.add(peer.getPodSelector().getMatchLabels()));
        }
        return selectors;
    }

    @Test
    void shouldKeepTwoReleasesOfANamespaceApart() throws IOException {
        Manifests orders = ORDERS.render("");
        Manifests billing = new HelmChart("billing", "messaging").render("");
        assertThat(names(orders)).doesNotContainAnyElementsOf(names(billing));
        Map<String, String> podsOfBilling = billing.the(StatefulSet.class)
                .getSpec()
                .getTemplate()
                .getMetadata()
                .getLabels();
        assertThat(selectors(orders))
                .hasSizeGreaterThanOrEqualTo(8)
                .allSatisfy(selector -> assertThat(podsOfBilling.entrySet().containsAll(selector.entrySet()))
                        .as("%s of orders matches the pods of billing", selector)
                        .isFalse());
        assertThat(config(orders).settings().cluster().id())
                .isNotEqualTo(config(billing).settings().cluster().id());
    }

    private static List<String> names(Manifests manifests) {
        return manifests.objects().stream()
                .map(object -> object.getKind() + " " + object.getMetadata().getName())
                .toList();
    }

    @Test
    void shouldDifferInTheNamespaceAloneInAnotherNamespace() {
        String here = new HelmChart("nexusd", "here").template("");
        assertThat(here).contains("namespace: here");
        assertThat(new HelmChart("nexusd", "there").template(""))
                .isEqualTo(here.replace("namespace: here", "namespace: there"));
        assertThat(HelmChart.NEXUSD.render("").objects())
                .as("no object of the whole cluster")
                .allMatch(object -> object.getMetadata().getNamespace() != null);
    }

    @Test
    void shouldListThePodsOfTheReleaseStatically() throws IOException {
        Manifests manifests = ORDERS.render("{discovery: static, replicas: 2, config: {mesh: {port: 7001}}}");
        assertThat(config(manifests).settings().peers().staticPeers())
                .extracting(Object::toString)
                .containsExactly(
                        "orders-nexusd-0.orders-nexusd-headless:7001", "orders-nexusd-1.orders-nexusd-headless:7001");
    }

    @Test
    void shouldKeepMulticastPodsOfOneReleaseOnDifferentMachines() {
        StatefulSet set = ORDERS.render("discovery: multicast").the(StatefulSet.class);
        assertThat(set.getSpec()
                        .getTemplate()
                        .getSpec()
                        .getAffinity()
                        .getPodAntiAffinity()
                        .getRequiredDuringSchedulingIgnoredDuringExecution())
                .singleElement()
                .satisfies(term -> assertThat(term.getLabelSelector().getMatchLabels())
                        .isEqualTo(set.getSpec().getSelector().getMatchLabels()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{config: {log: {level: DEBUG}}}",
                "{config: {peers: {retry-count: 3, dns-refresh-ms: 500}, history: {max-bytes: 16M}}}",
                "{config: {delivery: {drain-timeout-ms: 5000, backpressure-policy: block}, cluster: {id: blue}}}",
                "{config: {discovery: {multicast: {enabled: false}}, connections: {max-per-port: 100}}}"
            })
    void shouldChangeTheConfigMapAloneWithTheConfiguration(String values) throws IOException {
        Map<String, Map<String, Object>> before = HelmChart.documents(ORDERS.template(""));
        Map<String, Map<String, Object>> after = HelmChart.documents(ORDERS.template(values));
        assertThat(after.remove("ConfigMap orders-nexusd-config"))
                .isNotEqualTo(before.remove("ConfigMap orders-nexusd-config"));
        assertThat(after).isEqualTo(before);
        EffectiveConfig config = config(ORDERS.render(values));
        ConfigMaps.settings(
                        new Yaml().dump(HelmChart.asMap(new Yaml().load(values)).get("config")))
                .forEach((key, value) ->
                        assertThat(shown(config, key)).as(key).isEqualTo(value.equals("16M") ? "16777216" : value));
    }

    @Test
    void shouldTakePortsFromTheConfigurationEverywhere() throws IOException {
        Manifests manifests = ORDERS.render("{config: {mesh: {port: 7001}, app: {port: 7002}, admin: {port: 7003}}}");
        Map<String, Integer> ports = Map.of("mesh", 7001, "app", 7002, "admin", 7003);
        manifests
                .all(Service.class)
                .forEach(service -> service.getSpec()
                        .getPorts()
                        .forEach(port -> assertThat(port.getPort()).isEqualTo(ports.get(port.getName()))));
        PodSpec pod = manifests.the(StatefulSet.class).getSpec().getTemplate().getSpec();
        assertThat(pod.getContainers().get(0).getPorts())
                .hasSize(3)
                .allSatisfy(port -> assertThat(port.getContainerPort()).isEqualTo(ports.get(port.getName())));
        assertThat(config(manifests).settings().peers().dns()).hasToString("[orders-nexusd-headless:7001]");
        assertThat(config(manifests).settings().admin().port()).isEqualTo(7003);
        assertThat(ORDERS.template("config: {mesh: null, app: null, admin: null}"))
                .as("the daemon's defaults where the values have no port")
                .contains("containerPort: 5671", "containerPort: 5672", "containerPort: 9090");
    }

    @Test
    void shouldRefuseADrainThatKubernetesWouldCut() {
        assertThat(ORDERS.refusal("config: {delivery: {drain-timeout-ms: 20000}}"))
                .contains(
                        "terminationGracePeriodSeconds (20) must be more than config.delivery.drain-timeout-ms (20000 ms)");
        ORDERS.template("{config: {delivery: {drain-timeout-ms: 20000}}, terminationGracePeriodSeconds: 30}");
    }

    @Test
    void shouldHaveAServiceMonitorOnDemandWhoseJobIsTheRelease() {
        assertThat(HelmChart.documents(ORDERS.template(""))).doesNotContainKey("ServiceMonitor orders-nexusd");
        Map<String, Map<String, Object>> rendered = HelmChart.documents(
                ORDERS.template("serviceMonitor: {enabled: true, interval: 30s, labels: {release: prometheus}}"));
        assertThat(rendered.get("ServiceMonitor orders-nexusd")).isEqualTo(new Yaml().load("""
                        apiVersion: monitoring.coreos.com/v1
                        kind: ServiceMonitor
                        metadata:
                          name: orders-nexusd
                          namespace: messaging
                          labels:
                            app.kubernetes.io/name: nexusd
                            app.kubernetes.io/instance: orders
                            app.kubernetes.io/part-of: nexusd
                            release: prometheus
                        spec:
                          jobLabel: app.kubernetes.io/instance
                          selector:
                            matchLabels:
                              app.kubernetes.io/name: nexusd
                              app.kubernetes.io/instance: orders
                          endpoints:
                            - port: admin
                              path: /metrics
                              interval: 30s
                        """));
        Manifests services = ORDERS.render("");
        assertThat(services.all(Service.class))
                .filteredOn(service -> service.getSpec().getPorts().stream()
                        .anyMatch(port -> port.getName().equals("admin")))
                .as("each pod is scraped once")
                .singleElement()
                .satisfies(service -> assertThat(service.getMetadata().getLabels())
                        .containsEntry("app.kubernetes.io/instance", "orders")
                        .containsEntry("app.kubernetes.io/name", "nexusd"));
    }

    @Test
    void shouldSayInTheNotesWhatToDoNext() {
        assertThat(ORDERS.notes(""))
                .contains(
                        "cluster orders-nexusd, with 3 pods",
                        "orders-nexusd-lb.messaging:5672",
                        "kubectl -n messaging rollout status statefulset orders-nexusd",
                        "kubectl -n messaging exec orders-nexusd-0 -- /app/nexusd-cli MESH PEERS")
                .doesNotContain("WARNING", "privileged");
        assertThat(HelmChart.NEXUSD.notes("{discovery: multicast, service: {type: NodePort}}"))
                .contains(
                        "cluster default",
                        "kubectl label namespace nexusd --overwrite pod-security.kubernetes.io/enforce=privileged",
                        "WARNING: the Service nexusd-lb is reachable from outside");
    }

    /** The configuration as the daemon of the first pod reads it. */
    private EffectiveConfig config(Manifests manifests) throws IOException {
        Files.writeString(
                dir.resolve("nexusd.yaml"),
                manifests.the(ConfigMap.class).getData().get("nexusd.yaml"));
        StatefulSet set = manifests.the(StatefulSet.class);
        Map<String, String> environment =
                new HashMap<>(Map.of("POD_NAME", set.getMetadata().getName() + "-0", "POD_IP", "10.0.0.1"));
        set.getSpec().getTemplate().getSpec().getContainers().get(0).getEnv().stream()
                .filter(variable -> variable.getValue() != null)
                .forEach(variable -> environment.put(variable.getName(), variable.getValue()));
        LoadResult result = ConfigLoader.parse(new String[] {"--config", dir.toString()}, environment, Path.of(""));
        assertThat(result).as("%s", result).isInstanceOf(LoadResult.Loaded.class);
        return ((LoadResult.Loaded) result).config();
    }

    private static String shown(EffectiveConfig config, String key) {
        return config.entries().stream()
                .filter(entry -> entry.key().equals(key))
                .findFirst()
                .orElseThrow()
                .value();
    }
}
