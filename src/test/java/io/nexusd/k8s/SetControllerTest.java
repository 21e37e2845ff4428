package io.nexusd.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.nexusd.k8s.SetController.Decision;
import io.nexusd.k8s.SetController.Seen;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The player's controller does what Kubernetes documents of StatefulSets; a wrong one would prove nothing. */
class SetControllerTest {
    private static StatefulSet set(int replicas, String policy) {
        return new StatefulSetBuilder()
                .withNewSpec()
                .withReplicas(replicas)
                .withPodManagementPolicy(policy)
                .withNewTemplate()
                .endTemplate()
                .endSpec()
                .build();
    }

    private static Seen pod(StatefulSet set, int ordinal, boolean isReady) {
        return new Seen(ordinal, SetController.revision(set), isReady, false);
    }

    @Test
    void shouldStartAndStopAParallelSetAllAtOnce() {
        StatefulSet set = set(3, "Parallel");
        assertThat(SetController.decide(set, List.of())).isEqualTo(new Decision(List.of(0, 1, 2), List.of()));
        StatefulSet less = set(1, "Parallel");
        assertThat(SetController.decide(less, List.of(pod(less, 0, true), pod(less, 1, true), pod(less, 2, false))))
                .isEqualTo(new Decision(List.of(), List.of(2, 1)));
    }

    @Test
    void shouldStartAndStopAnOrderedSetOneByOne() {
        StatefulSet set = set(3, null);
        assertThat(SetController.decide(set, List.of())).isEqualTo(new Decision(List.of(0), List.of()));
        assertThat(SetController.decide(set, List.of(pod(set, 0, false)))).isEqualTo(Decision.none());
        assertThat(SetController.decide(set, List.of(pod(set, 0, true))))
                .isEqualTo(new Decision(List.of(1), List.of()));
        StatefulSet less = set(1, null);
        assertThat(SetController.decide(less, List.of(pod(less, 0, true), pod(less, 1, true), pod(less, 2, true))))
                .isEqualTo(new Decision(List.of(), List.of(2)));
    }

    @Test
    void shouldReplaceOutdatedPodsFromTheHighestAndWaitForEach() {
        StatefulSet set = set(2, "Parallel");
        Seen old0 = new Seen(0, "old", true, false);
        assertThat(SetController.decide(set, List.of(old0, new Seen(1, "old", true, false))))
                .isEqualTo(new Decision(List.of(), List.of(1)));
        assertThat(SetController.decide(set, List.of(old0, new Seen(1, "old", false, true))))
                .isEqualTo(Decision.none());
        assertThat(SetController.decide(set, List.of(old0))).isEqualTo(new Decision(List.of(1), List.of()));
        assertThat(SetController.decide(set, List.of(old0, pod(set, 1, false)))).isEqualTo(Decision.none());
        assertThat(SetController.decide(set, List.of(old0, pod(set, 1, true))))
                .isEqualTo(new Decision(List.of(), List.of(0)));
    }
}
