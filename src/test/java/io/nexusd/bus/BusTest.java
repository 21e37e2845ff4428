package io.nexusd.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.model.Settings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class BusTest {
    private record Ping(int number) {}

    private record Pong(Ping ping) {}

    private static final Address<Ping> PING = new Address<>("test.ping");
    private static final Query<Ping, Pong> ECHO = new Query<>("test.echo");
    private static final Address<Void> TICK = new Address<>("test.tick");
    private static final Query<Void, Pong> LAST = new Query<>("test.last");
    private static final Query<Ping, Void> STORE = new Query<>("test.store");

    @Test
    void shouldPassTheSameRecordInOrderAndSurviveAThrowingHandler(Vertx vertx, VertxTestContext context) {
        Bus bus = new Bus(vertx);
        List<Ping> sent = List.of(new Ping(1), new Ping(2), new Ping(3));
        List<Ping> received = new ArrayList<>();
        bus.on(PING, ping -> {
            received.add(ping);
            if (ping.number() == 1) {
                throw new IllegalStateException("expected by this test");
            }
            if (received.size() == 3) {
                context.verify(() -> {
                    assertThat(received)
                            .usingElementComparator((a, b) -> a == b ? 0 : 1)
                            .isEqualTo(sent);
                    assertThat(bus.handlerFailures()).isEqualTo(1);
                });
                context.completeNow();
            }
        });
        sent.forEach(ping -> bus.publish(PING, ping));
    }

    @Test
    void shouldGiveADrainLongerThanItMayTake() {
        long longestDrainMs = Duration.ofHours(1).toMillis();
        for (Query<?, ?> query : List.of(
                Lifecycle.FLUSH_PUBLISHES, Lifecycle.FLUSH_ROUTES, Lifecycle.FLUSH_LINKS, Lifecycle.FLUSH_STREAMS)) {
            assertThat(query.answeredWithinMs()).as(query.name()).isGreaterThan(longestDrainMs);
        }
    }

    @Test
    void shouldGiveWhatMayWaitForRoomLongerThanThatMayTake() {
        for (Query<?, ?> query : List.of(Routing.PUBLISH, Routing.DELIVER, Routing.FORWARD, Routing.PEER_MESSAGES)) {
            assertThat(query.answeredWithinMs()).as(query.name()).isGreaterThan(Settings.Delivery.MAX_BLOCK_TIMEOUT_MS);
        }
    }

    @Test
    void shouldAnswerRequestsAndTellFailures(Vertx vertx, VertxTestContext context) {
        Bus bus = new Bus(vertx);
        bus.request(ECHO, new Ping(0))
                .transform(unanswered -> {
                    context.verify(() ->
                            assertThat(Bus.isUnanswered(unanswered.cause())).isTrue());
                    bus.answer(
                            ECHO,
                            ping -> ping.number() < 0
                                    ? Future.failedFuture("negative")
                                    : Future.succeededFuture(new Pong(ping)));
                    return bus.request(ECHO, new Ping(7));
                })
                .compose(pong -> {
                    context.verify(() -> assertThat(pong.ping().number()).isEqualTo(7));
                    return bus.request(ECHO, new Ping(-1));
                })
                .onComplete(context.failing(failure -> context.verify(() -> {
                    assertThat(failure).hasMessage("negative");
                    assertThat(Bus.isUnanswered(failure)).isFalse();
                    context.completeNow();
                })));
    }

    @Test
    void shouldPassMessagesRequestsAndRepliesWithoutContent(Vertx vertx, VertxTestContext context) {
        Bus bus = new Bus(vertx);
        List<Ping> stored = new ArrayList<>();
        Promise<Void> ticked = Promise.promise();
        bus.on(TICK, () -> ticked.complete());
        bus.answer(STORE, ping -> {
            stored.add(ping);
            return Future.succeededFuture();
        });
        bus.answer(LAST, () -> Future.succeededFuture(new Pong(stored.get(0))));
        bus.publish(TICK);
        bus.request(STORE, new Ping(5))
                .compose(reply -> {
                    context.verify(() -> assertThat(reply).isNull());
                    return bus.request(LAST);
                })
                .compose(last -> {
                    context.verify(() -> assertThat(last.ping().number()).isEqualTo(5));
                    return ticked.future();
                })
                .onComplete(context.succeedingThenComplete());
    }

    @Test
    void shouldCountAThrowingHandlerOfARequestWithoutContent(Vertx vertx, VertxTestContext context) {
        Bus bus = new Bus(vertx);
        bus.answer(LAST, () -> {
            throw new IllegalStateException("expected by this test");
        });
        bus.request(LAST)
                .onComplete(context.failing(failure -> context.verify(() -> {
                    assertThat(failure).hasMessage("expected by this test");
                    assertThat(bus.handlerFailures()).isEqualTo(1);
                    context.completeNow();
                })));
    }
}
