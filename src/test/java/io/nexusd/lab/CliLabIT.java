package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.app.CliRun;
import io.nexusd.lab.Host.Options;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The command line client on a network: daemons it finds, and daemons that tell strangers little. */
@ExtendWith(ShowLogs.class)
class CliLabIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    private static List<JsonObject> cli(Host host, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                LabDaemon.jar().toString(),
                "cli"));
        command.addAll(List.of(arguments));
        return host.output(command).lines().map(JsonObject::new).toList();
    }

    @Test
    void shouldFindDaemonsAndShowOfEachWhatItTells() {
        try (Lab lab = Lab.withHosts(3)) {
            // The first is where the client runs, the second answers strangers, the third answers nobody from
            // elsewhere.
            LabDaemon own = lab.host(0).start();
            LabDaemon open = lab.host(1).start(Options.of().with("NEXUSD_ADMIN_REMOTE", "true"));
            LabDaemon closed = lab.host(2).start(Options.of().with("NEXUSD_APP_BIND", "127.0.0.1"));
            own.awaitReady();
            open.awaitReady();
            Mesh.awaitPeers(2, SOON, List.of(own, open));
            List<JsonObject> found = cli(lab.host(0), "--json", "LS", "--wait", "15000");
            assertThat(found)
                    .extracting(node -> node.getString("mesh"))
                    .containsExactlyInAnyOrder(
                            lab.host(0).endpoint(),
                            lab.host(1).endpoint(),
                            lab.host(2).endpoint());
            for (JsonObject node : found) {
                boolean isClosed = node.getString("mesh").equals(lab.host(2).endpoint());
                assertThat(node.getString("cluster")).isEqualTo("default");
                assertThat(node.getInteger("peers")).isEqualTo(isClosed ? null : Integer.valueOf(2));
                assertThat(node.getString("name") == null).as(node.encode()).isEqualTo(isClosed);
            }
            assertThat(closed.isAlive()).isTrue();
            JsonObject here = found.stream()
                    .filter(node -> node.getString("mesh").equals(lab.host(0).endpoint()))
                    .findFirst()
                    .orElseThrow();
            assertThat(cli(lab.host(0), "-n", String.valueOf(here.getInteger("index")), "--json", "INFO", "SERVER"))
                    .extracting(node -> node.getString("name"))
                    .containsExactly("n0");
            assertThat(denied(own).err()).contains("admin.remote");
            assertThat(CliRun.start(open.address(), open.appPort(), "", "--json", "INFO", "SERVER")
                            .ends(0)
                            .objects())
                    .extracting(node -> node.getString("name"))
                    .containsExactly("n1");
            // What every application may do, the client may too.
            CliRun peers = CliRun.start(own.address(), own.appPort(), "", "--json", "MESH", "PEERS")
                    .ends(0);
            assertThat(peers.objects())
                    .hasSize(2)
                    .allMatch(peer -> peer.getString("state").equals("alive"));
            assertThat(peers.err()).contains("admin.remote");
            CliRun.start(own.address(), own.appPort(), "", "PUBSUB", "TOPICS").ends(0);
            CliRun.start(own.address(), own.appPort(), "", "PUB", "a/b", "x").ends(0);
        }
    }

    private static CliRun denied(LabDaemon daemon) {
        CliRun.start(daemon.address(), daemon.appPort(), "", "MONITOR").ends(4);
        return CliRun.start(daemon.address(), daemon.appPort(), "", "INFO").ends(4);
    }
}
