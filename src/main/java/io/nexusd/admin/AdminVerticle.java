package io.nexusd.admin;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Configuration;
import io.nexusd.bus.Configuration.Effective;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Lifecycle.Listener;
import io.nexusd.bus.Lifecycle.ReadinessChanged;
import io.nexusd.bus.Membership;
import io.nexusd.bus.Membership.PeerView;
import io.nexusd.bus.Routing;
import io.nexusd.model.Settings;
import io.nexusd.wire.LiveListener;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes, metrics and JSON views over HTTP. Owns only whether the node is ready; for everything else it asks over the bus. In:
 * listeners bound, first discovery round, drain. Out: readiness changes. Deployed first, so that it hears all of them.
 */
public final class AdminVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(AdminVerticle.class);

    private final Bus bus;
    private final Settings settings;
    private final PrometheusMeterRegistry registry;
    private final Readiness readiness = new Readiness();
    private LiveListener listener;
    private boolean toldReady;

    public AdminVerticle(Bus bus, Settings settings, PrometheusMeterRegistry registry) {
        this.bus = bus;
        this.settings = settings;
        this.registry = registry;
    }

    @Override
    public Future<?> start() {
        bus.on(Lifecycle.LISTENER_BOUND, bound -> {
            readiness.bound(bound.listener());
            tellReadiness();
        });
        bus.on(Lifecycle.FIRST_ROUND_DONE, done -> {
            readiness.firstRoundDone();
            tellReadiness();
        });
        bus.on(Lifecycle.DRAINING, draining -> {
            readiness.draining();
            tellReadiness();
        });
        listener = new LiveListener(
                vertx, bus, Listener.ADMIN, () -> vertx.createHttpServer().requestHandler(this::onRequest));
        bus.on(Lifecycle.CONFIG_CHANGED, changed -> {
            Settings.Admin admin = changed.after().admin();
            if (admin.port() == 0) {
                listener.turnOff();
            } else {
                listener.move(admin.bind(), admin.port());
            }
        });
        if (settings.admin().port() == 0) {
            LOG.info("admin http is off");
            return Future.succeededFuture();
        }
        return listener.open(settings.admin().bind(), settings.admin().port());
    }

    @Override
    public Future<?> stop() {
        return listener.close();
    }

    private void tellReadiness() {
        if (readiness.isReady() != toldReady) {
            toldReady = readiness.isReady();
            LOG.info("readiness changed ready={} reasons={}", toldReady, readiness.reasons());
            bus.publish(Lifecycle.READINESS_CHANGED, new ReadinessChanged(toldReady, readiness.reasons()));
        }
    }

    private void onRequest(HttpServerRequest request) {
        if (request.method() != HttpMethod.GET && request.method() != HttpMethod.HEAD) {
            answer(request, 405, new JsonObject().put("error", "only GET is served here"));
            return;
        }
        switch (request.path()) {
            // Served by an event loop, so an answer at all is the proof of life.
            case "/livez", "/healthz" -> answer(request, 200, new JsonObject().put("status", "ok"));
            case "/readyz" -> ready(request);
            case "/metrics" -> metrics(request);
            case "/varz" -> variables(request);
            case "/peerz" -> peers(request);
            case "/subz" -> subscriptions(request);
            case "/configz" -> configuration(request);
            default ->
                answer(
                        request,
                        404,
                        new JsonObject()
                                .put("error", "unknown path")
                                .put(
                                        "paths",
                                        new JsonArray(
                                                "[\"/livez\",\"/readyz\",\"/healthz\",\"/metrics\",\"/varz\",\"/peerz\",\"/subz\",\"/configz\"]")));
        }
    }

    private void ready(HttpServerRequest request) {
        boolean isReady = readiness.isReady();
        answer(
                request,
                isReady ? 200 : 503,
                new JsonObject().put("ready", isReady).put("reasons", new JsonArray(readiness.reasons())));
    }

    private void metrics(HttpServerRequest request) {
        // A scrape reads every meter and takes milliseconds, so it is kept off the event loop.
        vertx.executeBlocking(registry::scrape)
                .onSuccess(text -> request.response()
                        .putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8")
                        .end(text))
                .onFailure(e -> answer(request, 500, new JsonObject().put("error", String.valueOf(e.getMessage()))));
    }

    private void variables(HttpServerRequest request) {
        bus.request(Membership.PEERS, new Membership.PeersWanted())
                .onSuccess(peers -> answer(
                        request,
                        200,
                        new JsonObject()
                                .put("id", peers.self().id().value())
                                .put("name", peers.self().name())
                                .put("cluster", peers.self().clusterId())
                                .put("version", peers.self().version())
                                .put("started_at_ms", peers.self().startedAtMs())
                                .put("endpoint", peers.self().mesh().toString())
                                .put("app_port", peers.self().appPort())
                                .put("peers", peers.peers().size())
                                .put("ready", readiness.isReady())
                                .put("ledger", new Books(registry).json())))
                .onFailure(e -> unavailable(request));
    }

    private void peers(HttpServerRequest request) {
        bus.request(Membership.PEERS, new Membership.PeersWanted())
                .onSuccess(peers -> {
                    JsonArray list = new JsonArray();
                    peers.peers().forEach(peer -> list.add(json(peer)));
                    answer(
                            request,
                            200,
                            new JsonObject()
                                    .put("id", peers.self().id().value())
                                    .put("name", peers.self().name())
                                    .put("cluster", peers.self().clusterId())
                                    .put("endpoint", peers.self().mesh().toString())
                                    .put("peers", list));
                })
                .onFailure(e -> unavailable(request));
    }

    private void subscriptions(HttpServerRequest request) {
        bus.request(Routing.TOPICS, new Routing.TopicsWanted())
                .onSuccess(topics -> {
                    JsonObject byFilter = new JsonObject();
                    new TreeMap<>(topics.subscriptionsByFilter()).forEach(byFilter::put);
                    answer(request, 200, new JsonObject().put("topics", byFilter));
                })
                .onFailure(e -> unavailable(request));
    }

    private void configuration(HttpServerRequest request) {
        bus.request(Configuration.EFFECTIVE, new Configuration.EffectiveWanted())
                .onSuccess(effective -> answer(request, 200, json(effective)))
                .onFailure(e -> unavailable(request));
    }

    private static JsonObject json(Effective effective) {
        JsonObject keys = new JsonObject();
        effective
                .entries()
                .forEach(entry -> keys.put(
                        entry.key(),
                        new JsonObject().put("value", entry.value()).put("source", entry.source())));
        return new JsonObject()
                .put("file", effective.file())
                .put("watching", effective.watching())
                .put("digest", effective.digest())
                .put(
                        "last_reload",
                        new JsonObject()
                                .put("at_ms", effective.lastReload().atMs())
                                .put("successful", effective.lastReload().successful())
                                .put(
                                        "changed",
                                        new JsonArray(effective.lastReload().changedKeys()))
                                .put(
                                        "problems",
                                        new JsonArray(effective.lastReload().problems())))
                .put("keys", keys);
    }

    private static JsonObject json(PeerView view) {
        JsonObject json = new JsonObject()
                .put("id", view.peer().id().value())
                .put("name", view.peer().name())
                .put("endpoint", view.peer().mesh().toString())
                .put("state", view.state().name().toLowerCase(Locale.ROOT))
                .put("linked", view.linked())
                .put("version", view.peer().version())
                .put("protocol", view.peer().protocolVersion())
                .put("last_heard_ms", view.lastHeardMs())
                .put("topics", new JsonArray(view.filters()));
        view.roundTripUs().ifPresent(us -> json.put("round_trip_us", us));
        view.clockAheadMs().ifPresent(ms -> json.put("clock_ahead_ms", ms));
        return json;
    }

    private static void unavailable(HttpServerRequest request) {
        answer(request, 503, new JsonObject().put("error", "the node is starting or stopping; try again"));
    }

    private static void answer(HttpServerRequest request, int status, JsonObject body) {
        request.response()
                .setStatusCode(status)
                .putHeader("content-type", "application/json")
                .end(body.encode() + "\n");
    }
}
