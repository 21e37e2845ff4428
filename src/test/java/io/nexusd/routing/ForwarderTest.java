package io.nexusd.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Meters.Dropped;
import io.nexusd.bus.Routing;
import io.nexusd.bus.Routing.Forwarding;
import io.nexusd.bus.Routing.Receiver;
import io.nexusd.model.Envelopes;
import io.nexusd.model.NodeId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class ForwarderTest {
    private static final List<Forwarding> TO_TWO = List.of(new Forwarding(
            Envelopes.of("1", "t"),
            List.of(
                    new Receiver(new NodeId("a"), true, List.of(), 0),
                    new Receiver(new NodeId("b"), true, List.of(), 0))));

    private final Meters meters = new Meters(new SimpleMeterRegistry());

    @Test
    void shouldCountAsDroppedWhatNobodyTakes(Vertx vertx, VertxTestContext context) {
        Forwarder forwarder = new Forwarder(new Bus(vertx), meters);
        forwarder
                .forward(TO_TWO)
                .onComplete(context.failing(e -> context.verify(() -> {
                    assertThat(meters.droppedSoFar(Dropped.PEER_DOWN)).isEqualTo(2);
                    assertThat(forwarder.underWay()).isZero();
                    context.completeNow();
                })));
    }

    @Test
    void shouldLeaveItToWhoTookItEvenWhereTheAnswerFails(Vertx vertx, VertxTestContext context) {
        Bus bus = new Bus(vertx);
        bus.answer(Routing.FORWARD, forward -> Future.failedFuture("taken, and then something failed"));
        Forwarder forwarder = new Forwarder(bus, meters);
        forwarder
                .forward(TO_TWO)
                .onComplete(context.failing(e -> context.verify(() -> {
                    assertThat(meters.droppedSoFar(Dropped.PEER_DOWN)).isZero();
                    assertThat(forwarder.underWay()).isZero();
                    context.completeNow();
                })));
    }
}
