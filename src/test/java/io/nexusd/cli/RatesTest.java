package io.nexusd.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RatesTest {
    private static final long SECOND_NS = 1_000_000_000;

    @Test
    void shouldTellHowFastCountersGrow() {
        Rates rates = new Rates();
        rates.look(Map.of("a", 100.0, "b", 5.0), 0);
        assertThat(rates.of("a")).isZero();
        rates.look(Map.of("a", 110.0, "b", 105.0, "new", 4.0), 2 * SECOND_NS);
        assertThat(rates.of("a")).isEqualTo(5);
        assertThat(rates.of("new")).isEqualTo(2);
        assertThat(rates.of("unheard of")).isZero();
        assertThat(rates.fastest()).containsExactly("b", "a", "new");
    }

    @Test
    void shouldTakeACounterThatWentBackForANewOne() {
        Rates rates = new Rates();
        rates.look(Map.of("a", 100.0), 0);
        rates.look(Map.of("a", 3.0), SECOND_NS);
        assertThat(rates.of("a")).isEqualTo(3);
    }
}
