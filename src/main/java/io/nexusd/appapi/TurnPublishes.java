package io.nexusd.appapi;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Routing;
import io.nexusd.bus.Routing.FullQueues;
import io.nexusd.bus.Routing.Published;
import io.nexusd.model.Envelope;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;

/**
 * Gathers the publishes that single calls bring in one turn of the event loop, so that they cross the bus together. In:
 * messages of calls. Out: PUBLISH, and to each call what became of its own. Lives on one event loop.
 */
final class TurnPublishes {
    private record Part(int first, int count, Promise<Published> promise) {}

    private final Vertx vertx;
    private final Bus bus;
    private List<Envelope> envelopes = new ArrayList<>();
    private List<Part> parts = new ArrayList<>();

    TurnPublishes(Vertx vertx, Bus bus) {
        this.vertx = vertx;
        this.bus = bus;
    }

    /** Routes messages at the end of the turn; the future completes as that of PUBLISH would. */
    Future<Published> publish(List<Envelope> messages) {
        if (parts.isEmpty()) {
            vertx.runOnContext(v -> send());
        }
        Part part = new Part(envelopes.size(), messages.size(), Promise.promise());
        envelopes.addAll(messages);
        parts.add(part);
        return part.promise().future();
    }

    private void send() {
        List<Part> sent = parts;
        Routing.Publish publish = new Routing.Publish(envelopes);
        parts = new ArrayList<>();
        envelopes = new ArrayList<>();
        bus.request(Routing.PUBLISH, publish)
                .onSuccess(published -> sent.forEach(part -> part.promise().complete(of(part, published))))
                .onFailure(e -> sent.forEach(part -> part.promise().fail(e)));
    }

    private static Published of(Part part, Published published) {
        int end = part.first() + part.count();
        List<FullQueues> full = published.full().isEmpty()
                ? List.of()
                : published.full().stream()
                        .filter(at -> at.index() >= part.first() && at.index() < end)
                        .map(at -> new FullQueues(at.index() - part.first(), at.dropped(), at.blocked(), at.waiting()))
                        .toList();
        return new Published(published.receivers().subList(part.first(), end), full);
    }
}
