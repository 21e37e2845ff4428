package io.nexusd.routing;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Inspection;
import io.nexusd.bus.Inspection.Explanation;
import io.nexusd.bus.Inspection.GroupMatch;
import io.nexusd.bus.Inspection.Holdings;
import io.nexusd.bus.Inspection.LocalMatch;
import io.nexusd.bus.Inspection.PeerMatch;
import io.nexusd.bus.Inspection.RetainedFound;
import io.nexusd.bus.Inspection.TopicHoldings;
import io.nexusd.model.Envelope;
import io.nexusd.model.Share;
import io.nexusd.model.Topic;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tells people what the router holds and how it decides. Changes nothing but which topic was used last: not even whose turn it is. On router's event loop. */
final class Inspector {
    private final Vertx vertx;
    private final RouteTable routes;
    private final Interest interest;
    private final History history;
    private final RetainedStore retained;

    Inspector(Vertx vertx, RouteTable routes, Interest interest, History history, RetainedStore retained) {
        this.vertx = vertx;
        this.routes = routes;
        this.interest = interest;
        this.history = history;
        this.retained = retained;
    }

    /** Answers the questions from now on. */
    void answerOn(Bus bus, Sightings sightings) {
        bus.answer(Inspection.EXPLANATION, wanted -> Future.succeededFuture(explain(wanted.topic())));
        bus.answer(Inspection.HOLDINGS, () -> Future.succeededFuture(holdings()));
        bus.answer(Inspection.TOPIC, wanted -> Future.succeededFuture(topic(wanted.topic())));
        bus.answer(Inspection.RETAINED, wanted -> Future.succeededFuture(retained(wanted.filter(), wanted.limit())));
        bus.answer(Inspection.FILTER_COUNTS, wanted -> {
            Map<String, Long> numbered = history.lastSequences();
            List<Envelope> held = retained.all(System.nanoTime());
            return vertx.executeBlocking(() -> FilterCounting.count(
                    wanted.filters(),
                    numbered,
                    held.stream().map(Envelope::topic).toList()));
        });
        bus.answer(Inspection.TRAFFIC, () -> Future.succeededFuture(sightings.traffic()));
    }

    Explanation explain(String topic) {
        RouteTable.Route route = routes.route(topic);
        List<LocalMatch> subscriptions = route.subscriptions().stream()
                .map(handle -> new LocalMatch(handle, matching(routes.interestOf(handle), topic)))
                .toList();
        List<PeerMatch> peers = route.peers().stream()
                .map(id -> new PeerMatch(id, matching(routes.interestOf(id), topic)))
                .toList();
        List<GroupMatch> groups = route.shares().stream().map(this::group).toList();
        return new Explanation(
                subscriptions,
                peers,
                groups,
                Optional.ofNullable(retained.get(topic, System.nanoTime())),
                routes.peers().size());
    }

    private GroupMatch group(String text) {
        Share share = Share.of(text).orElseThrow();
        Shares shares = routes.shares();
        return new GroupMatch(
                share.group(),
                share.filter(),
                shares.members(text),
                shares.nodes(text),
                shares.nextMember(text),
                shares.nextNode(text));
    }

    private static List<String> matching(Collection<String> filters, String topic) {
        return filters.stream()
                .filter(filter -> !Share.isShare(filter) && Topic.matches(filter, topic))
                .sorted()
                .toList();
    }

    private Holdings holdings() {
        return new Holdings(
                routes.subscriptionCount(),
                interest.size(),
                history.bytes(),
                history.messages(),
                retained.bytes(),
                retained.size());
    }

    private TopicHoldings topic(String topic) {
        return new TopicHoldings(
                history.lastSequence(topic),
                history.messages(topic),
                history.bytes(topic),
                Optional.ofNullable(retained.get(topic, System.nanoTime())));
    }

    private RetainedFound retained(String filter, int limit) {
        long nowNs = System.nanoTime();
        List<Envelope> found;
        if (Topic.hasWildcard(filter)) {
            found = retained.matching(filter, nowNs);
        } else {
            Envelope one = retained.get(filter, nowNs);
            found = one == null ? List.of() : List.of(one);
        }
        return new RetainedFound(found.subList(0, Math.min(limit, found.size())), found.size() > limit);
    }
}
