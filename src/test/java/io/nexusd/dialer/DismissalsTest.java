package io.nexusd.dialer;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.model.NodeId;
import java.util.List;
import org.junit.jupiter.api.Test;

class DismissalsTest {
    private static final NodeId A = new NodeId("a");
    private static final NodeId B = new NodeId("b");

    private final Dismissals dismissals = new Dismissals();

    @Test
    void shouldLetGoWhomNothingNamesWhenTheTimeHasCome() {
        dismissals.unnamed(List.of(A, B), 100);
        assertThat(dismissals.nextDueMono()).hasValue(100);
        assertThat(dismissals.takeDue(peer -> false, 99)).isEmpty();
        assertThat(dismissals.takeDue(B::equals, 100)).containsExactly(A);
        assertThat(dismissals.isLetGo(A)).isTrue();
        assertThat(dismissals.isLetGo(B)).isFalse();
        assertThat(dismissals.nextDueMono()).isEmpty();
        assertThat(dismissals.takeDue(peer -> false, 200)).as("once").isEmpty();
    }

    @Test
    void shouldKeepWhoSpeaksForItself() {
        dismissals.unnamed(List.of(A), 100);
        dismissals.named(A);
        assertThat(dismissals.takeDue(peer -> false, 100)).isEmpty();
    }

    @Test
    void shouldBelieveOthersAgainOnceThePeerHasSpokenForItself() {
        dismissals.letGo(A);
        assertThat(dismissals.isLetGo(A)).isTrue();
        dismissals.named(A);
        assertThat(dismissals.isLetGo(A)).isFalse();
    }

    @Test
    void shouldRememberOnlySoMany() {
        for (int i = 0; i < 5000; i++) {
            dismissals.letGo(new NodeId("n" + i));
        }
        assertThat(dismissals.isLetGo(new NodeId("n0"))).isFalse();
        assertThat(dismissals.isLetGo(new NodeId("n4999"))).isTrue();
    }
}
