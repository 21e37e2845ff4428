package io.nexusd.admin;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Configuration;
import io.nexusd.bus.Inspection;
import io.nexusd.bus.Inspection.Client;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Lifecycle.Listener;
import io.nexusd.bus.Lifecycle.ReadinessChanged;
import io.nexusd.bus.Membership;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Routing;
import io.nexusd.model.Settings;
import io.nexusd.wire.Http2Server;
import io.nexusd.wire.LiveListener;
import io.nexusd.wire.RequestHead;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes, metrics and JSON views over HTTP. Owns only whether the node is ready and whose event loops turn; for everything else
 * it asks over the bus. In: listeners bound, first discovery round, drain, answers to its roll calls. Out: readiness changes,
 * roll calls. Deployed first, so that it hears all of them.
 */
public final class AdminVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(AdminVerticle.class);
    private static final long ROLL_CALL_MS = 2000;
    /** Subscriptions listed at most in one answer; the rest is only counted. */
    private static final int MAX_SUBSCRIPTIONS = 1000;

    private static final List<String> PATHS = List.of(
            "/livez", "/readyz", "/healthz", "/health", "/ready", "/metrics", "/varz", "/peerz", "/subz", "/configz");

    private final Bus bus;
    private final Settings settings;
    private final boolean isPortDefault;
    private final PrometheusMeterRegistry registry;
    private final Readiness readiness = new Readiness();
    private final Attendance attendance = new Attendance();
    /** Written here, read by a metrics scrape on another thread. */
    private final AtomicInteger stuckLoops = new AtomicInteger();

    private LiveListener listener;
    private int maxMetadataBytes;
    private List<String> toldStuck = List.of();
    private boolean toldReady;

    /**
     * Makes the verticle.
     *
     * @param isPortDefault whether nobody asked for this port; the daemon then starts without it while another process has it
     */
    public AdminVerticle(
            Bus bus, Settings settings, boolean isPortDefault, Meters meters, PrometheusMeterRegistry registry) {
        this.bus = bus;
        this.settings = settings;
        this.maxMetadataBytes = settings.connections().maxMetadataBytes();
        this.isPortDefault = isPortDefault;
        this.registry = registry;
        meters.gauge("nexusd.event.loops.stuck", "Verticles whose event loop does not turn", stuckLoops);
    }

    @Override
    public Future<?> start() {
        bus.on(Lifecycle.LISTENER_BOUND, bound -> {
            readiness.bound(bound.listener());
            tellReadiness();
        });
        bus.on(Lifecycle.FIRST_ROUND_DONE, () -> {
            readiness.firstRoundDone();
            tellReadiness();
        });
        bus.on(Lifecycle.DRAINING, draining -> {
            readiness.draining();
            tellReadiness();
        });
        bus.on(Lifecycle.PRESENT, present -> attendance.present(present.room()));
        bus.answer(Lifecycle.LIVENESS, () -> Future.succeededFuture(new Lifecycle.Liveness(attendance.stuck())));
        callTheRoll();
        listener = new LiveListener(
                vertx,
                bus,
                Listener.ADMIN,
                () -> vertx.createHttpServer(Http2Server.options()).requestHandler(this::onRequest));
        bus.on(Lifecycle.CONFIG_CHANGED, changed -> {
            Settings.Admin admin = changed.after().admin();
            maxMetadataBytes = changed.after().connections().maxMetadataBytes();
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
        return isPortDefault
                ? listener.openWhenFree(
                        settings.admin().bind(), settings.admin().port())
                : listener.open(settings.admin().bind(), settings.admin().port());
    }

    @Override
    public Future<?> stop() {
        return listener.close();
    }

    private void callTheRoll() {
        // Set anew each time: a periodic timer makes up for a pause of the process with several calls in one moment.
        vertx.setTimer(ROLL_CALL_MS, timer -> {
            attendance.called();
            List<String> stuck = attendance.stuck();
            stuckLoops.set(stuck.size());
            if (!stuck.equals(toldStuck)) {
                if (stuck.isEmpty()) {
                    LOG.info("event loops turn again rooms={}", toldStuck);
                } else {
                    LOG.error("event loops do not turn rooms={}; a thread dump (SIGQUIT) shows what holds them", stuck);
                }
                toldStuck = stuck;
                readiness.stuck(stuck);
                tellReadiness();
            }
            bus.publish(Lifecycle.ROLL_CALL);
            callTheRoll();
        });
    }

    private void tellReadiness() {
        if (readiness.isReady() != toldReady) {
            toldReady = readiness.isReady();
            if (toldReady) {
                LOG.info("ready");
            } else {
                LOG.info("not ready reasons={}", readiness.reasons());
            }
            bus.publish(Lifecycle.READINESS_CHANGED, new ReadinessChanged(toldReady, readiness.reasons()));
        }
    }

    private void onRequest(HttpServerRequest request) {
        if (RequestHead.refuses(request, maxMetadataBytes)) {
            return;
        }
        if (request.method() != HttpMethod.GET && request.method() != HttpMethod.HEAD) {
            answer(request, 405, new JsonObject().put("error", "only GET is served here"));
            return;
        }
        switch (request.path()) {
            case "/livez", "/healthz", "/health" -> alive(request);
            case "/readyz", "/ready" -> ready(request);
            case "/metrics" -> metrics(request);
            case "/varz" -> variables(request);
            case "/peerz" ->
                bus.request(Membership.PEERS)
                        .onSuccess(peers -> answer(request, 200, Views.peers(peers, System.currentTimeMillis())))
                        .onFailure(e -> unavailable(request));
            case "/subz" -> subscriptions(request);
            case "/configz" ->
                bus.request(Configuration.EFFECTIVE)
                        .onSuccess(effective -> answer(request, 200, Views.configuration(effective)))
                        .onFailure(e -> unavailable(request));
            default ->
                answer(
                        request,
                        404,
                        new JsonObject().put("error", "unknown path").put("paths", new JsonArray(PATHS)));
        }
    }

    /** Says nothing of peers, names or the configuration: a restart would mend none of them. */
    private void alive(HttpServerRequest request) {
        List<String> stuck = attendance.stuck();
        boolean turning = stuck.isEmpty();
        answer(
                request,
                turning ? 200 : 503,
                new JsonObject()
                        .put("status", turning ? "ok" : "stuck")
                        .put("stuck", new JsonArray(stuck))
                        .put("event_loops", new JsonArray(attendance.rooms())));
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
        Runtime runtime = Runtime.getRuntime();
        bus.request(Membership.PEERS)
                .onSuccess(peers -> answer(
                        request,
                        200,
                        Views.node(peers.self())
                                .put(
                                        "uptime_ms",
                                        ManagementFactory.getRuntimeMXBean().getUptime())
                                .put("pid", ProcessHandle.current().pid())
                                .put("java", Runtime.version().toString())
                                .put("heap_used_bytes", runtime.totalMemory() - runtime.freeMemory())
                                .put("heap_max_bytes", runtime.maxMemory())
                                .put("peers", peers.peers().size())
                                .put("ready", readiness.isReady())
                                .put("reasons", new JsonArray(readiness.reasons()))
                                .put("handler_failures", bus.handlerFailures())
                                .put("ledger", new Ledger(registry).json())))
                .onFailure(e -> unavailable(request));
    }

    private void subscriptions(HttpServerRequest request) {
        Future.all(bus.request(Routing.TOPICS), bus.request(Inspection.CLIENTS))
                .onSuccess(both -> {
                    Routing.Topics topics = both.resultAt(0);
                    List<Client> clients = both.<Inspection.Clients>resultAt(1).clients();
                    long nowMs = System.currentTimeMillis();
                    JsonArray list = new JsonArray();
                    clients.stream()
                            .limit(MAX_SUBSCRIPTIONS)
                            .forEach(client -> list.add(Views.subscription(client, nowMs)));
                    answer(
                            request,
                            200,
                            new JsonObject()
                                    .put("topics", Views.topics(topics.subscriptionsByFilter()))
                                    .put("total", clients.size())
                                    .put("subscriptions", list));
                })
                .onFailure(e -> unavailable(request));
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
