package io.nexusd.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Fetches;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Retention;
import io.nexusd.bus.Retention.Messages;
import io.nexusd.bus.Retention.PeerRetained;
import io.nexusd.model.Envelope;
import io.nexusd.model.Envelopes;
import io.nexusd.model.NodeId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A peer with five hundred messages of 4 KiB, over a link that breaks. */
@ExtendWith(VertxExtension.class)
class RetainedExchangeTest {
    private static final NodeId PEER = new NodeId("peer");
    private static final int COUNT = 500;

    private final RetainedStore theirs = new RetainedStore(10_000, 100_000_000);
    private final RetainedStore ours = new RetainedStore(10_000, 100_000_000);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<Integer> asked = new ArrayList<>();
    private int answersUntilBroken = 3;

    @Test
    void shouldKeepWhatCameAndAskForTheRest(Vertx vertx, VertxTestContext context) {
        for (int i = 0; i < COUNT; i++) {
            theirs.offer(Envelopes.of("id" + i, "t/" + i, "x".repeat(4096), 1, Envelope.NEVER), 0);
        }
        vertx.runOnContext(start -> {
            Bus bus = new Bus(vertx);
            bus.answer(
                    Retention.FETCH_DIGEST,
                    fetch -> Future.succeededFuture(theirs.digest(fetch.bucketHashes(), fetch.fromBucket(), 100)));
            bus.answer(Retention.FETCH_MESSAGES, fetch -> {
                asked.add(fetch.topics().size());
                if (answersUntilBroken-- == 0) {
                    return Future.failedFuture("the link broke");
                }
                return Future.succeededFuture(new Messages(theirs.some(fetch.topics(), 0)));
            });
            RetainedExchange exchange = new RetainedExchange(
                    bus, ours, new Fetches(new Meters(registry)), envelope -> ours.offer(envelope, 0), () -> {});
            int[] kept = {0};
            vertx.setPeriodic(
                    5,
                    beat -> context.verify(() -> {
                        if (kept[0] == 0 && counted("failure") == 1) {
                            kept[0] = ours.size();
                            assertThat(kept[0]).isPositive().isLessThan(COUNT);
                        }
                        if (ours.hash() == theirs.hash()) {
                            int retried =
                                    asked.stream().mapToInt(Integer::intValue).sum();
                            assertThat(kept[0]).isPositive();
                            assertThat(counted("failure")).isEqualTo(1);
                            // Pages overlap by what did not fit an answer, and by the page that the link broke.
                            assertThat(asked.get(4)).isLessThan(COUNT - kept[0] + 1);
                            assertThat(retried).isLessThan(3 * COUNT);
                            vertx.cancelTimer(beat);
                            context.completeNow();
                        } else {
                            exchange.onPeer(new PeerRetained(PEER, theirs.hash()), ours.hash(), System.nanoTime());
                        }
                    }));
        });
    }

    private double counted(String result) {
        return registry.get("nexusd.mesh.fetches")
                .tag("what", "retained")
                .tag("result", result)
                .counter()
                .count();
    }
}
