package io.nexusd.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.model.NodeId;
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

    private static LocalAddresses.Local local(String interfaceName, int index, String address) {
        return new LocalAddresses.Local(interfaceName, index, addresses(address).get(0));
    }

    @Test
    void shouldPreferWhatTheRoutingTablePrefersAndBridgesLast() {
        List<LocalAddresses.Local> all =
                List.of(local("docker0", 2, "172.17.0.1"), local("eth0", 3, "10.0.0.7"), local("eth1", 4, "10.1.0.7"));
        assertThat(AdvertisedHost.of(LocalAddresses.grouped(all, List.of(), List.of()))
                        .host())
                .isEqualTo("10.0.0.7");
        assertThat(AdvertisedHost.of(LocalAddresses.grouped(all, List.of(), addresses("10.1.0.7")))
                        .host())
                .isEqualTo("10.1.0.7");
        assertThat(AdvertisedHost.of(LocalAddresses.grouped(all, addresses("10.0.0.7"), addresses("10.1.0.7")))
                        .host())
                .isEqualTo("10.0.0.7");
        assertThat(AdvertisedHost.of(LocalAddresses.grouped(
                                List.of(local("docker0", 2, "172.17.0.1")), List.of(), List.of()))
                        .host())
                .isEqualTo("172.17.0.1");
    }

    @Test
    void shouldFollowTheNetworkOfThePeers() {
        OwnHost own = new OwnHost();
        own.found(AdvertisedHost.of(LocalAddresses.grouped(
                List.of(local("br0", 2, "172.17.0.1"), local("eth0", 3, "10.0.0.7")), List.of(), List.of())));
        assertThat(own.current()).isEqualTo("172.17.0.1");
        NodeId peer = new NodeId("p");
        own.connected(peer, "10.0.0.7", "10.0.0.7");
        assertThat(own.current()).as("within this host").isEqualTo("172.17.0.1");
        own.connected(peer, "10.0.0.7", "10.0.0.8");
        assertThat(own.current()).isEqualTo("10.0.0.7");
        own.gone(peer);
        assertThat(own.current()).isEqualTo("172.17.0.1");
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
