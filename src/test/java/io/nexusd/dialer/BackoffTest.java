package io.nexusd.dialer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private final Backoff backoff = new Backoff(3, 2_000, 60_000, new SplittableRandom(1));

    @Test
    void shouldStartTheFirstAttemptsAtAFixedInterval() {
        assertThat(backoff.nextAttemptMono(1, 10_000, 10_500)).isEqualTo(12_000);
        assertThat(backoff.nextAttemptMono(2, 12_000, 12_001)).isEqualTo(14_000);
    }

    @Test
    void shouldNotWaitAfterAnAttemptThatTookLongerThanTheInterval() {
        assertThat(backoff.nextAttemptMono(1, 10_000, 15_000)).isEqualTo(15_000);
    }

    @Test
    void shouldGrowWithFullJitterUpToTheMaximumAfterThat() {
        assertThat(backoff.ceilingMs(3)).isEqualTo(4_000);
        assertThat(backoff.ceilingMs(4)).isEqualTo(8_000);
        assertThat(backoff.ceilingMs(8)).isEqualTo(60_000);
        assertThat(backoff.ceilingMs(1_000_000)).isEqualTo(60_000);
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int i = 0; i < 10_000; i++) {
            long waitMs = backoff.nextAttemptMono(10, 0, 0);
            least = Math.min(least, waitMs);
            most = Math.max(most, waitMs);
        }
        assertThat(least).isLessThan(1_000);
        assertThat(most).isBetween(59_000L, 60_000L);
    }

    @Test
    void shouldTellOnceThatTheFixedIntervalEnds() {
        assertThat(backoff.exhaustedBy(2)).isFalse();
        assertThat(backoff.exhaustedBy(3)).isTrue();
        assertThat(backoff.exhaustedBy(4)).isFalse();
        assertThat(backoff.exhausted(4)).isTrue();
    }
}
