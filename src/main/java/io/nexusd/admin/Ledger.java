package io.nexusd.admin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.json.JsonObject;
import java.util.Collection;

/**
 * The ledger of this node: every pair of a message and a subscription or peer it is for is delivered, forwarded, dropped or
 * still queued. Read from the meters, so it says what they say; queues are counted up to a second late.
 */
final class Ledger {
    private final MeterRegistry registry;

    Ledger(MeterRegistry registry) {
        this.registry = registry;
    }

    JsonObject json() {
        long targets = sum("nexusd.messages.targets");
        long delivered = sum("nexusd.messages.delivered");
        long forwarded = sum("nexusd.messages.forwarded");
        long dropped = sum("nexusd.messages.dropped");
        long queued = sum("nexusd.messages.queued");
        return new JsonObject()
                .put("published", sum("nexusd.messages.published"))
                .put("targets", targets)
                .put("delivered", by("nexusd.messages.delivered", "delivery_type"))
                .put("forwarded", by("nexusd.messages.forwarded", "peer"))
                .put("dropped", by("nexusd.messages.dropped", "reason"))
                .put("queued", by("nexusd.messages.queued", "where"))
                .put("unaccounted", targets - delivered - forwarded - dropped - queued);
    }

    private JsonObject by(String name, String tag) {
        JsonObject byTag = new JsonObject();
        find(name).forEach(meter -> byTag.put(meter.getId().getTag(tag), value(meter)));
        return byTag;
    }

    private long sum(String name) {
        return find(name).stream().mapToLong(Ledger::value).sum();
    }

    private Collection<Meter> find(String name) {
        return registry.find(name).meters();
    }

    private static long value(Meter meter) {
        double value = meter instanceof Counter counter
                ? counter.count()
                : meter instanceof Gauge gauge ? gauge.value() : Double.NaN;
        return Double.isNaN(value) ? 0 : (long) value;
    }
}
