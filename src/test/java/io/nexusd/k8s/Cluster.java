package io.nexusd.k8s;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.nexusd.lab.Host;
import io.nexusd.lab.Lab;
import io.nexusd.lab.LabDaemon;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * What of a Kubernetes cluster one StatefulSet needs, on the hosts of a {@link Lab}: takes objects as {@code kubectl apply} does
 * and brings about what they say, with {@link SetController} for the set, a {@link Pod} for each kubelet's part, and a name server
 * that follows the Services. Each pod has a host, and another address at each start. A thread looks every 20 ms at what is to do.
 */
final class Cluster implements AutoCloseable {
    private static final String DOMAIN = "svc.cluster.local";
    private static final int FIRST_ADDRESS = 30;
    private static final int LAST_ADDRESS = 239;
    private static final long TICK_NS = 20_000_000;

    private final Lab lab;
    private final String namespace;
    private final ServiceNames names;
    private final Path directory;
    private final List<Host> free = new ArrayList<>();
    private final Map<String, HasMetadata> objects = new LinkedHashMap<>();
    private final List<Pod> pods = new ArrayList<>();
    private final Thread thread = new Thread(this::run, "cluster");
    private int nextAddress = FIRST_ADDRESS;
    private volatile boolean isNamingAll;
    private volatile boolean isClosed;
    private volatile Throwable failure;

    private Cluster(int machines, boolean hasMulticast, String namespace) {
        lab = Lab.withHosts(machines);
        this.namespace = namespace;
        names = new ServiceNames(lab.dns(
                "cluster.local",
                "search " + namespace + "." + DOMAIN + " " + DOMAIN
                        + " cluster.local\noptions ndots:5 timeout:1 attempts:2\n"));
        free.addAll(lab.hosts());
        directory = LabDaemon.logDirectory().resolve(lab.name() + "pods");
        if (!hasMulticast) {
            lab.dropMulticast();
        }
        AppImage.directory();
        thread.setDaemon(true);
        thread.start();
    }

    /** A cluster whose overlay network carries no multicast, as most of them do. */
    static Cluster withPods(int atMost) {
        return withPods(atMost, "nexusd");
    }

    /** As {@link #withPods(int)}, with the pods in another namespace than {@code nexusd}. */
    static Cluster withPods(int atMost, String namespace) {
        return new Cluster(atMost, false, namespace);
    }

    /** Machines on one LAN, for pods on the network of their machine. */
    static Cluster onLan(int machines) {
        return new Cluster(machines, true, "nexusd");
    }

    /**
     * Has the name server answer with pods that are not ready, whatever the Service says, as CoreDNS before 1.8.4 did.
     *
     * @see <a href="https://github.com/coredns/coredns/pull/4580">the change in CoreDNS</a>
     */
    Cluster withNamesOfPodsThatAreNotReady() {
        isNamingAll = true;
        return this;
    }

    /** Takes each object as it is from now on. */
    synchronized Cluster apply(Manifests manifests) {
        manifests.objects().forEach(this::apply);
        return this;
    }

    private synchronized void apply(HasMetadata object) {
        objects.put(key(object.getClass(), object.getMetadata().getName()), object);
        if (object instanceof ConfigMap) {
            pods.stream()
                    .filter(pod -> !pod.isGone())
                    .forEach(pod -> pod.files().sync());
        }
    }

    private static String key(Class<?> kind, String name) {
        return kind.getSimpleName() + " " + name;
    }

    /** Changes nothing but the number of replicas. */
    synchronized void scale(int replicas) {
        apply(new StatefulSetBuilder(set())
                .editSpec()
                .withReplicas(replicas)
                .endSpec()
                .build());
    }

    /** What {@code kubectl rollout restart} does: an annotation of the template changes, and with it the revision. */
    synchronized void restartRollout() {
        apply(new StatefulSetBuilder(set())
                .editSpec()
                .editTemplate()
                .editMetadata()
                .addToAnnotations("kubectl.kubernetes.io/restartedAt", String.valueOf(System.nanoTime()))
                .endMetadata()
                .endTemplate()
                .endSpec()
                .build());
    }

    /** What {@code kubectl edit configmap} does to one file in it. */
    void edit(String name, String file, UnaryOperator<String> change) {
        edit(
                name,
                old -> new ConfigMapBuilder(old)
                        .addToData(file, change.apply(old.getData().get(file)))
                        .build());
    }

    synchronized void edit(String name, UnaryOperator<ConfigMap> change) {
        apply(change.apply(configMap(name)));
    }

    /** The ConfigMap as it is now. */
    synchronized ConfigMap configMap(String name) {
        ConfigMap map = (ConfigMap) objects.get(key(ConfigMap.class, name));
        if (map == null) {
            throw new IllegalArgumentException("no ConfigMap " + name);
        }
        return map;
    }

    private StatefulSet set() {
        return all(StatefulSet.class).stream().findFirst().orElse(null);
    }

    private void run() {
        try {
            while (!isClosed) {
                tick();
                LockSupport.parkNanos(TICK_NS);
            }
        } catch (RuntimeException | AssertionError e) {
            failure = e;
        }
    }

