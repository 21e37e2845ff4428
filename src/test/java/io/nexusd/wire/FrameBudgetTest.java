package io.nexusd.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FrameBudgetTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void shouldCoverTwoSecondsAtOnceAndTheMeanForEver() {
        FrameBudget budget = new FrameBudget(100, 0);
        assertThat(budget.spend(200)).isTrue();
        assertThat(budget.refill(100, 0)).isTrue();
        long nowNs = 0;
        for (int second = 0; second < 1000; second++) {
            nowNs += SECOND;
            assertThat(budget.spend(100) || budget.refill(100, nowNs)).isTrue();
        }
        assertThat(budget.spend(150) || budget.refill(100, nowNs)).isFalse();
    }

    @Test
    void shouldCoverTheWindowUpdatesForWhatTheClientIsSent() {
        FrameBudget budget = new FrameBudget(100, 0);
        for (int i = 0; i < 10_000; i++) {
            budget.sent(8 * 1024);
            assertThat(budget.spend(2) || budget.refill(100, 0)).isTrue();
        }
    }

    @Test
    void shouldNotFillBeyondTwoSeconds() {
        FrameBudget budget = new FrameBudget(100, 0);
        assertThat(budget.refill(100, 3600 * SECOND)).isTrue();
        assertThat(budget.spend(201) || budget.refill(100, 3600 * SECOND)).isFalse();
    }
}
