package io.nexusd.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SilenceLimitTest {
    private static final long NOTHING_HEARD = Long.MIN_VALUE;

    @Test
    void shouldEndAfterTheSilence() {
        SilenceLimit limit = new SilenceLimit(1_000, 5_000, 4_000_000);
        assertThat(limit.remainingMs(1_000, NOTHING_HEARD, 0)).isEqualTo(5_000);
        assertThat(limit.remainingMs(6_000, 900, 0)).as("heard before it began").isZero();
        assertThat(limit.remainingMs(6_000, 4_000, 13)).isEqualTo(3_000);
    }

    /** 8 MB at 4 Mbit/s, a read each second. */
    @Test
    void shouldGoOnWhileBytesCome() {
        SilenceLimit limit = new SilenceLimit(0, 5_000, 0);
        for (long nowMs = 0; nowMs <= 17_000; nowMs += 1_000) {
            assertThat(limit.remainingMs(nowMs + 999, nowMs, nowMs * 500)).isEqualTo(4_001);
        }
        assertThat(limit.remainingMs(1_000_000, 1_000_000, 500_000_000)).isPositive();
    }

    @Test
    void shouldEndWhereBytesComeTooSlowlyToBeOfUse() {
        SilenceLimit limit = new SilenceLimit(0, 5_000, 0);
        assertThat(limit.remainingMs(59_000, 58_900, 59)).isPositive();
        assertThat(limit.remainingMs(61_000, 60_900, 61)).isNegative();
    }
}
