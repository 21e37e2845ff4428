package io.nexusd.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class EgressTest {
    private static final Egress LO = new Egress("lo", 1, "127.0.0.1", true);
    private static final Egress ETH = new Egress("eth0", 2, "10.0.0.1", false);
    private static final Egress WLAN = new Egress("wlan0", 3, "10.0.1.1", false);

    @Test
    void shouldUseEveryNetworkButTheLoopback() {
        assertThat(Egress.choose(List.of(LO, ETH, WLAN), "auto")).containsExactly(ETH, WLAN);
    }

    @Test
    void shouldUseTheLoopbackWhereThereIsNothingElse() {
        assertThat(Egress.choose(List.of(LO), "auto")).containsExactly(LO);
    }

    @Test
    void shouldUseOnlyTheNamedOne() {
        assertThat(Egress.choose(List.of(LO, ETH, WLAN), "wlan0")).containsExactly(WLAN);
        assertThat(Egress.choose(List.of(LO, ETH), "wlan0")).isEmpty();
    }
}
