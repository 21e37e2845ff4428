package io.nexusd.routing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TellingPaceTest {
    private static final long MS = 1_000_000;

    private final TellingPace pace = new TellingPace();

    @Test
    void shouldTellTheFirstChangeAndCheapOnesAtOnce() {
        assertThat(pace.waitMs(0)).isEqualTo(TellingPace.COALESCE_MS);
        pace.told(10 * MS, 10 * MS + 1000);
        assertThat(pace.waitMs(10 * MS + 1000)).isEqualTo(TellingPace.COALESCE_MS);
    }

    @Test
    void shouldTakeNoMoreThanAFifthOfTheTimeForTelling() {
        pace.told(0, 50 * MS);
        assertThat(pace.waitMs(50 * MS)).isEqualTo(200);
        assertThat(pace.waitMs(150 * MS)).isEqualTo(100);
    }

    @Test
    void shouldTellALoneChangeAtOnceHoweverMuchThereIsToTell() {
        pace.told(0, 50 * MS);
        assertThat(pace.waitMs(5_000 * MS)).isEqualTo(TellingPace.COALESCE_MS);
    }
}
