package io.nexusd.meshapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.model.NodeId;
import org.junit.jupiter.api.Test;

class TakenSequencesTest {
    private static final NodeId A = new NodeId("a");

    private final TakenSequences taken = new TakenSequences(2);

    @Test
    void shouldRecogniseRepeatsWhollyAndInPart() {
        assertThat(taken.last(A)).isZero();
        assertThat(taken.take(A, 1, 10)).isZero();
        assertThat(taken.take(A, 1, 10)).isEqualTo(10);
        assertThat(taken.take(A, 6, 10)).isEqualTo(5);
        assertThat(taken.last(A)).isEqualTo(15);
    }

    @Test
    void shouldAcceptGapsThatTheSenderLeft() {
        assertThat(taken.take(A, 5, 1)).isZero();
        assertThat(taken.last(A)).isEqualTo(5);
        assertThat(taken.take(A, 100, 2)).isZero();
        assertThat(taken.last(A)).isEqualTo(101);
    }

    @Test
    void shouldForgetTheNodeHeardLeastRecently() {
        taken.take(A, 1, 1);
        taken.take(new NodeId("b"), 1, 1);
        taken.take(A, 2, 1);
        taken.take(new NodeId("c"), 1, 1);
        assertThat(taken.last(A)).isEqualTo(2);
        assertThat(taken.last(new NodeId("b"))).isZero();
    }
}
