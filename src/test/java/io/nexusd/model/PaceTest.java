package io.nexusd.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long MS = 1_000_000;

    private final Pace pace = new Pace();
    private final AtomicInteger relieved = new AtomicInteger();

    @Test
    void shouldHoldBackUntilThereIsRelief() {
        assertThat(pace.wantsRelief(false, 0)).isFalse();
        assertThat(pace.wantsRelief(true, 0)).isTrue();
        pace.whenRelieved(relieved::incrementAndGet);
        assertThat(pace.update(true, 10 * MS)).isTrue();
        assertThat(relieved).hasValue(0);
        assertThat(pace.update(false, 20 * MS)).isFalse();
        assertThat(relieved).hasValue(1);
        assertThat(pace.wantsRelief(true, 60 * MS)).isTrue();
    }

    @Test
    void shouldNotHoldBackForLongNorAgainSoonWhereNoReliefCame() {
        assertThat(pace.wantsRelief(true, 0)).isTrue();
        pace.whenRelieved(relieved::incrementAndGet);
        assertThat(pace.update(true, Pace.MAX_WAIT_NS)).isFalse();
        assertThat(relieved).hasValue(1);
        assertThat(pace.wantsRelief(true, Pace.MAX_WAIT_NS + MS)).isFalse();
        assertThat(pace.wantsRelief(true, 4_000 * MS)).isFalse();
        assertThat(pace.wantsRelief(true, 6_000 * MS)).isTrue();
    }

    @Test
    void shouldReleaseEverybodyWhenTheQueueGoes() {
        pace.wantsRelief(true, 0);
        pace.whenRelieved(relieved::incrementAndGet);
        pace.whenRelieved(relieved::incrementAndGet);
        pace.release();
        assertThat(relieved).hasValue(2);
        assertThat(pace.update(true, MS)).isFalse();
    }
}
