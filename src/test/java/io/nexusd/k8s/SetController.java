package io.nexusd.k8s;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What the StatefulSet controller would do next, as a pure decision: which pod to make, which ones to delete. Parallel sets make
 * and delete all at once, ordered ones one by one; an update goes from the highest number down, and waits for each.
 */
final class SetController {
    /** A pod as the controller sees it. */
    record Seen(int ordinal, String revision, boolean isReady, boolean isDeleting) {}

    /** Numbers of pods to make and to delete. */
    record Decision(List<Integer> create, List<Integer> delete) {
        static Decision none() {
            return new Decision(List.of(), List.of());
        }
    }

    private SetController() {}

    static String revision(StatefulSet set) {
        return Integer.toHexString(set.getSpec().getTemplate().toString().hashCode());
    }

    static Decision decide(StatefulSet set, List<Seen> pods) {
        int replicas = set.getSpec().getReplicas();
        boolean isParallel = "Parallel".equals(set.getSpec().getPodManagementPolicy());
        List<Integer> surplus = pods.stream()
                .filter(pod -> pod.ordinal() >= replicas)
                .filter(pod -> !pod.isDeleting())
                .map(Seen::ordinal)
                .sorted((a, b) -> b - a)
                .toList();
        List<Integer> missing = IntStream.range(0, replicas)
                .filter(i -> pods.stream().noneMatch(pod -> pod.ordinal() == i))
                .boxed()
                .toList();
        if (isParallel && !(surplus.isEmpty() && missing.isEmpty())) {
            return new Decision(missing, surplus);
        }
        boolean isSettled = pods.stream().allMatch(pod -> pod.isReady() && !pod.isDeleting());
        if (!missing.isEmpty()) {
            // Its predecessors must be ready first.
            int next = missing.get(0);
            boolean mayStart = pods.stream()
                    .filter(pod -> pod.ordinal() < next)
                    .allMatch(pod -> pod.isReady() && !pod.isDeleting());
            return mayStart ? new Decision(List.of(next), List.of()) : Decision.none();
        }
        if (!surplus.isEmpty()) {
            return isSettled ? new Decision(List.of(), surplus.subList(0, 1)) : Decision.none();
        }
        Optional<Integer> outdated = pods.stream()
                .filter(pod -> !pod.revision().equals(revision(set)))
                .map(Seen::ordinal)
                .max(Integer::compare);
        // One pod that is not ready stops an update, unless it is itself the next one to be replaced.
        return outdated.filter(next -> pods.stream()
                        .filter(pod -> pod.ordinal() > next)
                        .allMatch(pod -> pod.isReady() && !pod.isDeleting()))
                .filter(next -> pods.stream().noneMatch(Seen::isDeleting))
                .map(next -> new Decision(List.of(), List.of(next)))
                .orElse(Decision.none());
    }
}
