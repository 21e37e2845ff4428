package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.client.ForeignSubscription;
import io.nexusd.proto.sidecar.SubscribeRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An application whose host vanishes without a word, with the configuration that everybody has. */
@ExtendWith(ShowLogs.class)
@LongRun
class VanishedApplicationLabIT {
    /** Far below the fifteen minutes after which the kernel gives up, and patient with a busy machine. */
    private static final Duration NOTICED = Duration.ofSeconds(180);

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int COUNT = 200;

    @Test
    void shouldGiveTheShareOfAVanishedMemberToTheOthers() throws Exception {
        try (Lab lab = Lab.withHosts(2)) {
            LabDaemon daemon = lab.host(0).start("--app-bind", "0.0.0.0");
            daemon.awaitReady();
            Process vanishing = subscriber(lab.host(1), lab.host(0).address());
            try (ForeignSubscription staying = daemon.client()
                    .subscribe(SubscribeRequest.newBuilder()
                            .addTopics("jobs/#")
                            .setClientId("staying")
                            .setGroup("workers")
                            .build())) {
                await().atMost(SOON).until(() -> subscriptions(daemon) == 2);
                publish(daemon, "both");
                await("both to have a share").atMost(SOON).until(() -> staying.received() > 0);
                assertThat(staying.received()).isLessThan(COUNT);

                lab.cut(lab.host(1));
                publish(daemon, "meanwhile");
                await("the loss to be noticed").atMost(NOTICED).until(() -> subscriptions(daemon) == 1);

                long before = staying.received();
                publish(daemon, "after");
                staying.awaitReceived(before + COUNT, SOON);
                assertThat(daemon.metric("nexusd_connections_closed_total", "reason=\"silent\""))
                        .isEqualTo(1);
                assertThat(staying.status()).isNull();
            } finally {
                vanishing.destroyForcibly();
            }
        }
    }

    private static double subscriptions(LabDaemon daemon) {
        return daemon.metric("nexusd_active_subscriptions");
    }

    private static void publish(LabDaemon daemon, String text) {
        for (int i = 0; i < COUNT; i++) {
            daemon.client().publish("jobs/" + i, text);
        }
    }

    private static Process subscriber(Host host, String daemonAddress) throws IOException {
        List<String> command = new ArrayList<>(host.inside());
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                LabDaemon.jar().toString(),
                "cli",
                "-h",
                daemonAddress,
                "SUB",
                "jobs/#",
                "--group",
                "workers"));
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
