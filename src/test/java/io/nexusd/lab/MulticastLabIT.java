package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.proto.discovery.Beacon;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A LAN on which nothing is configured. */
@ExtendWith(ShowLogs.class)
class MulticastLabIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String HEARD = "nexusd_discovery_beacons_received_total";
    private static final int LAST = 5;

    /** Sends each line of its input, base64, as one datagram to the beacon group, from inside a host. */
    private static final String SENDER = """
            import base64, socket, sys, time
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(sys.argv[1]))
            for line in sys.stdin:
                s.sendto(base64.b64decode(line), ("239.255.42.1", 5670))
                time.sleep(0.002)  # a burst would overflow the receivers' buffers instead of being looked at
            """;

    @Test
    void shouldFindEachOtherWithNothingConfiguredWhateverTheLanSends() {
        long seed = System.nanoTime();
        try (Lab lab = Lab.withPlainHosts(3)) {
            List<LabDaemon> daemons =
                    lab.hosts().stream().map(Host::startUnconfigured).toList();
            daemons.forEach(LabDaemon::awaitServing);
            Mesh.awaitFull(SOON, daemons);
            Mesh.assertMessagesCross(daemons);

            LabDaemon first = daemons.get(0);
            Set<String> before = Mesh.uuids(first);
            send(lab.host(1), hostile(new Random(seed), lab, before));

            await("the last hostile datagram being heard")
                    .atMost(SOON)
                    .until(() -> first.metric(HEARD, "malformed") > 0 && first.metric(HEARD, "other_cluster") >= LAST);
            // What a forged beacon set going, a dial for instance, has had its time when more beats have gone out.
            double beats = first.metric("nexusd_discovery_beacons_sent_total");
            await("three more beats")
                    .atMost(SOON)
                    .until(() -> first.metric("nexusd_discovery_beacons_sent_total") >= beats + 3);
            for (LabDaemon daemon : daemons) {
                assertThat(Mesh.alive(daemon)).as("seed %d", seed).hasSize(2);
            }
            assertThat(Mesh.uuids(first)).as("seed %d", seed).isEqualTo(before);
            Mesh.assertMessagesCross(daemons);
        }
    }

    @Test
    void shouldFindEachOtherOnOneHostToo() {
        try (Lab lab = Lab.withHosts(2)) {
            List<LabDaemon> daemons = List.of(
                    lab.host(0).start(),
                    lab.host(0).startBeside("--mesh-port", "6671"),
                    lab.host(1).start());
            daemons.forEach(LabDaemon::awaitServing);
            Mesh.awaitFull(SOON, daemons);
            Mesh.assertMessagesCross(daemons);
        }
    }

    @Test
    void shouldKeepTwoClustersOnOneLanApart() {
        try (Lab lab = Lab.withHosts(4)) {
            List<LabDaemon> red =
                    List.of(lab.host(0).start("--cluster", "red"), lab.host(1).start("--cluster", "red"));
            List<LabDaemon> blue =
                    List.of(lab.host(2).start("--cluster", "blue"), lab.host(3).start("--cluster", "blue"));
            red.forEach(LabDaemon::awaitReady);
            blue.forEach(LabDaemon::awaitReady);
            Mesh.awaitPeers(1, SOON, red);
            Mesh.awaitPeers(1, SOON, blue);
            assertThat(Mesh.alive(red.get(0))).containsExactly(lab.host(1).endpoint());
            assertThat(Mesh.alive(blue.get(0))).containsExactly(lab.host(3).endpoint());
            Mesh.assertMessagesCross(red);
        }
    }

    private static List<byte[]> hostile(Random random, Lab lab, Set<String> live) {
        Beacon valid = Beacon.newBuilder()
                .setInstanceUuid(UUID.randomUUID().toString())
                .setClusterId("default")
                .setRpcIp(lab.meshAddress(200))
                .setRpcPort(5671)
                .setProtocolVersion(2)
                .build();
        List<byte[]> datagrams = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            byte[] noise = new byte[random.nextInt(600)];
            random.nextBytes(noise);
            datagrams.add(noise);
            byte[] whole = valid.toByteArray();
            datagrams.add(java.util.Arrays.copyOf(whole, random.nextInt(whole.length)));
        }
        datagrams.add(new byte[60_000]);
        datagrams.add(new byte[0]);
        datagrams.add(valid.toBuilder().setRpcPort(-5).build().toByteArray());
        // Nobody is there.
        datagrams.add(valid.toByteArray());
        for (String uuid : live) {
            // Live nodes, said to be somewhere else, to want something else, to leave.
            datagrams.add(valid.toBuilder()
                    .setInstanceUuid(uuid)
                    .setTopicStateHash(7)
                    .build()
                    .toByteArray());
            datagrams.add(valid.toBuilder()
                    .setInstanceUuid(uuid)
                    .setLeaving(true)
                    .build()
                    .toByteArray());
        }
        // They come last, so once they are counted the others have been looked at.
        datagrams.addAll(Collections.nCopies(
                LAST, valid.toBuilder().setClusterId("elsewhere").build().toByteArray()));
        return datagrams;
    }

    private static void send(Host from, List<byte[]> datagrams) {
        StringBuilder lines = new StringBuilder();
        datagrams.forEach(
                bytes -> lines.append(Base64.getEncoder().encodeToString(bytes)).append('\n'));
        List<String> command = new ArrayList<>(from.inside());
        command.addAll(List.of("python3", "-c", SENDER, from.address()));
        Shell.runWithInput(lines.toString(), command);
    }
}
