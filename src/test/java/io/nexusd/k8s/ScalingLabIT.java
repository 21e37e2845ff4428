package io.nexusd.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.Host;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.LongRun;
import io.nexusd.lab.Mesh;
import io.nexusd.lab.ShowLogs;
import io.nexusd.lab.Traffic;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The manifests as they are, from nothing to three pods, to five and to two, with nothing changed but {@code replicas}.
 * {@code -Dnexusd.pod-limits=off} gives the pods two cores each.
 */
@Tag("load")
@ExtendWith(ShowLogs.class)
@LongRun
class ScalingLabIT {
    static final Duration SOON = Duration.ofSeconds(120);

    @Test
    void shouldServeAndMeshAtTheFirstStartAndScaleUnnoticed() {
        try (Cluster cluster = Cluster.withPods(5)) {
            start(cluster);
            List<Pod> pods = cluster.awaitReady(3, SOON);
            pods.forEach(pod -> System.out.printf(
                    "%s: ready to the kubelet after %d ms%n", pod.name(), sinceStartMs(pod, pod.readyAtNs())));
            assertThat(cluster.endpoints("nexusd-lb")).hasSize(3);
            LabDaemon first = pods.get(0).daemon();
            LabDaemon second = pods.get(1).daemon();
            try (Traffic there = new Traffic(first.client(), second.client(), "there");
                    Traffic back = new Traffic(second.client(), first.client(), "back")) {
                there.awaitFlow();
                back.awaitFlow();
                int thereMissing = there.missing().size();
                int backMissing = back.missing().size();

                assertThat(pods.get(2).exec("/app/nexusd-cli", "MESH", "PEERS"))
                        .contains(pods.get(0).address() + ":5671", pods.get(1).address() + ":5671", "alive");

                cluster.scale(5);
                cluster.awaitReady(5, SOON);
                Mesh.awaitFull(SOON, daemons(cluster));
                Mesh.assertMessagesCross(daemons(cluster));

                cluster.scale(2);
                awaitLeft(cluster, first);
                cluster.awaitReady(2, SOON);
                there.awaitFlow();
                back.awaitFlow();
                assertThat(there.missing()).hasSize(thereMissing);
                assertThat(back.missing()).hasSize(backMissing);
            }
            assertPolicyHolds(cluster);
            for (Pod pod : cluster.pods()) {
                assertThat(pod.restarts()).as("restarts of %s", pod.name()).isZero();
                assertThat(pod.unreadyTimes())
                        .as("times %s was unready", pod.name())
                        .isZero();
            }
            assertThat(first.isAlive() && second.isAlive()).isTrue();
            assertThat(cluster.endpoints("nexusd-lb")).containsExactly("nexusd-0", "nexusd-1");
        }
    }

    static List<LabDaemon> daemons(Cluster cluster) {
        return cluster.pods().stream().map(Pod::daemon).toList();
    }

    /** The manifests as they are, or, to see what the limits cost, without them. */
    private static Manifests manifests() {
        Manifests manifests = Manifests.render(KustomizationTest.BASE);
        return "off".equals(System.getProperty("nexusd.pod-limits"))
                ? manifests.replacing(List.of(withoutLimits(manifests.the(StatefulSet.class))))
                : manifests;
    }

    private static StatefulSet withoutLimits(StatefulSet set) {
        StatefulSet copy = new StatefulSetBuilder(set).build();
        copy.getSpec().getTemplate().getSpec().getContainers().forEach(container -> container.setResources(null));
        return copy;
    }

    /** An application on the pod gets its own messages, before the mesh or after; says when. */
    private static String servesAlone(Pod pod) {
        LabDaemon daemon = pod.daemon().awaitServing();
        try (ForeignSubscription own = daemon.client().subscribe("own")) {
            assertThat(daemon.client().publish("own", "x").getSubscriberCount()).isPositive();
            own.awaitMessages(1);
        }
        long servedMs = sinceStartMs(pod, System.nanoTime());
        daemon.awaitReady();
        return "%s: applications served after %d ms, ready after %d ms"
                .formatted(pod.name(), servedMs, sinceStartMs(pod, System.nanoTime()));
    }

    private static long sinceStartMs(Pod pod, long atNs) {
        return (atNs - pod.startedAtNs()) / 1_000_000;
    }

    private static long meshedAtNs(Cluster cluster) {
        daemons(cluster).forEach(LabDaemon::awaitServing);
        Mesh.awaitFull(SOON, daemons(cluster));
        return System.nanoTime();
    }

    /** Starts three pods; each serves applications before the mesh is whole. Prints the times, which {@code bin/nexusd-measure} collects. */
    static Duration start(Cluster cluster) {
        cluster.apply(manifests());
        cluster.awaitPods(3, SOON, pod -> pod.daemon() != null);
        CompletableFuture<Long> meshedAtNs = CompletableFuture.supplyAsync(() -> meshedAtNs(cluster));
        List<CompletableFuture<String>> starts = cluster.pods().stream()
                .map(pod -> CompletableFuture.supplyAsync(() -> servesAlone(pod)))
                .toList();
        starts.forEach(start -> System.out.println(start.join()));
        long startedAtNs =
                cluster.pods().stream().mapToLong(Pod::startedAtNs).max().orElseThrow();
        Duration took = Duration.ofNanos(meshedAtNs.join() - startedAtNs);
        System.out.printf(
                "%d pods: full mesh %d ms after the last container started, limits enforced: %s%n",
                cluster.pods().size(),
                took.toMillis(),
                cluster.pods().get(0).files().isLimited());
        return took;
    }

    /** The removed pods announce their leave: none of them is declared dead after a silence. */
    private static void awaitLeft(Cluster cluster, LabDaemon survivor) {
        await("processes of the removed pods to end")
                .atMost(SOON)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> cluster.pods().size() == 2);
        await("removed pods out of the mesh")
                .atMost(SOON)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> survivor.client().peers().size() == 1);
        assertThat(survivor.logLines())
                .filteredOn(line -> line.contains("peer gone"))
                .hasSize(3)
                .allMatch(line -> line.contains("reason=LEFT"));
    }

    /** Who is no daemon reaches the applications' port and not the mesh; a pod gets nowhere but to other pods. */
    private static void assertPolicyHolds(Cluster cluster) {
        Pod pod = cluster.pods().get(0);
        Host outsider = cluster.lab().hosts().stream()
                .filter(host -> cluster.pods().stream().noneMatch(each -> each.host() == host))
                .findFirst()
                .orElseThrow();
        assertThat(outsider.reaches(pod.address(), 5672)).isTrue();
        assertThat(outsider.reaches(pod.address(), 5671)).isFalse();
        assertThat(pod.host().reaches(cluster.pods().get(1).address(), 5671)).isTrue();
        assertThat(pod.host().reaches(cluster.pods().get(1).address(), 5672)).isFalse();
    }
}
