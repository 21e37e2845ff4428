package io.nexusd.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class EchoesTest {
    private static final Egress ETH = new Egress("eth0", 2, "10.0.0.1", false);
    private static final Egress WLAN = new Egress("wlan0", 3, "10.0.1.1", false);

    private final Echoes echoes = new Echoes();

    private void send(int times) {
        for (int i = 0; i < times; i++) {
            echoes.sent(List.of(ETH, WLAN));
        }
    }

    @Test
    void shouldJoinAgainWhereOneNetworkIsSilentAndWaitLongerEachTime() {
        send(Echoes.MISSED);
        echoes.heard("10.0.0.1");
        assertThat(echoes.isRejoinDue()).as("the other network is silent").isTrue();
        send(Echoes.MISSED);
        assertThat(echoes.isRejoinDue()).isFalse();
        assertThat(echoes.isRejoinDue()).isTrue();
    }

    @Test
    void shouldBeContentWithItsOwnBeacons() {
        send(Echoes.MISSED);
        echoes.heard("10.0.0.1");
        echoes.heard("10.0.1.1");
        assertThat(echoes.isRejoinDue()).isFalse();
        send(Echoes.MISSED);
        echoes.heard("192.168.0.1");
        assertThat(echoes.isSilent()).as("an address of no known network").isFalse();
    }
}
