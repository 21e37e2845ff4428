package io.nexusd.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.model.IpAddress;
import java.util.List;
import java.util.stream.Stream;
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
    void shouldTakeAnAddressOfTheFamilyThatOtherHostsReach() {
        List<IpAddress> all = Stream.of("fe80::1%eth0", "10.0.0.1", "fd00::1", "fd00::2")
                .map(text -> IpAddress.parse(text).orElseThrow())
                .toList();
        assertThat(Egress.best(all, false)).map(IpAddress::toString).contains("10.0.0.1");
        assertThat(Egress.best(all, true)).map(IpAddress::toString).contains("fd00::1");
        assertThat(Egress.best(all.subList(0, 1), true))
                .map(IpAddress::toString)
                .as("without a zone, which means nothing elsewhere")
                .contains("fe80::1");
        assertThat(Egress.best(all.subList(2, 3), false)).isEmpty();
    }

    @Test
    void shouldUseOnlyTheNamedOne() {
        assertThat(Egress.choose(List.of(LO, ETH, WLAN), "wlan0")).containsExactly(WLAN);
        assertThat(Egress.choose(List.of(LO, ETH), "wlan0")).isEmpty();
    }
}
