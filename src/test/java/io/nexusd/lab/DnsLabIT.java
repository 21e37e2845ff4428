package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.client.ForeignSubscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Names that come, go and change, as pods do. */
@ExtendWith(ShowLogs.class)
class DnsLabIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    private static Host.Options statefulSet(int replicas) {
        return new Host.Options(
                List.of(),
                Map.of(
                        "REPLICA_COUNT", String.valueOf(replicas),
                        "SERVICE_NAME", "svc",
                        "POD_NAME", "n-0",
                        "NEXUSD_PEERS_RETRY_INTERVAL_MS", "500",
                        "NEXUSD_PEERS_RETRY_MAX_INTERVAL_MS", "2000"));
    }

    @Test
    void shouldStartAStatefulSetWhoseNamesAppearOneByOne() {
        try (Lab lab = Lab.withHosts(3)) {
            DnsServer dns = lab.dns();
            LabDaemon first = lab.host(0).start(statefulSet(3)).awaitServing();
            try (ForeignSubscription local = first.client().subscribe("local")) {
                assertThat(first.client().publish("local", "alone").getSubscriberCount())
                        .isEqualTo(1);
                local.awaitMessages(1);
            }
            first.awaitReady();

            List<LabDaemon> daemons = new ArrayList<>(List.of(first));
            for (int i = 1; i < 3; i++) {
                daemons.add(lab.host(i).start(statefulSet(3)).awaitServing());
            }
            assertThat(first.client().peers()).isEmpty();
            for (int i = 0; i < 3; i++) {
                dns.record("n-" + i + ".svc", lab.host(i).address());
            }
            Mesh.awaitFull(SOON, daemons);
            Mesh.assertMessagesCross(daemons);

            // A pod is killed and comes back elsewhere; its name follows it.
            daemons.get(2).kill();
            lab.host(2).readdress(77);
            dns.record("n-2.svc");
            LabDaemon returned = lab.host(2).start(statefulSet(3)).awaitServing();
            dns.record("n-2.svc", lab.host(2).address());
            daemons.set(2, returned);
            for (LabDaemon survivor : daemons.subList(0, 2)) {
                await(survivor + " finding the returned node")
                        .atMost(SOON)
                        .until(
                                () -> Mesh.alive(survivor),
                                alive -> alive.contains(lab.host(2).endpoint()));
            }
            Mesh.awaitFull(SOON, daemons);
            Mesh.assertMessagesCross(daemons);
            assertThat(first.isAlive()).isTrue();
        }
    }

    @Test
    void shouldDialEveryHostOfAService() {
        try (Lab lab = Lab.withHosts(3)) {
            DnsServer dns = lab.dns();
            Host.Options service =
                    Host.Options.of("--peers-dns", DnsServer.SERVICE).with("NEXUSD_PEERS_DNS_REFRESH_MS", "500");
            List<LabDaemon> daemons = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                // One by one: at first the service has no host with an address at all.
                daemons.add(lab.host(i).start(service).awaitServing());
                dns.record("n-" + i + ".svc", lab.host(i).address());
            }
            Mesh.awaitFull(SOON, daemons);
            Mesh.assertMessagesCross(daemons);
        }
    }

    @Test
    void shouldFollowAHeadlessNameFromThreeAddressesToFive() {
        try (Lab lab = Lab.withHosts(5)) {
            DnsServer dns = lab.dns();
            Host.Options headless = Host.Options.of("--peers-dns", "nexusd-headless.svc:5671")
                    .with("NEXUSD_PEERS_DNS_REFRESH_MS", "1000");
            List<LabDaemon> daemons = new ArrayList<>();
            List<String> addresses = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                if (i == 3) {
                    daemons.forEach(LabDaemon::awaitServing);
                    Mesh.awaitFull(SOON, daemons);
                }
                addresses.add(lab.host(i).address());
                dns.record("nexusd-headless.svc", addresses.toArray(String[]::new));
                daemons.add(lab.host(i).start(headless));
            }
            daemons.forEach(LabDaemon::awaitServing);
            Mesh.awaitFull(SOON, daemons);
            Mesh.assertMessagesCross(daemons);
        }
    }
}
