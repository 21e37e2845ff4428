package io.nexusd.app;

import static io.nexusd.lab.LiveFile.awaitInForce;
import static io.nexusd.lab.LiveFile.awaitLogged;
import static io.nexusd.lab.LiveFile.hangUp;
import static io.nexusd.lab.LiveFile.inForce;
import static io.nexusd.lab.LiveFile.lastReload;
import static io.nexusd.lab.LiveFile.shown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.client.ForeignClient;
import io.nexusd.lab.FreePort;
import io.nexusd.lab.InvalidEdits;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.LiveFile;
import io.nexusd.lab.ShowLogs;
import io.nexusd.lab.Traffic;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Edits of the configuration of a running daemon. */
@ExtendWith(ShowLogs.class)
class ReloadIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int INVALID_EDITS = 200;

    @TempDir
    Path dir;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final int app = FreePort.tcp();
    private final int admin = FreePort.tcp();
    private final int mesh = FreePort.tcp();
    private LiveFile file;

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void shouldMoveEveryPortUnderTheStreamsThatAreThere() {
        LabDaemon daemon = start("reload-ports");
        LabDaemon peer = peer("reload-ports-peer", mesh);
        ForeignClient early = client(app);
        await().atMost(LIMIT).until(() -> early.peers().size() == 1);
        Traffic local = keep(new Traffic(early, early, "local"));
        Traffic inbound = keep(new Traffic(peer.client(), early, "inbound"));
        Traffic outbound = keep(new Traffic(early, peer.client(), "outbound"));
        local.awaitFlow();
        inbound.awaitFlow();
        outbound.awaitFlow();
        int lostIn = inbound.missing().size();
        int lostOut = outbound.missing().size();

        int newApp = FreePort.tcp();
        int newMesh = FreePort.tcp();
        int newAdmin = FreePort.tcp();
        file.set("app.port", newApp).set("mesh.port", newMesh).write();
        await("new ports").atMost(LIMIT).until(() -> accepts(newApp) && accepts(newMesh));
        await("end of the old ports").atMost(LIMIT).until(() -> !accepts(app) && !accepts(mesh));
        await("the peer knows")
                .atMost(LIMIT)
                .until(() -> peer.client().peers().get(0).getEndpoint().equals("127.0.0.1:" + newMesh));
        local.awaitFlow();
        inbound.awaitFlow();
        outbound.awaitFlow();
        assertThat(client(newApp).publish("local/other", "x").getSuccess()).isTrue();
        assertThat(local.missing()).isEmpty();
        assertThat(inbound.missing()).hasSize(lostIn);
        assertThat(outbound.missing()).hasSize(lostOut);
        assertThat(daemon.status("/readyz")).isEqualTo(200);

        file.set("admin.port", newAdmin).write();
        await("new admin port").atMost(LIMIT).until(() -> accepts(newAdmin) && !accepts(admin));
        file.set("admin.port", 0).write();
        await("no admin port").atMost(LIMIT).until(() -> !accepts(newAdmin));
        file.set("admin.port", admin).write();
        await("the admin port again").atMost(LIMIT).until(() -> daemon.status("/livez") == 200);
        local.awaitFlow();
        // The peer comes back to the new port by itself.
        assertThat(peer.metric("nexusd_mesh_peers", "state=\"alive\"")).isEqualTo(1);
    }

    @Test
    void shouldKeepTheOldPortWhileTheNewOneIsTaken() throws IOException {
        LabDaemon daemon = start("reload-taken");
        ForeignClient early = client(app);
        Traffic local = keep(new Traffic(early, early, "local")).awaitFlow();
        int taken;
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            taken = other.getLocalPort();
            file.set("app.port", taken).write();
            await("report").atMost(LIMIT).until(() -> !lastReload(daemon).getBoolean("successful"));
            assertThat(lastReload(daemon).getJsonArray("problems").getString(0))
                    .contains("app.port", String.valueOf(taken), "still listens on 127.0.0.1:" + app);
            assertThat(daemon.metric("nexusd_config_last_reload_successful")).isZero();
            assertThat(daemon.logLines()).anyMatch(line -> line.contains("WARN") && line.contains("not moved"));
            assertThat(client(app).publish("local/other", "x").getSuccess()).isTrue();
            assertThat(daemon.status("/readyz")).isEqualTo(200);
            local.awaitFlow();
        }
        // It is tried again, and nobody has to edit anything.
        await("the port at last").atMost(LIMIT).until(() -> accepts(taken) && !accepts(app));
        await("outcome").atMost(LIMIT).until(() -> lastReload(daemon).getBoolean("successful"));
        local.awaitFlow();
        assertThat(local.missing()).isEmpty();
    }

    @Test
    void shouldSeeTheSwapOfAMountedConfigMap() throws IOException {
        Path mounted = dir.resolve("mounted");
        swap(mounted, "..first", "INFO");
        file = LiveFile.alone(dir.resolve("unused"), app, admin, mesh);
        LabDaemon daemon = keep(LabDaemon.builder("reload-configmap")
                .reachedAt("127.0.0.1", app, admin)
                .arguments("--config", mounted.toString(), "--cluster", "by-flag")
                .start()
                .awaitReady());
        ForeignClient client = client(app);
        Traffic local = keep(new Traffic(client, client, "local")).awaitFlow();
        for (int i = 0; i < 3; i++) {
            swap(mounted, "..swap" + i, i % 2 == 0 ? "DEBUG" : "WARN");
            awaitInForce(daemon, "log.level", i % 2 == 0 ? "DEBUG" : "WARN");
        }
        // A flag wins over every edit.
        assertThat(inForce(daemon, "cluster.id")).isEqualTo("by-flag");
        local.awaitFlow();
        assertThat(local.missing()).isEmpty();
        assertThat(daemon.metric("nexusd_config_reloads_total", "failure")).isZero();
    }

    @Test
    void shouldReadItsFilesOnHangup() {
        LabDaemon daemon = start("reload-hangup");
        double before = daemon.metric("nexusd_config_reloads_total", "success");
        hangUp(daemon);
        await("a reload that changes nothing")
                .atMost(LIMIT)
                .until(() -> daemon.metric("nexusd_config_reloads_total", "success") > before);
        file.set("log.format", "json").rename();
        hangUp(daemon);
        awaitLogged(daemon, "log.format", "text", "json", 1);
        await("JSON").atMost(LIMIT).until(() -> {
            // One more line to see how it looks.
            hangUp(daemon);
            return daemon.logLines().get(daemon.logLines().size() - 1).startsWith("{");
        });
        assertThat(daemon.isAlive()).isTrue();
    }

    @Test
    void shouldLetARemovedPeerGoAndTakeItBack() {
        int peerMesh = FreePort.tcp();
        LabDaemon peer = keep(LabDaemon.onLoopback("reload-removed-peer")
                .environment("NEXUSD_MESH_PORT", String.valueOf(peerMesh))
                .start()
                .awaitReady());
        LabDaemon daemon = start("reload-removed");
        file.set("peers.static", "127.0.0.1:" + peerMesh).write();
        await("added peer").atMost(LIMIT).until(() -> peers(daemon) == 1 && peers(peer) == 1);
        // Another name of the same node in its place: the link is the same one before and after.
        double links = linksUp(daemon);
        file.set("peers.static", "localhost:" + peerMesh).write();
        awaitInForce(daemon, "peers.static", "localhost:" + peerMesh);
        await("the other name reached")
                .atMost(LIMIT)
                .until(() -> daemon.logLines().stream().noneMatch(line -> line.contains("peer not reached")));
        assertThat(linksUp(daemon)).isEqualTo(links);

        file.unset("peers.static").write();
        await("removed peer").atMost(LIMIT).until(() -> peers(daemon) == 0 && peers(peer) == 0);
        assertThat(daemon.logLines()).anyMatch(line -> line.contains("reason=DISMISSED"));

        file.set("peers.static", "127.0.0.1:" + peerMesh).write();
        await("the peer again").atMost(LIMIT).until(() -> peers(daemon) == 1 && peers(peer) == 1);
    }

    @Test
    void shouldMoveFromOneClusterToAnotherAndBack() {
        LabDaemon daemon = start("reload-cluster");
        LabDaemon red = peer("reload-cluster-red", mesh);
        LabDaemon blue = keep(LabDaemon.onLoopback("reload-cluster-blue")
                .environment("NEXUSD_CLUSTER_ID", "blue")
                .environment("NEXUSD_PEERS_STATIC", "127.0.0.1:" + mesh)
                .environment("NEXUSD_PEERS_RETRY_INTERVAL_MS", "200")
                .environment("NEXUSD_PEERS_RETRY_COUNT", "1000000")
                .start()
                .awaitReady());
        ForeignClient client = client(app);
        Traffic local = keep(new Traffic(client, client, "local")).awaitFlow();
        await("red").atMost(LIMIT).until(() -> peers(daemon) == 1 && peers(red) == 1);
        for (int i = 0; i < 2; i++) {
            file.set("cluster.id", "blue").write();
            await("blue").atMost(LIMIT).until(() -> peers(daemon) == 1 && peers(blue) == 1 && peers(red) == 0);
            file.unset("cluster.id").write();
            await("red").atMost(LIMIT).until(() -> peers(daemon) == 1 && peers(red) == 1 && peers(blue) == 0);
        }
        // It said so, and was not found dead.
        assertThat(red.logLines()).anyMatch(line -> line.contains("reason=LEFT"));
        assertThat(red.logLines()).noneMatch(line -> line.contains("reason=DEAD"));
        local.awaitFlow();
        assertThat(local.missing()).isEmpty();
    }

    @Test
    void shouldTakeNothingFromInvalidEdits() throws IOException {
        long seed = System.nanoTime();
        System.out.println("invalid edits: seed " + seed);
        InvalidEdits edits = new InvalidEdits(new Random(seed));
        LabDaemon daemon = start("reload-invalid");
        ForeignClient client = client(app);
        Traffic local = keep(new Traffic(client, client, "local")).awaitFlow();
        for (int i = 0; i < INVALID_EDITS; i++) {
            String digest = shown(daemon).getString("digest");
            double before = daemon.metric("nexusd_config_reloads_total", "failure");
            InvalidEdits.Edit edit = edits.next(file.text());
            String what = "edit " + i + " of seed " + seed + ": " + edit;
            if (edit.content() == null) {
                Files.deleteIfExists(file.path());
            } else {
                file.write(edit.content());
            }
            hangUp(daemon);
            await(what)
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> daemon.metric("nexusd_config_reloads_total", "failure") > before);
            JsonObject reload = lastReload(daemon);
            assertThat(reload.getBoolean("successful")).as(what).isFalse();
            assertThat(reload.getJsonArray("problems")).as(what).isNotEmpty();
            assertThat(reload.getJsonArray("changed")).as(what).isEqualTo(new JsonArray());
            assertThat(shown(daemon).getString("digest")).as(what).isEqualTo(digest);
            local.assertAlive();
            if (i % 20 == 19) {
                file.set("delivery.block-timeout-ms", 1000 + i).write();
                hangUp(daemon);
                awaitInForce(daemon, "delivery.block-timeout-ms", 1000 + i);
                assertThat(lastReload(daemon).getBoolean("successful")).isTrue();
            }
        }
        local.awaitFlow();
        assertThat(local.missing()).isEmpty();
        assertThat(daemon.metric("nexusd_config_last_reload_successful")).isEqualTo(1);
    }

    private LabDaemon start(String name) {
        file = LiveFile.alone(dir.resolve("nexusd.yaml"), app, admin, mesh).write();
        return keep(LabDaemon.builder(name)
                .reachedAt("127.0.0.1", app, admin)
                .arguments("--config", file.path().toString())
                .start()
                .awaitReady());
    }

    private LabDaemon peer(String name, int knows) {
        return keep(LabDaemon.onLoopback(name)
                .environment("NEXUSD_PEERS_STATIC", "127.0.0.1:" + knows)
                .environment("NEXUSD_PEERS_RETRY_INTERVAL_MS", "200")
                .environment("NEXUSD_PEERS_RETRY_COUNT", "1000000")
                .start()
                .awaitReady());
    }

    private ForeignClient client(int port) {
        return keep(new ForeignClient("127.0.0.1", port));
    }

    private <T extends AutoCloseable> T keep(T closeable) {
        open.add(closeable);
        return closeable;
    }

    private static int peers(LabDaemon daemon) {
        return new JsonObject(daemon.body("/peerz")).getJsonArray("peers").size();
    }

    private static double linksUp(LabDaemon daemon) {
        return daemon.logLines().stream()
                .filter(line -> line.contains("link up"))
                .count();
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void swap(Path mounted, String name, String level) throws IOException {
        Path data = Files.createDirectories(mounted.resolve(name));
        LiveFile.alone(data.resolve("nexusd.yaml"), app, admin, mesh)
                .set("log.level", level)
                .set("cluster.id", "by-file")
                .write();
        Files.createSymbolicLink(mounted.resolve("..data_tmp"), Path.of(name));
        Files.move(mounted.resolve("..data_tmp"), mounted.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        if (!Files.exists(mounted.resolve("nexusd.yaml"))) {
            Files.createSymbolicLink(mounted.resolve("nexusd.yaml"), Path.of("..data", "nexusd.yaml"));
        }
    }
}
