package io.nexusd.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.nexusd.config.ConfigLoader;
import io.nexusd.config.EffectiveConfig;
import io.nexusd.config.LoadResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the manifests promise: objects, names, rights, probes and limits, in the base and in both overlays. */
class KustomizationTest {
    static final String BASE = "k8s";
    static final String MULTICAST = "k8s/overlays/multicast";
    static final String STATIC = "k8s/overlays/static";

    @TempDir
    Path dir;

    static Stream<String> everywhere() {
        return Stream.of(BASE, MULTICAST, STATIC);
    }

    @Test
    void shouldInstallTheseObjectsAndNoOthers() {
        Manifests base = Manifests.render(BASE);
        assertThat(base.objects())
                .extracting(
                        object -> object.getKind() + " " + object.getMetadata().getName())
                .containsExactlyInAnyOrder(
                        "Namespace nexusd",
                        "ConfigMap nexusd-config",
                        "Service nexusd-headless",
                        "Service nexusd-lb",
                        "StatefulSet nexusd",
                        "PodDisruptionBudget nexusd",
                        "ServiceAccount nexusd",
                        "NetworkPolicy nexusd");
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void shouldPutEverythingIntoItsNamespace(String kustomization) {
        for (HasMetadata object : Manifests.render(kustomization).objects()) {
            assertThat(object.getMetadata().getNamespace())
                    .as("namespace of %s", object.getKind())
                    .isEqualTo(object instanceof Namespace ? null : "nexusd");
        }
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void shouldRunOneContainerWithoutInitContainerOrShell(String kustomization) {
        PodSpec pod = pod(kustomization);
        assertThat(pod.getInitContainers()).isEmpty();
        assertThat(pod.getContainers()).hasSize(1);
        Container container = pod.getContainers().get(0);
        assertThat(container.getCommand()).containsExactly("/app/nexusd");
        assertThat(container.getArgs()).containsExactly("--config", "/etc/nexusd");
        assertThat(container.getLifecycle()).isNull();
        assertThat(container.toString()).doesNotContain("/bin/", "bash", "$(");
    }

    @Test
    void shouldKnowTheNumberOfReplicasInOnePlaceOnly() throws IOException {
        StatefulSet set = Manifests.render(BASE).the(StatefulSet.class);
        assertThat(set.getSpec().getReplicas()).isEqualTo(3);
        try (Stream<Path> files = Files.walk(Path.of(BASE, "base"))) {
            List<String> counts = files.filter(Files::isRegularFile)
                    .flatMap(KustomizationTest::lines)
                    .filter(line -> !line.strip().startsWith("#"))
                    .filter(line -> line.toLowerCase(java.util.Locale.ROOT).contains("replica"))
                    .toList();
            assertThat(counts).containsExactly("  replicas: 3");
        }
        PodDisruptionBudget budget = Manifests.render(BASE).the(PodDisruptionBudget.class);
        assertThat(budget.getSpec().getMinAvailable()).isNull();
        assertThat(budget.getSpec().getMaxUnavailable().getIntVal()).isEqualTo(1);
        assertThat(budget.getSpec().getSelector().getMatchLabels())
                .isEqualTo(set.getSpec().getSelector().getMatchLabels());
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void shouldMountTheConfigMapAsADirectory(String kustomization) {
        Container container = container(kustomization);
        VolumeMount mount = container.getVolumeMounts().stream()
                .filter(each -> each.getMountPath().equals("/etc/nexusd"))
                .findFirst()
                .orElseThrow();
        assertThat(mount.getSubPath()).isNull();
        assertThat(mount.getSubPathExpr()).isNull();
        assertThat(pod(kustomization).getVolumes())
                .filteredOn(volume -> volume.getName().equals(mount.getName()))
                .singleElement()
                .satisfies(volume -> {
                    assertThat(volume.getConfigMap().getName()).isEqualTo("nexusd-config");
                    assertThat(volume.getConfigMap().getItems()).isEmpty();
                });
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void shouldHoldAConfigurationThatTheDaemonTakes(String kustomization) throws IOException {
        EffectiveConfig config = config(kustomization);
        assertThat(config.settings().app().bind()).isEqualTo("0.0.0.0");
        assertThat(config.settings().admin().bind()).isEqualTo("0.0.0.0");
        assertThat(config.settings().delivery().drainTimeoutMs())
                .isLessThan(
                        pod(kustomization).getTerminationGracePeriodSeconds().intValue() * 1000);
        Map<String, Integer> ports = Map.of(
                "mesh", config.settings().mesh().port(),
                "app", config.settings().app().port(),
                "admin", config.settings().admin().port());
        container(kustomization)
                .getPorts()
                .forEach(port -> assertThat(port.getContainerPort()).isEqualTo(ports.get(port.getName())));
        assertThat(container(kustomization).getPorts()).hasSize(ports.size());
    }

    @Test
    void shouldDifferInHowNodesFindEachOtherOnly() throws IOException {
        String base = withoutPeers(yaml(BASE));
        assertThat(withoutPeers(yaml(MULTICAST))).isEqualTo(base);
        assertThat(withoutPeers(yaml(STATIC))).isEqualTo(base);
        assertThat(config(BASE).settings().peers().dns()).hasToString("[nexusd-headless:5671]");
        assertThat(config(MULTICAST).settings().peers().dns()).isEmpty();
        assertThat(yaml(MULTICAST)).contains("enabled: true");
        assertThat(config(STATIC).settings().peers().dns()).isEmpty();
        assertThat(config(STATIC).settings().peers().staticPeers())
                .extracting(Object::toString)
                .containsExactly(
                        "nexusd-0.nexusd-headless:5671",
                        "nexusd-1.nexusd-headless:5671",
                        "nexusd-2.nexusd-headless:5671");
    }

    @Test
    void shouldFindPeersByTheHeadlessServiceBeforeTheyAreReady() {
        Manifests base = Manifests.render(BASE);
        Service headless = base.named(Service.class, "nexusd-headless");
        assertThat(headless.getSpec().getClusterIP()).isEqualTo("None");
        assertThat(headless.getSpec().getPublishNotReadyAddresses()).isTrue();
        assertThat(base.the(StatefulSet.class).getSpec().getServiceName()).isEqualTo("nexusd-headless");
        Service lb = base.named(Service.class, "nexusd-lb");
        assertThat(lb.getSpec().getPublishNotReadyAddresses()).isNull();
        for (Service service : List.of(headless, lb)) {
            assertThat(service.getSpec().getSelector())
                    .isEqualTo(
                            base.the(StatefulSet.class).getSpec().getSelector().getMatchLabels());
            service.getSpec()
                    .getPorts()
                    .forEach(port -> assertThat(container(BASE).getPorts())
                            .anyMatch(named ->
                                    named.getName().equals(port.getTargetPort().getStrVal())
                                            && named.getContainerPort().equals(port.getPort())));
        }
        assertThat(lb.getSpec().getPorts()).extracting(port -> port.getPort()).containsExactly(5672);
    }

    @Test
    void shouldStartAndProbePodsEachOnItsOwn() {
        assertThat(Manifests.render(BASE).the(StatefulSet.class).getSpec().getPodManagementPolicy())
                .isEqualTo("Parallel");
        Container container = container(BASE);
        Map<Probe, String> paths = Map.of(
                container.getStartupProbe(), "/livez",
                container.getLivenessProbe(), "/livez",
                container.getReadinessProbe(), "/readyz");
        paths.forEach((probe, path) -> {
            assertThat(probe.getHttpGet().getPath()).isEqualTo(path);
            assertThat(probe.getHttpGet().getPort().getStrVal()).isEqualTo("admin");
            assertThat(probe.getExec()).isNull();
        });
        assertThat(container.getStartupProbe().getPeriodSeconds()
                        * container.getStartupProbe().getFailureThreshold())
                .as("seconds that a start on a slow machine may take")
                .isGreaterThanOrEqualTo(60);
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void shouldRunRestricted(String kustomization) {
        PodSpec pod = pod(kustomization);
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getRunAsUser()).isPositive();
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        Container container = container(kustomization);
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(container.getSecurityContext().getCapabilities().getAdd()).isEmpty();
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(Manifests.render(kustomization).the(ServiceAccount.class).getAutomountServiceAccountToken())
                .isFalse();
        assertThat(pod.getEnableServiceLinks()).isFalse();
        assertThat(pod.getTopologySpreadConstraints()).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void shouldKeepTheJvmWithinTheLimits(String kustomization) {
        Container container = container(kustomization);
        assertThat(container.getResources().getRequests())
                .isEqualTo(Map.of("cpu", new Quantity("100m"), "memory", new Quantity("128Mi")));
        assertThat(container.getResources().getLimits())
                .isEqualTo(Map.of("cpu", new Quantity("500m"), "memory", new Quantity("512Mi")));
        String options = environment(container, "NEXUSD_JAVA_OPTS");
        double heapMi = 512 * number(options, "-XX:MaxRAMPercentage=(\\d+)") / 100;
        double restMi = number(options, "-XX:MaxDirectMemorySize=(\\d+)m")
                + number(options, "-XX:MaxMetaspaceSize=(\\d+)m")
                + number(options, "-XX:ReservedCodeCacheSize=(\\d+)m");
        assertThat(heapMi + restMi + 60)
                .as("MiB at most, with 60 for threads and the JVM itself")
                .isLessThan(512);
        assertThat(options).contains("-XX:+ExitOnOutOfMemoryError");
    }

    @Test
    void shouldSetTheSameJvmOptionsInTheImages() throws IOException {
        // Which compiler is best depends on the pod's share of a core, of which the image knows nothing.
        String options = environment(container(BASE), "NEXUSD_JAVA_OPTS").replace(" -XX:TieredStopAtLevel=1", "");
        assertThat(Files.readString(Path.of("Dockerfile"))).contains("NEXUSD_JAVA_OPTS=\"" + options + "\"");
        assertThat(Files.readString(Path.of("pom.xml")))
                .contains("<image.java.options>" + options + "</image.java.options>");
    }

    @Test
    void shouldLetOnlyDaemonsIntoTheMesh() {
        NetworkPolicy policy = Manifests.render(BASE).the(NetworkPolicy.class);
        assertThat(policy.getSpec().getPolicyTypes()).containsExactlyInAnyOrder("Ingress", "Egress");
        policy.getSpec()
                .getIngress()
                .forEach(rule -> rule.getPorts().forEach(port -> {
                    boolean isMesh = port.getPort().getStrVal().equals("mesh");
                    assertThat(rule.getFrom()).hasSize(isMesh ? 1 : 0);
                }));
        assertThat(policy.getSpec().getIngress().stream()
                        .flatMap(rule -> rule.getPorts().stream())
                        .map(port -> port.getPort().getStrVal()))
                .containsExactlyInAnyOrder("mesh", "app", "admin");
    }

    @Test
    void shouldUseTheNetworkOfTheMachineForMulticast() {
        PodSpec pod = pod(MULTICAST);
        assertThat(pod.getHostNetwork()).isTrue();
        assertThat(pod.getAffinity().getPodAntiAffinity()).isNotNull();
        assertThat(Manifests.render(MULTICAST).all(NetworkPolicy.class)).isEmpty();
        assertThat(pod(BASE).getHostNetwork()).isNull();
    }

    @Test
    void shouldTakeTheStaticListFromTheNumberOfReplicas() {
        Container container = container(STATIC);
        assertThat(environment(container, "REPLICA_COUNT"))
                .isEqualTo(String.valueOf(Manifests.render(STATIC)
                        .the(StatefulSet.class)
                        .getSpec()
                        .getReplicas()));
        assertThat(environment(container, "SERVICE_NAME")).isEqualTo("nexusd-headless");
        assertThat(container.getEnv())
                .filteredOn(variable -> variable.getName().equals("POD_NAME"))
                .singleElement()
                .satisfies(variable -> assertThat(
                                variable.getValueFrom().getFieldRef().getFieldPath())
                        .isEqualTo("metadata.name"));
    }

    private EffectiveConfig config(String kustomization) throws IOException {
        Files.writeString(dir.resolve("nexusd.yaml"), yaml(kustomization));
        Map<String, String> environment = new java.util.HashMap<>(Map.of("POD_NAME", "nexusd-0", "POD_IP", "10.0.0.1"));
        container(kustomization).getEnv().stream()
                .filter(variable -> variable.getValue() != null)
                .forEach(variable -> environment.put(variable.getName(), variable.getValue()));
        LoadResult result = ConfigLoader.parse(new String[] {"--config", dir.toString()}, environment, Path.of(""));
        assertThat(result).isInstanceOf(LoadResult.Loaded.class);
        return ((LoadResult.Loaded) result).config();
    }

    private static String yaml(String kustomization) {
        return Manifests.render(kustomization).the(ConfigMap.class).getData().get("nexusd.yaml");
    }

    /** Without comments, and without the blocks that say how nodes find each other. */
    private static String withoutPeers(String yaml) {
        return yaml.replaceAll("(?m)^ *#.*\n", "").replaceAll("(?m)^(peers|discovery):\n(( .*)?\n)*?(?=\\S)", "");
    }

    private static double number(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return Double.parseDouble(matcher.group(1));
    }

    private static String environment(Container container, String name) {
        return container.getEnv().stream()
                .filter(variable -> variable.getName().equals(name))
                .map(EnvVar::getValue)
                .findFirst()
                .orElseThrow();
    }

    private static PodSpec pod(String kustomization) {
        return Manifests.render(kustomization)
                .the(StatefulSet.class)
                .getSpec()
                .getTemplate()
                .getSpec();
    }

    private static Container container(String kustomization) {
        return pod(kustomization).getContainers().get(0);
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
