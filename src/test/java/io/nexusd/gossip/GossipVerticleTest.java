package io.nexusd.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Links;
import io.nexusd.bus.Membership;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Routing;
import io.nexusd.config.ConfigLoader;
import io.nexusd.config.LoadResult;
import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import io.nexusd.model.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GossipVerticleTest {
    private static final NodeId SELF = new NodeId("self");
    private static final NodeIdentity PEER =
            new NodeIdentity(new NodeId("peer"), "default", "p", new Endpoint("10.0.0.1", 5671), 5672, 2, "", 1);

    private final List<Links.OwnBeat> beats = new CopyOnWriteArrayList<>();
    private final List<Object> told = new CopyOnWriteArrayList<>();
    private Vertx vertx;
    private Bus bus;

    @BeforeEach
    void deploy() throws Exception {
        vertx = Vertx.vertx();
        bus = new Bus(vertx);
        bus.on(Links.OWN_BEAT, beats::add);
        bus.on(Membership.PEER_UP, told::add);
        bus.on(Membership.PEER_DOWN, told::add);
        bus.on(Membership.PEER_INTEREST, told::add);
        bus.answer(
                Links.FETCH_STATE, fetch -> Future.succeededFuture(new Links.NodeState(fetch.id(), List.of("x"), 9)));
        LoadResult loaded = ConfigLoader.parse(
                new String[] {"--name", "me", "--advertise", "10.0.0.9"},
                Map.of(
                        "NEXUSD_DISCOVERY_BEACON_INTERVAL_MS", "100",
                        "NEXUSD_DISCOVERY_PEER_TIMEOUT_MS", "500"),
                Path.of("target"));
        Settings settings = ((LoadResult.Loaded) loaded).config().settings();
        vertx.deployVerticle(new GossipVerticle(bus, settings, SELF, "1.0", 1, new Meters(new SimpleMeterRegistry())))
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        bus.publish(Lifecycle.LISTENER_BOUND, new Lifecycle.ListenerBound(Lifecycle.Listener.MESH, "0.0.0.0", 4711));
        await().until(() -> !beats.isEmpty());
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void shouldSayWhoItIsAndWhatItWantsAtOnceAndAgainAndAgain() {
        assertThat(beats.get(0).self().mesh()).isEqualTo(new Endpoint("10.0.0.9", 4711));
        bus.publish(Routing.LOCAL_INTEREST, new Routing.LocalInterest(List.of("a"), 42));
        await().until(() -> beats.stream().anyMatch(beat -> beat.beat().topicHash() == 42));
        int count = beats.size();
        await().until(() -> beats.size() > count + 3);
        bus.publish(Lifecycle.DRAINING, new Lifecycle.Draining(1000));
        await().until(() -> beats.get(beats.size() - 1).beat().leaving());
    }

    @Test
    void shouldTellWhoJoinsWhatItWantsAndThatItDied() {
        bus.publish(Links.LINK_UP, new Links.LinkUp(PEER, PEER.mesh(), 9));
        await().until(() -> told.size() == 2);
        assertThat(told)
                .containsExactly(new Membership.PeerUp(PEER), new Membership.PeerInterest(PEER.id(), List.of("x")));
        await().until(() -> told.size() == 3);
        assertThat(told).last().isEqualTo(new Membership.PeerDown(PEER.id(), Membership.Reason.DEAD, Optional.empty()));
    }

    @Test
    void shouldTakeMessagesForSignsOfLife() {
        bus.publish(Links.LINK_UP, new Links.LinkUp(PEER, PEER.mesh(), 9));
        await().until(() -> told.size() == 2);
        int before = beats.size();
        long timer = vertx.setPeriodic(50, id -> bus.publish(Links.PEER_HEARD, new Links.PeerHeard(PEER.id(), 0)));
        await().until(() -> beats.size() > before + 15);
        assertThat(told).hasSize(2);
        vertx.cancelTimer(timer);
        await().until(() -> told.size() == 3);
    }
}
