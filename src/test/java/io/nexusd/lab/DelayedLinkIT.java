package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.client.ForeignSubscription;
import io.nexusd.proto.sidecar.SubscribeRequest;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A link with 50 ms of delay each way that stands still for three seconds in the middle of 100,000 messages. */
@ExtendWith(ShowLogs.class)
class DelayedLinkIT {
    private static final int MESSAGES = 100_000;
    private static final int PER_SECOND = 20_000;
    private static final Duration SOON = Duration.ofSeconds(60);

    @Test
    void shouldDeliverEachMessageOnceAndInOrder() {
        int meshPort = FreePort.tcp();
        try (LabDaemon receiver = LabDaemon.onLoopback("far")
                        .environment("NEXUSD_MESH_PORT", Integer.toString(meshPort))
                        .start();
                Relay relay = new Relay(meshPort, 50);
                LabDaemon sender = LabDaemon.onLoopback("near")
                        .environment("NEXUSD_PEERS_STATIC", "127.0.0.1:" + relay.port())
                        .environment("NEXUSD_MESH_OUTBOUND_QUEUE_LIMIT", "200000")
                        .start()) {
            Mesh.awaitFull(SOON, List.of(receiver, sender));
            ForeignSubscription subscription = receiver.client()
                    .subscribe(SubscribeRequest.newBuilder()
                            .addTopics("far")
                            .setAcceptBatches(true)
                            .build());
            Mesh.awaitInterest(sender, "far", 1, SOON);
            Flood flood = Flood.start(sender.client(), "far", MESSAGES, PER_SECOND);
            subscription.awaitMessages(MESSAGES / 5);
            relay.cut();
            await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
            relay.heal();
            assertThat(flood.awaitEnd(Duration.ofSeconds(60))).isEqualTo(MESSAGES);
            subscription.awaitMessages(MESSAGES, Duration.ofSeconds(60));
            assertThat(subscription.payloads())
                    .isEqualTo(IntStream.range(0, MESSAGES)
                            .mapToObj(Integer::toString)
                            .toList());
            Ledger.awaitBalance(sender);
            Ledger.awaitBalance(receiver);
        }
    }
}
