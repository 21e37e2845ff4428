package io.nexusd.launch;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.nexusd.admin.AdminVerticle;
import io.nexusd.appapi.AppApiVerticle;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Configuration;
import io.nexusd.bus.Inspection;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Lifecycle.Listener;
import io.nexusd.bus.Lifecycle.ListenerBound;
import io.nexusd.bus.Meters;
import io.nexusd.config.ConfigVerticle;
import io.nexusd.config.EffectiveConfig;
import io.nexusd.dialer.DialerVerticle;
import io.nexusd.discovery.DiscoveryVerticle;
import io.nexusd.gossip.GossipVerticle;
import io.nexusd.meshapi.MeshApiVerticle;
import io.nexusd.model.NodeId;
import io.nexusd.model.Settings;
import io.nexusd.model.Settings.Level;
import io.nexusd.model.Version;
import io.nexusd.routing.RouterVerticle;
import io.nexusd.systemd.ServiceManager;
import io.nexusd.systemd.SystemdVerticle;
import io.nexusd.tracing.TracingVerticle;
import io.nexusd.wire.ConnectionLimits;
import io.nexusd.wire.FileAccess;
import io.nexusd.wire.GuardedConnections;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.transport.Transport;
import io.vertx.micrometer.MicrometerMetricsFactory;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One daemon in this process: its Vertx, its bus and its verticles in the order in which they start. Several can live in one
 * process; they share nothing.
 */
public final class Node {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    /** Kept back from the drain for closing sockets. */
    private static final long CLOSE_RESERVE_NS = 500_000_000L;

    private final Vertx vertx;
    private final Bus bus;
    private final PrometheusMeterRegistry registry;
    private final Meters meters;
    private final GuardedConnections connections;
    /** Replaced on an event loop, read by whoever stops the node. */
    private volatile Settings settings;

    private final NodeId id;
    /** Written on an event loop before the start completes, read by whoever started the node. */
    private final Map<Listener, ListenerBound> listeners = new ConcurrentHashMap<>();

    private volatile Consumer<Settings> onSettings = changed -> {};
    /** The level that was asked for in place of the configured one. */
    private volatile Optional<Level> askedLevel = Optional.empty();

    private volatile Consumer<Level> onLevel = level -> {};

    private Node(
            Vertx vertx,
            Settings settings,
            PrometheusMeterRegistry registry,
            Meters meters,
            GuardedConnections connections) {
        this.vertx = vertx;
        this.registry = registry;
        this.meters = meters;
        this.connections = connections;
        this.settings = settings;
        bus = new Bus(vertx);
        id = NodeId.random();
    }

    /**
     * Starts a daemon.
     *
     * @return the node once its listeners accept connections; fails with a message for people when one cannot, and nothing is
     *     left running then
     */
    public static Future<Node> start(EffectiveConfig config) {
        return start(config, Transport.NIO);
    }

    /** As above, with connections and listeners of the given transport. */
    public static Future<Node> start(EffectiveConfig config, Transport transport) {
        return start(config, transport, Optional.empty());
    }

    /** As above, notifying the service manager, if there is one. */
    static Future<Node> start(EffectiveConfig config, Transport transport, Optional<ServiceManager> manager) {
        Settings settings = config.settings();
        CoarseClock clock = new CoarseClock();
        PrometheusMeterRegistry registry = ProcessMeters.registry(clock);
        Meters meters = new Meters(registry);
        GuardedConnections connections = new GuardedConnections(transport, limits(settings.connections()), meters);
        Vertx vertx = Vertx.builder()
                .with(new VertxOptions()
                        .setEventLoopPoolSize(Math.max(2, Runtime.getRuntime().availableProcessors()))
                        .setWorkerPoolSize(2)
                        .setInternalBlockingPoolSize(2)
                        .setFileSystemOptions(FileAccess.withoutCache())
                        .setMetricsOptions(ProcessMeters.ofVertx()))
                .withMetrics(new ConnectionMeters.Factory(new MicrometerMetricsFactory(registry)))
                .withTransport(connections)
                .build();
        vertx.setPeriodic(CoarseClock.TICK_MS, timer -> clock.tick());
        Node node = new Node(vertx, settings, registry, meters, connections);
        return node.deploy(config, manager)
                .map(node)
                .recover(e -> vertx.close().transform(closed -> Future.failedFuture(e)));
    }

    public NodeId id() {
        return id;
    }

    public Settings settings() {
        return settings;
    }

    /** Sets who hears of the configuration that is in force, now and whenever it changes. */
    public void onSettings(Consumer<Settings> handler) {
        onSettings = handler;
        handler.accept(settings);
    }

    /** Sets who switches the log level. */
    public void onLevel(Consumer<Level> handler) {
        onLevel = handler;
    }

