package io.nexusd.tracing;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Lifecycle;
import io.nexusd.model.NodeId;
import io.nexusd.model.Settings;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns tracing on and off. Owns what makes the spans, while it is on; off, none of OpenTelemetry's classes is loaded. In: the
 * configuration. Out: the maker in {@link Bus#spans()}.
 */
public final class TracingVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(TracingVerticle.class);

    private final Bus bus;
    private final NodeId self;
    private final String version;
    private Settings settings;
    private OtlpSpans open;
    /** Switches follow one another; each waits for the one before. */
    private Future<Void> switched = Future.succeededFuture();

    public TracingVerticle(Bus bus, Settings settings, NodeId self, String version) {
        this.bus = bus;
        this.settings = settings;
        this.self = self;
        this.version = version;
    }

    @Override
    public Future<?> start() {
        bus.on(Lifecycle.CONFIG_CHANGED, changed -> {
            boolean same = settings.tracing().equals(changed.after().tracing())
                    && settings.node().name().equals(changed.after().node().name());
            settings = changed.after();
            if (!same) {
                apply();
            }
        });
        if (settings.tracing().enabled()) {
            apply();
        }
        return switched;
    }

    @Override
    public Future<?> stop() {
        return close(open);
    }

    private void apply() {
        switched = switched.compose(
                before -> open(settings.tracing(), settings.node().name()));
    }

    private Future<Void> open(Settings.Tracing tracing, String nodeName) {
        OtlpSpans old = open;
        if (!tracing.enabled()) {
            return close(old);
        }
        return vertx.executeBlocking(() -> new OtlpSpans(tracing.endpoint(), self.value(), nodeName, version))
                .compose(opened -> {
                    open = opened;
                    bus.spans().use(opened);
                    LOG.info("tracing on endpoint={}", tracing.endpoint());
                    return close(old);
                })
                .onFailure(e -> LOG.error("tracing cannot be turned on endpoint={}", tracing.endpoint(), e))
                .otherwiseEmpty();
    }

    private Future<Void> close(OtlpSpans old) {
        if (old == null) {
            return Future.succeededFuture();
        }
        if (old == open) {
            open = null;
            bus.spans().use(null);
            LOG.info("tracing off");
        }
        // What has ended goes out first, if the collector takes it.
        return vertx.executeBlocking(() -> {
            old.close();
            return null;
        });
    }
}
