package io.nexusd.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AttemptsTest {
    private final Attempts attempts = new Attempts(new SplittableRandom(1));

    @Test
    void shouldRetryAtOnceAndThenAfterGrowingJitteredWaits() {
        assertThat(attempts.mayBegin(Long.MIN_VALUE)).isTrue();
        assertThat(attempts.failed(false, 0)).isZero();
        long ceilingMs = 2_000;
        for (int i = 0; i < 100; i++) {
            long waitMs = attempts.failed(false, 100);
            assertThat(waitMs).isBetween(ceilingMs / 2, ceilingMs);
            assertThat(attempts.mayBegin(100 + waitMs - 1)).isFalse();
            assertThat(attempts.mayBegin(100 + waitMs)).isTrue();
            ceilingMs = Math.min(30_000, ceilingMs * 2);
        }
    }

    @Test
    void shouldNotWaitLongerWhileEachAttemptBringsSomething() {
        for (int i = 0; i < 10; i++) {
            assertThat(attempts.failed(true, i)).isZero();
        }
        assertThat(attempts.failures()).isEqualTo(10);
    }

    @Test
    void shouldBeNewsOnceFromTheSecondFailureToTheSuccess() {
        attempts.failed(false, 0);
        assertThat(attempts.isNews()).isFalse();
        attempts.failed(false, 0);
        assertThat(attempts.isNews()).isTrue();
        attempts.failed(false, 0);
        assertThat(attempts.isNews()).isFalse();
        assertThat(attempts.succeeded()).isTrue();
        assertThat(attempts.succeeded()).isFalse();
        assertThat(attempts.mayBegin(0)).isTrue();
        attempts.failed(false, 0);
        assertThat(attempts.succeeded()).as("nothing was said of one failure").isFalse();
    }
}
