package io.nexusd.bench;

import io.vertx.core.json.JsonObject;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * What the measured part of a run came to.
 *
 * @param expected messages that the subscribers together should have received: what was accepted, for each of them
 * @param dropped what the daemon told that it did not deliver, expired messages not included
 * @param outOfOrder messages that came after a later one of the same publisher, or twice
 * @param seconds from the first message to the last
 * @param latencyNs from when a message was meant to leave to its arrival
 * @param answerNs from when a message was meant to leave to the answer of the daemon
 * @param clientCpuSeconds what the load itself used
 * @param servers what the processes named with {@code --pid} used meanwhile
 */
record Result(
        long published,
        long accepted,
        long rejected,
        long expected,
        long received,
        long dropped,
        long expired,
        long outOfOrder,
        double seconds,
        Histogram latencyNs,
        Histogram answerNs,
        double clientCpuSeconds,
        Optional<ProcessUse> servers) {

    /** Returns how many messages nobody can account for; negative when some came that should not have. */
    long lost() {
        return expected - received - dropped - expired;
    }

    double publishedPerSecond() {
        return seconds > 0 ? published / seconds : 0;
    }

    double receivedPerSecond() {
        return seconds > 0 ? received / seconds : 0;
    }

    /** Returns the result as JSON fields with their units in their names. */
    public JsonObject toJson(int payloadBytes) {
        JsonObject json = new JsonObject()
                .put("published", published)
                .put("accepted", accepted)
                .put("rejected", rejected)
                .put("expected", expected)
                .put("received", received)
                .put("dropped", dropped)
                .put("expired", expired)
                .put("lost", lost())
                .put("out_of_order", outOfOrder)
                .put("seconds", rounded(seconds, 3))
                .put("published_per_second", rounded(publishedPerSecond(), 1))
                .put("received_per_second", rounded(receivedPerSecond(), 1))
                .put("received_megabytes_per_second", rounded(receivedPerSecond() * payloadBytes / 1e6, 2))
                .put("latency_us", percentiles(latencyNs))
                .put("answer_us", percentiles(answerNs))
                .put("client_cpu_seconds", rounded(clientCpuSeconds, 2));
        servers.ifPresent(use -> json.put("server_cpu_seconds", rounded(use.cpuSeconds(), 2))
                .put(
                        "server_cpu_seconds_per_million_received",
                        received == 0 ? null : rounded(use.cpuSeconds() * 1e6 / received, 3))
                .put("server_resident_bytes", use.residentBytes()));
        return json;
    }

    private static JsonObject percentiles(Histogram ns) {
        if (ns.getTotalCount() == 0) {
            return new JsonObject().put("count", 0);
        }
        return new JsonObject()
                .put("count", ns.getTotalCount())
                .put("min", us(ns.getMinValue()))
                .put("mean", us(ns.getMean()))
                .put("p50", us(ns.getValueAtPercentile(50)))
                .put("p90", us(ns.getValueAtPercentile(90)))
                .put("p99", us(ns.getValueAtPercentile(99)))
                .put("p99_9", us(ns.getValueAtPercentile(99.9)))
                .put("p99_99", us(ns.getValueAtPercentile(99.99)))
                .put("max", us(ns.getMaxValue()));
    }

    static double us(double ns) {
        return rounded(ns / 1000, 1);
    }

    private static double rounded(double value, int digits) {
        double scale = Math.pow(10, digits);
        return Math.round(value * scale) / scale;
    }
}
