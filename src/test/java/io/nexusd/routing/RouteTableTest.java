package io.nexusd.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.model.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RouteTableTest {
    private static final NodeId PEER = new NodeId("peer");

    private final RouteTable routes = new RouteTable();

    @Test
    void shouldNameEachReceiverOnceHoweverManyOfItsFiltersMatch() {
        routes.addSubscription(1, List.of("a/b", "a/+", "#"));
        routes.addPeer(PEER);
        routes.setPeerInterest(PEER, List.of("a/#", "+/b"));

        assertThat(routes.route("a/b")).isEqualTo(new RouteTable.Route(List.of(1L), List.of(PEER), List.of()));
    }

    @Test
    void shouldReplaceThePeersInterestAsAWhole() {
        routes.addPeer(PEER);
        routes.setPeerInterest(PEER, List.of("a", "b"));
        assertThat(routes.route("a").peers()).containsExactly(PEER);
        routes.setPeerInterest(PEER, List.of("b", "c"));

        assertThat(routes.route("a").peers()).isEmpty();
        assertThat(routes.route("b").peers()).containsExactly(PEER);
        assertThat(routes.route("c").peers()).containsExactly(PEER);
    }

    @Test
    void shouldFollowAPeersInterestWhateverItsOrderAndRepetitions() {
        SplittableRandom random = new SplittableRandom(7);
        routes.addPeer(PEER);
        for (int round = 0; round < 200; round++) {
            List<String> filters = new ArrayList<>();
            for (int i = random.nextInt(8); i > 0; i--) {
                filters.add("t" + random.nextInt(6));
            }
            routes.setPeerInterest(PEER, filters);
            for (int i = 0; i < 6; i++) {
                assertThat(routes.route("t" + i).peers().contains(PEER))
                        .as("t%d of %s", i, filters)
                        .isEqualTo(filters.contains("t" + i));
            }
        }
    }

    @Test
    void shouldRouteNothingToAPeerThatIsGone() {
        routes.addPeer(PEER);
        routes.setPeerInterest(PEER, List.of("a"));
        routes.removePeer(PEER);
        routes.setPeerInterest(PEER, List.of("a"));

        assertThat(routes.route("a").peers()).isEmpty();
    }

    @Test
    void shouldForgetARemovedSubscriptionAtOnce() {
        routes.addSubscription(1, List.of("a"));
        routes.addSubscription(2, List.of("a"));
        assertThat(routes.route("a").subscriptions()).containsExactly(1L, 2L);

        assertThat(routes.removeSubscription(1)).containsExactly("a");
        assertThat(routes.removeSubscription(1)).isEmpty();
        assertThat(routes.route("a").subscriptions()).containsExactly(2L);
        assertThat(routes.subscriptionCount()).isEqualTo(1);
    }

    @Test
    void shouldStayRightBeyondTheCache() {
        routes.addSubscription(1, List.of("t/#"));
        for (int i = 0; i < 2 * RouteTable.CACHE_LIMIT; i++) {
            assertThat(routes.route("t/" + i).subscriptions()).containsExactly(1L);
        }
        assertThat(routes.route("t/0").subscriptions()).containsExactly(1L);
    }

    @Test
    void shouldAnswerARememberedTopicAnewWhenInterestInItChanges() {
        routes.addPeer(PEER);
        assertAnswers("a/b", List.of(), List.of(), List.of());
        routes.addSubscription(1, List.of("a/b", "c"));
        assertAnswers("a/b", List.of(1L), List.of(), List.of());
        routes.addSubscription(2, List.of("x", "a/+"));
        assertAnswers("a/b", List.of(1L, 2L), List.of(), List.of());
        routes.setPeerInterest(PEER, List.of("a/b", "y"));
        assertAnswers("a/b", List.of(1L, 2L), List.of(PEER), List.of());
        routes.addSubscription(3, List.of("$share/g/a/b"));
        assertAnswers("a/b", List.of(1L, 2L), List.of(PEER), List.of("$share/g/a/b"));
        routes.setPeerInterest(PEER, List.of("y", "z/#"));
        assertAnswers("a/b", List.of(1L, 2L), List.of(), List.of("$share/g/a/b"));
        routes.removeSubscription(2);
        assertAnswers("a/b", List.of(1L), List.of(), List.of("$share/g/a/b"));
        routes.removeSubscription(3);
        routes.removeSubscription(1);
        assertAnswers("a/b", List.of(), List.of(), List.of());
    }

    @Test
    void shouldRememberAnswersThatAChangeOfInterestDoesNotConcern() {
        routes.addSubscription(1, List.of("a"));
        RouteTable.Route known = routes.route("a");
        routes.addSubscription(2, List.of("b", "$share/g/c"));
        routes.addPeer(PEER);
        routes.setPeerInterest(PEER, List.of("d"));
        routes.removeSubscription(2);

        assertThat(routes.route("a")).isSameAs(known);
        assertThat(routes.route("d").peers()).containsExactly(PEER);
    }

    /** Twice, the second time from memory. */
    private void assertAnswers(String topic, List<Long> subscriptions, List<NodeId> peers, List<String> shares) {
        RouteTable.Route expected = new RouteTable.Route(subscriptions, peers, shares);
        assertThat(routes.route(topic)).isEqualTo(expected);
        assertThat(routes.route(topic)).isEqualTo(expected);
    }
}
