package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Nodes whose own word about their address is of no use to others. */
@ExtendWith(ShowLogs.class)
@LongRun
class AddressesLabIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String BRIDGE = "172.17.0.1";

    private static List<LabDaemon> startAroundTheFirst(Lab lab, String advertise) {
        Host.Options alone = Host.Options.of("--multicast", "false").with("NEXUSD_NODE_ADVERTISE", advertise);
        Host.Options others =
                Host.Options.of("--peers", lab.host(0).endpoint()).with("NEXUSD_NODE_ADVERTISE", advertise);
        List<LabDaemon> daemons = List.of(
                lab.host(0).start(alone), lab.host(1).start(others), lab.host(2).start(others));
        daemons.forEach(LabDaemon::awaitServing);
        return daemons;
    }

    private static List<String> warnings(LabDaemon daemon, String text) {
        return daemon.logLines().stream()
                .filter(line -> line.contains("WARN") && line.contains(text))
                .toList();
    }

    private static void awaitLinks(List<LabDaemon> daemons) {
        for (LabDaemon daemon : daemons) {
            await(daemon + " having a link to each other node")
                    .atMost(SOON)
                    .ignoreExceptions()
                    .until(() -> daemon.body("/peerz").split("\"linked\" ?: ?true", -1).length == daemons.size());
        }
    }

    @Test
    void shouldAdvertiseTheNetworkOfThePeersWhereABridgeComesFirst() {
        try (Lab lab = Lab.withContainerHosts(3)) {
            List<LabDaemon> daemons = startAroundTheFirst(lab, "");
            Mesh.awaitFull(SOON, daemons);
            awaitLinks(daemons);
            Mesh.assertMessagesCross(daemons);
            assertThat(Mesh.alive(daemons.get(2)))
                    .containsExactlyInAnyOrder(
                            lab.host(0).endpoint(), lab.host(1).endpoint());
        }
    }

    @Test
    void shouldLinkNodesThatAdvertiseOneAddressAndSaySo() {
        try (Lab lab = Lab.withContainerHosts(3)) {
            List<LabDaemon> daemons = startAroundTheFirst(lab, BRIDGE);
            awaitLinks(daemons);
            Mesh.assertMessagesCross(daemons);
            for (LabDaemon daemon : daemons) {
                await(daemon + " warning of each of the others")
                        .atMost(SOON)
                        .until(() -> warnings(daemon, "this node itself answers"), lines -> lines.size() == 2);
                assertThat(warnings(daemon, "this node itself answers"))
                        .allMatch(line -> line.contains(BRIDGE + ":5671") && line.contains("node.advertise"));
            }
            assertThat(warnings(daemons.get(0), "this node itself answers"))
                    .anyMatch(line -> line.contains("name=n1"))
                    .anyMatch(line -> line.contains("name=n2"));
        }
    }

    @Test
    void shouldKeepBothOfTwoNodesWithOneNameAndOneAddress() {
        try (Lab lab = Lab.withHosts(3)) {
            Host.Options copy = Host.Options.of("--peers", lab.host(0).endpoint())
                    .with("NEXUSD_NODE_NAME", "copy")
                    .with("NEXUSD_NODE_ADVERTISE", lab.host(1).address());
            LabDaemon first = lab.host(0).start("--multicast", "false").awaitServing();
            List<LabDaemon> daemons =
                    List.of(first, lab.host(1).start(copy), lab.host(2).start(copy));
            daemons.forEach(LabDaemon::awaitServing);
            await("the conflict being told")
                    .atMost(SOON)
                    .until(() -> !warnings(first, "same name and address").isEmpty());
            awaitLinks(daemons);
            Mesh.assertMessagesCross(daemons);
            double beats = first.metric("nexusd_discovery_sync_operations_total");
            Mesh.assertMessagesCross(daemons);
            assertThat(first.metric("nexusd_discovery_sync_operations_total")).isGreaterThan(beats);
            assertThat(warnings(first, "same name and address")).hasSize(1);
            assertThat(first.metric("nexusd_mesh_peers_gone_total", "replaced")).isLessThanOrEqualTo(2);

            // A restart of one of them still replaces that one.
            daemons.get(2).kill();
            LabDaemon restarted = lab.host(2).start(copy).awaitServing();
            List<LabDaemon> now = List.of(first, daemons.get(1), restarted);
            awaitLinks(now);
            Mesh.assertMessagesCross(now);
            assertThat(first.metric("nexusd_mesh_peers_gone_total", "replaced")).isLessThanOrEqualTo(4);
        }
    }

    @Test
    void shouldFollowTheHostsFileAndTheNameServers() {
        try (Lab lab = Lab.withHosts(3)) {
            DnsServer dns = lab.dns();
            dns.record("second.svc", lab.host(2).address());
            Host dialing = lab.host(0);
            dialing.writeEtc("hosts", "127.0.0.1 localhost\n" + lab.meshAddress(201) + " first\n");
            dialing.writeEtc("resolv.conf", "nameserver " + lab.meshAddress(202) + "\n");
            LabDaemon daemon = dialing.start(
                            "--peers",
                            "first:5671,second.svc:5671",
                            "--peer-retry-interval",
                            "500",
                            "--peer-retry-max-interval",
                            "1000")
                    .awaitServing();
            LabDaemon first = lab.host(1).start("--multicast", "false").awaitServing();
            LabDaemon second = lab.host(2).start("--multicast", "false").awaitServing();
            await("the daemon finding neither")
                    .atMost(SOON)
                    .until(() -> daemon.logLines().stream()
                            .anyMatch(line -> line.contains("not reached") && line.contains("second.svc")));
            assertThat(daemon.client().peers()).isEmpty();

            dialing.writeEtc("hosts", "127.0.0.1 localhost\n" + lab.host(1).address() + " first\n");
            Mesh.awaitPeers(1, SOON, List.of(daemon));
            // A file that is being written says nothing.
            dialing.writeEtc("resolv.conf", "");
            dialing.writeEtc("resolv.conf", "nameserver " + dns.address() + "\n");
            Mesh.awaitFull(SOON, List.of(daemon, first, second));
        }
    }
}
