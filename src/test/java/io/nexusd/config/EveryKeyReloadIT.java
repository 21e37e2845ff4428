package io.nexusd.config;

import static io.nexusd.lab.LiveFile.awaitInForce;
import static io.nexusd.lab.LiveFile.awaitLogged;
import static io.nexusd.lab.LiveFile.hangUp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.client.ForeignClient;
import io.nexusd.lab.FreePort;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.LiveFile;
import io.nexusd.lab.ShowLogs;
import io.nexusd.lab.Traffic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Edits every key of a running daemon while applications publish and subscribe there and at a peer. */
@ExtendWith(ShowLogs.class)
class EveryKeyReloadIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** While these are different from the peer's the nodes have nothing to do with each other. */
    private static final Set<String> PART_THE_NODES = Set.of("cluster.id");

    @TempDir
    Path dir;

    private LiveFile file;
    private LabDaemon edited;
    private LabDaemon peer;
    private ForeignClient clientOfEdited;
    private Traffic local;
    private Traffic inbound;
    private Traffic outbound;

    @BeforeEach
    void start() {
        int app = FreePort.tcp();
        int admin = FreePort.tcp();
        int mesh = FreePort.tcp();
        int peerMesh = FreePort.tcp();
        file = LiveFile.alone(dir.resolve("nexusd.yaml"), app, admin, mesh);
        // Beacons within this host, and a cluster of its own for the other nodes that may be on it.
        String cluster = "every-key-" + ProcessHandle.current().pid() + "-" + app;
        file.set("peers.static", "127.0.0.1:" + peerMesh)
                .set("node.name", "edited")
                .set("cluster.id", cluster)
                .set("discovery.multicast.enabled", true)
                .set("discovery.multicast.interface", "lo")
                .set("discovery.multicast.group", "239.255.42.77")
                .write();
        peer = LabDaemon.onLoopback("every-key-peer")
                .environment("NEXUSD_MESH_PORT", String.valueOf(peerMesh))
                .environment("NEXUSD_PEERS_STATIC", "127.0.0.1:" + mesh)
                .environment("NEXUSD_CLUSTER_ID", cluster)
                .environment("NEXUSD_PEERS_RETRY_INTERVAL_MS", "200")
                .environment("NEXUSD_PEERS_RETRY_COUNT", "1000000")
                .start();
        edited = LabDaemon.builder("every-key")
                .reachedAt("127.0.0.1", app, admin)
                .arguments("--config", file.path().toString())
                .start()
                .awaitReady();
        peer.awaitReady();
        // The application port will move; these streams stay where they are.
        clientOfEdited = new ForeignClient("127.0.0.1", app);
        await().atMost(LIMIT).until(() -> peer.client().peers().size() == 1);
        await().atMost(LIMIT).until(() -> clientOfEdited.peers().size() == 1);
        local = new Traffic(clientOfEdited, clientOfEdited, "local");
        inbound = new Traffic(peer.client(), clientOfEdited, "inbound");
        outbound = new Traffic(clientOfEdited, peer.client(), "outbound");
        local.awaitFlow();
        inbound.awaitFlow();
        outbound.awaitFlow();
    }

    @AfterEach
    void stop() {
        local.close();
        inbound.close();
        outbound.close();
        clientOfEdited.close();
        edited.close();
        peer.close();
    }

    @Test
    void shouldApplyEachKeyAloneWithoutBreakingAStream() {
        Map<String, String> values = values();
        // What was sent before the nodes knew each other's interest counts for nobody.
        int inboundMissing = inbound.missing().size();
        int outboundMissing = outbound.missing().size();
        for (Map.Entry<String, String> value : values.entrySet()) {
            String key = value.getKey();
            String usual = file.get(key);
            String before = usual == null ? KeyValues.defaultText(key) : usual;
            LabDaemon shown = adminAfter(key, value.getValue());
            file.set(key, value.getValue()).write();
            hangUp(edited);
            awaitLogged(edited, key, before, value.getValue(), 1);
            if (shown != null) {
                awaitInForce(shown, key, value.getValue());
            }
            check(key, true);
            if (usual == null) {
                file.unset(key);
            } else {
                file.set(key, usual);
            }
            file.write();
            hangUp(edited);
            awaitLogged(edited, key, value.getValue(), before, 1);
            awaitInForce(edited, key, before);
            check(key, false);
            if (PART_THE_NODES.contains(key)) {
                inboundMissing = inbound.missing().size();
                outboundMissing = outbound.missing().size();
            }
            assertThat(inbound.missing()).as(key + ": lost from the peer").hasSize(inboundMissing);
            assertThat(outbound.missing()).as(key + ": lost to the peer").hasSize(outboundMissing);
        }
        assertThat(local.missing()).isEmpty();
        assertThat(edited.logLines()).noneMatch(line -> line.contains("bus handler failed"));
    }

    @Test
    void shouldApplyAllKeysAtOnceWithoutBreakingAStream() {
        Map<String, String> values = values();
        // What the nodes need to go on knowing each other.
        values.remove("cluster.id");
        values.remove("log.level");
        Map<String, String> before = new LinkedHashMap<>();
        values.forEach((key, value) -> {
            before.put(key, file.get(key) == null ? KeyValues.defaultText(key) : file.get(key));
            file.set(key, value);
        });
        int inboundMissing = inbound.missing().size();
        int outboundMissing = outbound.missing().size();
        // By rename, and noticed by the daemon itself.
        file.rename();
        values.forEach((key, value) -> awaitLogged(edited, key, before.get(key), value, 1));
        local.awaitFlow();
        inbound.awaitFlow();
        outbound.awaitFlow();
        assertThat(local.missing()).isEmpty();
        assertThat(inbound.missing()).hasSize(inboundMissing);
        assertThat(outbound.missing()).hasSize(outboundMissing);
    }

    private void check(String key, boolean changed) {
        local.awaitFlow();
        if (PART_THE_NODES.contains(key) && changed) {
            await(key + ": nodes part")
                    .atMost(LIMIT)
                    .until(() -> peer.client().peers().isEmpty());
            inbound.assertAlive();
            outbound.assertAlive();
        } else {
            inbound.awaitFlow();
            outbound.awaitFlow();
        }
    }

    /** Where the daemon's views are after the edit; null where it shows none. */
    private LabDaemon adminAfter(String key, String value) {
        return key.startsWith("admin.") ? null : edited;
    }

    private Map<String, String> values() {
        Map<String, String> fitting = new LinkedHashMap<>();
        fitting.put("node.advertise", "localhost");
        fitting.put("mesh.bind", "0.0.0.0");
        fitting.put("app.bind", "0.0.0.0");
        fitting.put("admin.bind", "127.0.0.2");
        for (String key : List.of("mesh.port", "app.port", "admin.port")) {
            fitting.put(key, String.valueOf(FreePort.tcp()));
        }
        fitting.put("discovery.multicast.interface", "auto");
        fitting.put("discovery.multicast.enabled", "false");
        fitting.put("discovery.multicast.port", "45670");
        // Nobody is at the other endpoint; the peer stays configured.
        fitting.put("peers.static", file.get("peers.static") + ",127.0.0.1:9");
        fitting.put("peers.dns", "localhost:9,_mesh._tcp.nowhere.invalid");
        // Nothing expires while links are dialed anew.
        fitting.put("delivery.default-message-ttl-ms", "60000");
        fitting.put("log.level", "DEBUG");
        return KeyValues.changes(file.values(), fitting);
    }
}
