package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.app.CliRun;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.Lab.Families;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Hosts with IPv6 addresses only, and hosts with addresses of both families. */
@ExtendWith(ShowLogs.class)
@LongRun
class Ipv6LabIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String GROUP = "ff05::2a01";

    private static String peers(Lab lab) {
        return lab.hosts().stream().map(Host::endpoint).collect(Collectors.joining(","));
    }

    @Test
    void shouldLinkByAListWithoutIpv4() {
        try (Lab lab = Lab.withHosts(3, Families.IPV6)) {
            List<LabDaemon> daemons = new ArrayList<>();
            for (Host host : lab.hosts()) {
                daemons.add(host.startByDefault("--peers", peers(lab)).awaitReady());
            }
            Mesh.awaitFull(SOON, daemons);
            assertThat(Mesh.alive(daemons.get(0)))
                    .as("what each finds out about itself: an address of the family that there is, without a zone")
                    .allMatch(endpoint -> endpoint.matches("\\[fd7[78]:[0-9]+::1[0-9]]:5671"));
            Mesh.assertMessagesCross(daemons);

            lab.cut(lab.host(2));
            Mesh.awaitPeers(1, SOON, daemons.subList(0, 2));
            lab.healAll();
            Mesh.awaitFull(SOON, daemons);
            Mesh.assertMessagesCross(daemons);

            daemons.get(1).kill();
            daemons.set(
                    1,
                    lab.host(1)
                            .startByDefault("--peers", lab.host(0).endpoint())
                            .awaitReady());
            Mesh.awaitFull(SOON, daemons);
            Mesh.assertMessagesCross(daemons);
        }
    }

    @Test
    void shouldFindEachOtherByAnIpv6Group() {
        try (Lab lab = Lab.withHosts(3, Families.IPV6)) {
            List<LabDaemon> daemons = new ArrayList<>();
            for (Host host : lab.hosts()) {
                daemons.add(host.start("--mcast-addr", GROUP));
            }
            daemons.forEach(LabDaemon::awaitReady);
            Mesh.awaitFull(SOON, daemons);
            assertThat(Mesh.alive(daemons.get(0)))
                    .containsExactlyInAnyOrder(
                            lab.host(1).endpoint(), lab.host(2).endpoint());
            Mesh.assertMessagesCross(daemons);

            lab.cut(lab.host(0));
            Mesh.awaitPeers(0, SOON, daemons.subList(0, 1));
            lab.healAll();
            Mesh.awaitFull(SOON, daemons);
        }
    }

    @Test
    void shouldFindEachOtherByALinkLocalGroupWithLinkLocalAddressesOnly() {
        try (Lab lab = Lab.withHosts(2, Families.IPV6)) {
            List<LabDaemon> daemons = new ArrayList<>();
            for (Host host : lab.hosts()) {
                host.run("ip", "addr", "flush", "dev", "mesh", "scope", "global");
                // The network of the test is no way between the nodes.
                host.filter("table ip6 lab {\nchain in {\ntype filter hook input priority 0;\n"
                        + "iifname \"mgmt\" meta l4proto { tcp, udp } th dport { 5670, 5671 } drop\n}\n}\n");
                daemons.add(host.startByDefault("--mcast-addr", "ff02::2a01"));
            }
            daemons.forEach(LabDaemon::awaitReady);
            Mesh.awaitFull(SOON, daemons);
            Mesh.assertMessagesCross(daemons);
        }
    }

    @Test
    void shouldDialALinkLocalAddressWithItsZone() {
        try (Lab lab = Lab.withHosts(2, Families.IPV6)) {
            Host first = lab.host(0);
            String linkLocal = lab.host(1)
                    .run("ip", "-6", "-o", "addr", "show", "dev", "mesh", "scope", "link")
                    .replaceFirst("(?s).*inet6 (fe80[0-9a-f:]+)/.*", "$1");
            LabDaemon one =
                    first.start("--peers", "[" + linkLocal + "%mesh]:5671").awaitReady();
            LabDaemon other = lab.host(1).start("--multicast", "false").awaitReady();
            Mesh.awaitFull(SOON, List.of(one, other));
            Mesh.assertMessagesCross(List.of(one, other));
        }
    }

    @Test
    void shouldFollowNamesThatHaveIpv6Addresses() {
        try (Lab lab = Lab.withHosts(3, Families.IPV6)) {
            DnsServer dns = lab.dns();
            List<LabDaemon> daemons = new ArrayList<>();
            Host.Options headless = Host.Options.of("--peers-dns", "nexusd-headless.svc:5671")
                    .with("NEXUSD_PEERS_DNS_REFRESH_MS", "500");
            Host.Options service =
                    Host.Options.of("--peers-dns", DnsServer.SERVICE).with("NEXUSD_PEERS_DNS_REFRESH_MS", "500");
            daemons.add(lab.host(0).start(headless).awaitServing());
            daemons.add(lab.host(1).start(headless).awaitServing());
            dns.record("nexusd-headless.svc", lab.host(0).address(), lab.host(1).address());
            Mesh.awaitFull(SOON, daemons);
            dns.record("n-0.svc", lab.host(0).address());
            daemons.add(lab.host(2).start(service).awaitServing());
            Mesh.awaitFull(SOON, daemons);
            Mesh.assertMessagesCross(daemons);
        }
    }

    @Test
    void shouldTryTheAddressesOfBothFamilies() {
        try (Lab lab = Lab.withHosts(2, Families.BOTH)) {
            DnsServer dns = lab.dns();
            Host named = lab.host(1);
            dns.record("both.svc", named.address(), named.ipv6Address());
            // Nothing answers over IPv4, not even that nobody is there.
            named.filter("table ip lab {\nchain in {\ntype filter hook input priority 0;\ntcp dport 5671 drop\n}\n}\n");
            LabDaemon dialing = lab.host(0).start("--peers", "both.svc:5671");
            LabDaemon other = named.start(
                    Host.Options.of("--multicast", "false").with("NEXUSD_NODE_ADVERTISE", named.ipv6Address()));
            Mesh.awaitFull(SOON, List.of(dialing, other));
            Mesh.assertMessagesCross(List.of(dialing, other));
        }
    }

    @Test
    void shouldLinkNodesOfBothFamiliesWithNodesOfEither() {
        try (Lab lab = Lab.withHosts(3, Families.BOTH)) {
            // One that has IPv4 only, one that has both, one that has IPv6 only.
            lab.host(0).run("ip", "-6", "addr", "flush", "dev", "mesh");
            lab.host(2).run("ip", "-4", "addr", "flush", "dev", "mesh");
            String both = "[" + lab.host(1).ipv6Address() + "]:5671";
            LabDaemon ipv4 =
                    lab.host(0).start("--peers", lab.host(1).endpoint()).awaitReady();
            LabDaemon dual = lab.host(1).start("--multicast", "false").awaitReady();
            LabDaemon ipv6 = lab.host(2)
                    .start(Host.Options.of("--peers", both)
                            .with("NEXUSD_NODE_ADVERTISE", lab.host(2).ipv6Address()))
                    .awaitReady();
            await("the node with both families linking the others")
                    .atMost(SOON)
                    .until(() -> Mesh.alive(dual).size() == 2);
            Mesh.assertMessagesCross(List.of(ipv4, dual));
            Mesh.assertMessagesCross(List.of(dual, ipv6));
        }
    }

    @Test
    void shouldServeCommandsOverIpv6() {
        try (Lab lab = Lab.withHosts(2, Families.IPV6)) {
            List<LabDaemon> daemons = new ArrayList<>();
            for (Host host : lab.hosts()) {
                daemons.add(host.start(Host.Options.of("--peers", peers(lab)).with("NEXUSD_ADMIN_REMOTE", "true"))
                        .awaitReady());
            }
            Mesh.awaitFull(SOON, daemons);
            LabDaemon daemon = daemons.get(0);
            assertThat(CliRun.start(daemon.address(), 5672, "", "--json", "MESH", "PEERS")
                            .ends(0)
                            .objects())
                    .extracting(peer -> peer.getString("endpoint"))
                    .contains(lab.host(1).endpoint());
            CliRun.start("[" + daemon.address() + "]", 5672, "", "PING").ends(0);
            assertThat(CliRun.bare("CONNECT", "[" + daemon.address() + "]:5672")
                            .ends(0)
                            .text())
                    .contains("[" + daemon.address() + "]:5672");
            assertThat(CliRun.bare("CONNECT", daemon.address()).ends(0).text()).contains("]:5672");
            assertThat(CliRun.bare("-h", "zz::1", "PING").ends(2).err()).contains("'zz::1'", "-p");
            assertThat(CliRun.bare("CONNECT", "zz::1").ends(2).err()).contains("'zz::1'", "brackets");
            try (ForeignSubscription subscription = daemons.get(1).client().subscribe("v6")) {
                Mesh.awaitInterest(daemon, "v6", 1, SOON);
                CliRun.start(daemon.address(), 5672, "", "PUB", "v6", "over IPv6")
                        .ends(0);
                subscription.awaitMessages(1);
                assertThat(subscription.payloads()).containsExactly("over IPv6");
                assertThat(CliRun.start(daemons.get(1).address(), 5672, "", "--json", "CLIENT", "LIST")
                                .ends(0)
                                .text())
                        .contains("[fd78:");
            }
            LabDaemon bench = LabDaemon.builder("bench-ipv6")
                    .arguments("bench", "--target", "[" + daemon.address() + "]:5672", "--target2")
                    .arguments(
                            "[" + daemons.get(1).address() + "]:5672", "--duration", "1", "--warm-up", "0.2", "--json")
                    .start();
            assertThat(bench.exitCode(SOON))
                    .as(String.valueOf(bench.logLines()))
                    .isZero();
            assertThat(bench.outputLines()).hasSize(1);
        }
    }
}
