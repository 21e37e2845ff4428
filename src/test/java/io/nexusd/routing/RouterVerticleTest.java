package io.nexusd.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nexusd.appapi.TestSettings;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Membership;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Routing;
import io.nexusd.model.Crc64;
import io.nexusd.model.Endpoint;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import io.nexusd.model.Share;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class RouterVerticleTest {
    private static final NodeId PEER = new NodeId("peer");
    private static final long STARTED_AT_MS = 1000;

    private final List<Routing.Delivery> deliveries = new ArrayList<>();
    private final List<Routing.Forwarding> forwardings = new ArrayList<>();
    private Bus bus;

    @BeforeEach
    void deploy(Vertx vertx, VertxTestContext context) {
        bus = new Bus(vertx);
        bus.answer(Routing.DELIVER, deliver -> {
            deliveries.addAll(deliver.deliveries());
            return Future.succeededFuture(new Routing.Delivered(List.of()));
        });
        bus.answer(Routing.FORWARD, forward -> {
            forwardings.addAll(forward.forwardings());
            return Future.succeededFuture(new Routing.Forwarded(List.of()));
        });
        vertx.deployVerticle(new RouterVerticle(
                        bus,
                        new TestSettings().build(),
                        new NodeId("self"),
                        STARTED_AT_MS,
                        new Meters(new SimpleMeterRegistry())))
                .onComplete(context.succeedingThenComplete());
    }

    @Test
    void shouldSendAPublishToLocalSubscriptionsAndOnceToEachInterestedPeer(VertxTestContext context) {
        bus.publish(
                Membership.PEER_UP,
                new Membership.PeerUp(new NodeIdentity(PEER, "c", "p", new Endpoint("h", 1), 0, 2, "", 0)));
        bus.publish(Membership.PEER_INTEREST, new Membership.PeerInterest(PEER, List.of("a/+", "a/b")));
        bus.request(Routing.SUBSCRIBE, new Routing.Subscribe(7, List.of("a/#"), "", false))
                .compose(subscribed -> bus.request(
                        Routing.PUBLISH, new Routing.Publish(List.of(envelope("1", "a/b"), envelope("2", "x")))))
                .onComplete(context.succeeding(published -> context.verify(() -> {
                    assertThat(published.receivers()).containsExactly(2, 0);
                    assertThat(deliveries)
                            .containsExactly(
                                    new Routing.Delivery(envelope("1", "a/b"), 1, List.of(7L), List.of(), false));
                    assertThat(forwardings)
                            .containsExactly(new Routing.Forwarding(
                                    envelope("1", "a/b"), List.of(new Routing.Receiver(PEER, true, List.of(), 0))));
                    context.completeNow();
                })));
    }

    @Test
    void shouldGiveANodeThatWasThereBeforeWhatWasPublishedBeforeItsInterestWasKnown(VertxTestContext context) {
        NodeId newer = new NodeId("newer");
        bus.request(Routing.PUBLISH, new Routing.Publish(List.of(envelope("1", "a/b"), envelope("2", "x"))))
                .compose(published -> {
                    bus.publish(Membership.PEER_UP, up(PEER, STARTED_AT_MS - 1));
                    bus.publish(Membership.PEER_UP, up(newer, STARTED_AT_MS + 1));
                    bus.publish(Membership.PEER_INTEREST, new Membership.PeerInterest(newer, List.of("#")));
                    bus.publish(Membership.PEER_INTEREST, new Membership.PeerInterest(PEER, List.of("a/+")));
                    bus.publish(Membership.PEER_INTEREST, new Membership.PeerInterest(PEER, List.of("a/+", "x")));
                    return bus.request(Routing.PUBLISH, new Routing.Publish(List.of(envelope("3", "a/c"))));
                })
                .onComplete(context.succeeding(published -> context.verify(() -> {
                    assertThat(forwardings)
                            .extracting(forwarding -> forwarding.envelope().messageId() + " "
                                    + forwarding.receivers().stream()
                                            .map(receiver -> receiver.id().value())
                                            .sorted()
                                            .toList())
                            .containsExactly("1 [peer]", "3 [newer, peer]");
                    context.completeNow();
                })));
    }

    private static Membership.PeerUp up(NodeId id, long startedAtMs) {
        return new Membership.PeerUp(new NodeIdentity(id, "c", "p", new Endpoint("h", 1), 0, 2, "", startedAtMs));
    }

    @Test
    void shouldSendPeerMessagesToLocalSubscriptionsOnlyAndEachOnce(VertxTestContext context) {
        bus.publish(
                Membership.PEER_UP,
                new Membership.PeerUp(new NodeIdentity(PEER, "c", "p", new Endpoint("h", 1), 0, 2, "", 0)));
        bus.publish(Membership.PEER_INTEREST, new Membership.PeerInterest(PEER, List.of("#")));
        Routing.Incoming once = new Routing.Incoming(envelope("1", "a"), true, List.of(), 0);
        List<Routing.Incoming> twice = List.of(once, once);
        bus.request(Routing.SUBSCRIBE, new Routing.Subscribe(7, List.of("a"), "", false))
                .compose(subscribed -> bus.request(Routing.PEER_MESSAGES, new Routing.PeerMessages(twice, true)))
                .compose(taken -> bus.request(Routing.PEER_MESSAGES, new Routing.PeerMessages(twice, true)))
                .onComplete(context.succeeding(taken -> context.verify(() -> {
                    assertThat(deliveries)
                            .containsExactly(new Routing.Delivery(envelope("1", "a"), 1, List.of(7L), List.of(), true));
                    assertThat(forwardings).isEmpty();
                    context.completeNow();
                })));
    }

    @Test
    void shouldTellSeveralChangesOfInterestOnceInByteOrder(VertxTestContext context) {
        List<Routing.LocalInterest> told = new ArrayList<>();
        bus.on(Routing.LOCAL_INTEREST, interest -> {
            told.add(interest);
            context.verify(() -> {
                if (told.size() == 1) {
                    List<String> expected = List.of("a", "z", "ﾰ", "😀");
                    assertThat(interest.filters()).isEqualTo(expected);
                    assertThat(interest.topicHash()).isEqualTo(Crc64.ofLines(expected));
                    for (long handle = 1; handle <= 5; handle++) {
                        bus.publish(Routing.UNSUBSCRIBE, new Routing.Unsubscribe(handle));
                    }
                } else {
                    assertThat(interest.filters()).isEmpty();
                    assertThat(interest.topicHash()).isZero();
                    context.completeNow();
                }
            });
        });
        List<String> filters = List.of("😀", "z", "a", "a", "ﾰ");
        for (int i = 0; i < filters.size(); i++) {
            bus.request(Routing.SUBSCRIBE, new Routing.Subscribe(i + 1, List.of(filters.get(i)), "", false));
        }
    }

    @Test
    void shouldLetAHandedOverMessageKeepItsNumberHere(VertxTestContext context) {
        String share = new Share("g", "a").interest();
        List<Envelope> published = List.of(published("1"), published("2"));
        bus.request(Routing.SUBSCRIBE, new Routing.Subscribe(7, List.of("a"), "", false))
                .compose(subscribed ->
                        bus.request(Routing.SUBSCRIBE, new Routing.Subscribe(8, List.of("a"), "g", false)))
                .compose(subscribed -> bus.request(Routing.PUBLISH, new Routing.Publish(published)))
                .compose(done -> {
                    bus.publish(
                            Routing.HANDOVER,
                            new Routing.Handover(List.of(
                                    new Routing.Handed(published("2"), share, 0, 2),
                                    // A link does not know the number.
                                    new Routing.Handed(published("1"), share, 1, 0))));
                    return bus.request(Routing.PUBLISH, new Routing.Publish(List.of(published("3"))));
                })
                .compose(done -> replayAll())
                .onComplete(context.succeeding(replayed -> context.verify(() -> {
                    assertThat(deliveries)
                            .extracting(delivery -> delivery.envelope().messageId() + " number " + delivery.sequence()
                                    + (delivery.fromPeer() ? " remote" : " local"))
                            .containsExactly(
                                    "1 number 1 local",
                                    "2 number 2 local",
                                    "2 number 2 local",
                                    "1 number 1 local",
                                    "3 number 3 local");
                    assertThat(numbers(replayed)).containsExactly("1=1", "2=2", "3=3");
                    context.completeNow();
                })));
    }

    @Test
    void shouldNotNumberWhatComesForAGroupBesideSubscriptionsWithoutOne(VertxTestContext context) {
        String share = new Share("g", "a").interest();
        bus.request(Routing.SUBSCRIBE, new Routing.Subscribe(7, List.of("a"), "", false))
                .compose(subscribed ->
                        bus.request(Routing.SUBSCRIBE, new Routing.Subscribe(8, List.of("a"), "g", false)))
                .compose(subscribed -> bus.request(
                        Routing.PEER_MESSAGES,
                        new Routing.PeerMessages(
                                List.of(
                                        // Handed over before it comes to everybody, and after; and for the group alone.
                                        new Routing.Incoming(envelope("1", "a"), false, List.of(share), 1),
                                        new Routing.Incoming(envelope("1", "a"), true, List.of(), 0),
                                        new Routing.Incoming(envelope("1", "a"), false, List.of(share), 1),
                                        new Routing.Incoming(envelope("2", "a"), false, List.of(share), 0),
                                        new Routing.Incoming(envelope("3", "a"), true, List.of(share), 0),
                                        new Routing.Incoming(envelope("3", "a"), false, List.of(share), 2)),
                                false)))
                .compose(taken -> replayAll())
                .onComplete(context.succeeding(replayed -> context.verify(() -> {
                    assertThat(deliveries)
                            .extracting(Routing.Delivery::sequence)
                            .containsExactly(0L, 1L, 1L, 0L, 2L, 2L);
                    assertThat(numbers(replayed)).containsExactly("1=1", "3=2");
                    context.completeNow();
                })));
    }

    @Test
    void shouldNumberOnceWhatComesToANodeThatHasOnlyMembers(VertxTestContext context) {
        String share = new Share("g", "a").interest();
        Routing.Incoming handedOver = new Routing.Incoming(envelope("1", "a"), false, List.of(share), 1);
        Routing.Incoming next = new Routing.Incoming(envelope("2", "a"), false, List.of(share), 0);
        bus.request(Routing.SUBSCRIBE, new Routing.Subscribe(8, List.of("a"), "g", false))
                .compose(subscribed -> bus.request(
                        Routing.PEER_MESSAGES, new Routing.PeerMessages(List.of(handedOver, handedOver, next), false)))
                .compose(taken -> replayAll())
                .onComplete(context.succeeding(replayed -> context.verify(() -> {
                    assertThat(deliveries)
                            .extracting(Routing.Delivery::sequence)
                            .containsExactly(1L, 1L, 2L);
                    assertThat(numbers(replayed)).containsExactly("1=1", "2=2");
                    context.completeNow();
                })));
    }

    private Future<Routing.Replayed> replayAll() {
        return bus.request(
                Routing.REPLAY, new Routing.Replay(List.of("a"), Map.of("a", 0L), Map.of(), "", true, false));
    }

    private static List<String> numbers(Routing.Replayed replayed) {
        return replayed.topics().get(0).messages().stream()
                .map(numbered -> numbered.envelope().messageId() + "=" + numbered.sequence())
                .toList();
    }

    /** A message that an application of this node has published. */
    private static Envelope published(String id) {
        return new Envelope(id, "a", ByteString.EMPTY, "", 0, "self", false, "", 0, Map.of(), Envelope.NEVER);
    }

    private static Envelope envelope(String id, String topic) {
        return new Envelope(id, topic, ByteString.EMPTY, "", 0, "n", false, "", 0, Map.of(), Envelope.NEVER);
    }
}