    private synchronized void tick() {
        for (Pod gone : pods.stream().filter(Pod::isGone).toList()) {
            if (gone.failure() != null) {
                failure = gone.failure();
            }
            pods.remove(gone);
            free.add(gone.host());
            gone.host().filter(Policies.rules(List.of(), Map.of(), selector -> List.of(), gone::port));
            applyPolicies();
        }
        StatefulSet set = set();
        if (set != null) {
            SetController.Decision decision = SetController.decide(
                    set,
                    pods.stream()
                            .map(pod -> new SetController.Seen(
                                    ordinal(pod), pod.revision(), pod.isReady(), pod.isDeleting()))
                            .toList());
            decision.create().forEach(ordinal -> create(set, ordinal));
            decision.delete()
                    .forEach(ordinal ->
                            pods.stream().filter(pod -> ordinal(pod) == ordinal).forEach(Pod::delete));
        }
        names.publish(addressesByName());
    }

    private static int ordinal(Pod pod) {
        return Integer.parseInt(pod.name().substring(pod.name().lastIndexOf('-') + 1));
    }

    private void create(StatefulSet set, int ordinal) {
        if (free.isEmpty()) {
            return;
        }
        String name = set.getMetadata().getName() + "-" + ordinal;
        Host host = free.remove(0);
        if (nextAddress > LAST_ADDRESS) {
            nextAddress = FIRST_ADDRESS;
        }
        host.readdress(nextAddress++);
        var spec = set.getSpec().getTemplate().getSpec();
        Pod pod = new Pod(
                namespace,
                name,
                SetController.revision(set),
                spec,
                host,
                new PodFiles(
                        directory.resolve(name + "-" + nextAddress), spec, this::configMap, () -> all(Service.class)));
        pods.add(pod);
        applyPolicies();
        pod.start();
    }

    private void applyPolicies() {
        List<NetworkPolicy> policies = all(NetworkPolicy.class);
        if (policies.isEmpty()) {
            return;
        }
        Map<String, String> labels = labels();
        List<String> addresses = pods.stream().map(Pod::address).toList();
        for (Pod pod : pods) {
            pod.host()
                    .filter(Policies.rules(
                            policies,
                            labels,
                            selector -> Policies.matches(selector, labels) ? addresses : List.of(),
                            pod::port));
        }
    }

    private Map<String, String> labels() {
        return set().getSpec().getTemplate().getMetadata().getLabels();
    }

    /** Names of Services and of single pods; who is not ready is left out unless the Service says otherwise. */
    private Map<String, List<String>> addressesByName() {
        Map<String, List<String>> addresses = new HashMap<>();
        if (set() == null) {
            return addresses;
        }
        for (Service service : all(Service.class)) {
            String name = service.getMetadata().getName();
            for (Pod pod : endpoints(service)) {
                String domain = name + "." + namespace + "." + DOMAIN;
                addresses.computeIfAbsent(domain, any -> new ArrayList<>()).add(pod.address());
                if (name.equals(set().getSpec().getServiceName())) {
                    addresses.put(pod.name() + "." + domain, List.of(pod.address()));
                }
            }
        }
        return addresses;
    }

    private synchronized <T> List<T> all(Class<T> kind) {
        return objects.values().stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    private List<Pod> endpoints(Service service) {
        boolean takesAll = isNamingAll || Boolean.TRUE.equals(service.getSpec().getPublishNotReadyAddresses());
        Map<String, String> labels = set().getSpec().getTemplate().getMetadata().getLabels();
        if (!labels.entrySet().containsAll(service.getSpec().getSelector().entrySet())) {
            return List.of();
        }
        return pods.stream()
                .filter(pod -> takesAll || (pod.isReady() && !pod.isDeleting()))
                .sorted(Comparator.comparing(Pod::name))
                .toList();
    }

    /** Names of the pods to which the Service leads now. */
    synchronized List<String> endpoints(String service) {
        return endpoints((Service) objects.get(key(Service.class, service))).stream()
                .map(Pod::name)
                .toList();
    }

    synchronized List<Pod> pods() {
        return pods.stream().sorted(Comparator.comparing(Pod::name)).toList();
    }

    synchronized Pod pod(String name) {
        return pods.stream()
                .filter(pod -> pod.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no pod " + name));
    }

    /** Waits until there are so many pods, all of them ready and of the newest revision. */
    List<Pod> awaitReady(int count, Duration limit) {
        return awaitPods(count, limit, pod -> pod.isReady() && pod.revision().equals(SetController.revision(set())));
    }

    /** Waits until there are so many pods, none of them going, for all of which the condition holds. */
    List<Pod> awaitPods(int count, Duration limit, Predicate<Pod> condition) {
        await(count + " pods of the kind waited for")
                .atMost(limit)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    if (failure != null) {
                        throw new IllegalStateException("the player failed", failure);
                    }
                    List<Pod> all = pods();
                    return all.size() == count
                            && all.stream().allMatch(pod -> !pod.isDeleting() && condition.test(pod));
                });
        return pods();
    }

    Lab lab() {
        return lab;
    }

    @Override
    public void close() {
        isClosed = true;
        List<Pod> left = pods();
        left.forEach(Pod::delete);
        // The lab ends what still runs; pods see their process go.
        lab.close();
        for (Pod pod : left) {
            for (int i = 0; i < 250 && !pod.isGone(); i++) {
                LockSupport.parkNanos(TICK_NS);
            }
        }
        directory.toFile().delete();
    }
}
