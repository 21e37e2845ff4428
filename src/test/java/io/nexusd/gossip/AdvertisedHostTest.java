package io.nexusd.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdvertisedHostTest {
    private static List<InetAddress> addresses(String... literals) {
        List<InetAddress> addresses = new ArrayList<>();
        for (String literal : literals) {
            try {
                addresses.add(InetAddress.getByName(literal));
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException(e);
            }
        }
        return addresses;
    }

    @Test
    void shouldTakeTheFirstAddressThatOthersCanReach() {
        assertThat(AdvertisedHost.first(addresses("127.0.0.1", "169.254.1.1", "fd00::1", "10.0.0.7", "10.0.0.8")))
                .contains("10.0.0.7");
        assertThat(AdvertisedHost.first(addresses("::1", "fe80::1", "fd00::1"))).contains("fd00::1");
        assertThat(AdvertisedHost.first(addresses("fd78::11%1")))
                .as("a zone means nothing elsewhere")
                .contains("fd78::11");
        assertThat(AdvertisedHost.first(addresses("127.0.0.1"))).isEmpty();
    }

    @Test
    void shouldTakeALinkLocalAddressOnlyForWantOfAnother() {
        List<InetAddress> linkLocal = addresses("127.0.0.1", "fe80::1%1", "fe80::2");
        assertThat(AdvertisedHost.first(linkLocal)).isEmpty();
        assertThat(AdvertisedHost.firstLinkLocal(linkLocal)).contains("fe80::1");
        assertThat(AdvertisedHost.firstLinkLocal(addresses("fe80::1", "169.254.1.1")))
                .contains("169.254.1.1");
        assertThat(AdvertisedHost.firstLinkLocal(addresses("127.0.0.1", "::1", "10.0.0.1")))
                .isEmpty();
    }
}