    /** Reads the configuration files again now; the outcome is logged. */
    public void reload() {
        bus.request(Configuration.RELOAD)
                .onFailure(e -> LOG.warn("config reload could not be asked for error={}", e.getMessage()));
    }

    /** Returns where each listener really is, ports resolved. */
    public Map<Listener, ListenerBound> listeners() {
        return listeners.isEmpty() ? Map.of() : new EnumMap<>(listeners);
    }

    /**
     * Drains and stops within delivery.drain-timeout-ms: tells the peers, refuses new calls, sends what waits for peers and
     * subscribers, ends the streams, closes.
     */
    public Future<Void> stop() {
        long deadlineNs = System.nanoTime() + settings.delivery().drainTimeoutMs() * 1_000_000L;
        LOG.info("draining timeout_ms={}", settings.delivery().drainTimeoutMs());
        bus.publish(
                Lifecycle.DRAINING, new Lifecycle.Draining(settings.delivery().drainTimeoutMs()));
        // Bound to no context: the event loops do not outlive what it tells of.
        Promise<Void> stopped = Promise.promise();
        new DrainPlan(vertx, bus, deadlineNs - CLOSE_RESERVE_NS)
                .run()
                .onComplete(v -> vertx.close().onComplete(closed -> {
                    LOG.info("stopped");
                    stopped.complete();
                }));
        return stopped.future();
    }

    private Future<Inspection.LogLevel> onLogLevel(Inspection.LogLevelWanted wanted) {
        Level configured = settings.log().level();
        wanted.level().ifPresent(level -> {
            LOG.info("log level changed old={} new={}", askedLevel.orElse(configured), level);
            askedLevel = Optional.of(level);
            onLevel.accept(level);
        });
        return Future.succeededFuture(new Inspection.LogLevel(askedLevel.orElse(configured), configured));
    }

    private static ConnectionLimits limits(Settings.Connections settings) {
        return new ConnectionLimits(
                TimeUnit.MILLISECONDS.toNanos(settings.keepaliveIntervalMs()),
                TimeUnit.MILLISECONDS.toNanos(settings.keepaliveTimeoutMs()),
                TimeUnit.MILLISECONDS.toNanos(settings.requestTimeoutMs()),
                TimeUnit.MILLISECONDS.toNanos(settings.idleTimeoutMs()),
                settings.maxPerPort(),
                settings.maxControlFramesPerSecond());
    }

    private Future<Void> deploy(EffectiveConfig config, Optional<ServiceManager> manager) {
        ProcessMeters.bind(registry, bus);
        Promise<Void> meshBound = Promise.promise();
        long startedAtMs = System.currentTimeMillis();
        bus.on(Lifecycle.LISTENER_BOUND, bound -> {
            listeners.put(bound.listener(), bound);
            if (bound.listener() == Listener.MESH) {
                meshBound.tryComplete();
            }
        });
        bus.on(Lifecycle.CONFIG_CHANGED, changed -> {
            boolean sameLevel =
                    changed.before().log().level() == changed.after().log().level();
            settings = changed.after();
            connections.limits(limits(settings.connections()));
            onSettings.accept(changed.after());
            askedLevel = sameLevel ? askedLevel : Optional.empty();
            askedLevel.ifPresent(onLevel);
        });
        bus.answer(Inspection.LOG_LEVEL, this::onLogLevel);
        RouterVerticle router = new RouterVerticle(bus, settings, id, startedAtMs, meters);
        AppApiVerticle appApi = new AppApiVerticle(bus, settings, id, meters);
        // Who must not miss an event is deployed before who sends it; the mesh listener, which lets the world in, comes
        // late, and what changes the configuration of all of them last.
        List<Deployable> inOrder = new ArrayList<>();
        manager.ifPresent(found -> inOrder.add(new SystemdVerticle(bus, found)));
        inOrder.addAll(List.of(
                new AdminVerticle(bus, settings, config.isAdminPortDefault(), meters, registry),
                router,
                new DialerVerticle(bus, settings, id, meters),
                new GossipVerticle(bus, settings, id, Version.current(), startedAtMs, meters),
                appApi,
                new DiscoveryVerticle(bus, settings, id, meters),
                new MeshApiVerticle(bus, settings, id, meters),
                new TracingVerticle(bus, settings, id, Version.current()),
                new ConfigVerticle(bus, meters, config)));
        // With one application, a message is read, routed and written in one turn.
        Set<Deployable> onOneLoop = Set.of(router, appApi);
        SharedLoop messages = new SharedLoop();
        Future<?> done = Future.succeededFuture();
        for (Deployable verticle : inOrder) {
            Deployable attended = Attended.by(bus, verticle);
            Deployable placed = onOneLoop.contains(verticle) ? messages.with(attended) : attended;
            done = done.compose(v -> vertx.deployVerticle(placed));
        }
        // It is the last listener to be bound, so the other listeners are known by then.
        return done.compose(v -> meshBound.future());
    }
}
