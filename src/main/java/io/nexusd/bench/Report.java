package io.nexusd.bench;

import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** Shows a result: a table for people, one JSON object for programs. */
final class Report {
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99};

    private Report() {}

    static JsonObject json(Plan plan, Result result) {
        return new JsonObject()
                .put("publish_to", plan.publishTo().toString())
                .put("subscribe_at", plan.subscribeAt().toString())
                .put("mode", name(plan.mode()))
                .put("codec", name(plan.codec()))
                .put("payload_bytes", plan.payloadBytes())
                .put("publishers", plan.publishers())
                .put("subscribers", plan.subscribers())
                .put("rate_per_second", plan.ratePerSecond())
                .put("window", plan.window())
                .put("messages_per_write", plan.messagesPerWrite())
                .mergeIn(result.toJson(plan.payloadBytes()));
    }

    static void table(Plan plan, Result result, PrintStream out) {
        row(out, "mode", "%s, codec %s", name(plan.mode()), name(plan.codec()));
        row(
                out,
                "load",
                "%d to %d, %,d byte payloads, %s",
                plan.publishers(),
                plan.subscribers(),
                plan.payloadBytes(),
                plan.isFlatOut()
                        ? String.format(Locale.ROOT, "flat out, at most %,d on their way", plan.window())
                        : String.format(Locale.ROOT, "%,d messages/s", plan.ratePerSecond()));
        row(out, "path", "%s to %s", plan.publishTo(), plan.subscribeAt());
        row(out, "published", "%,14d  %,14.0f /s", result.published(), result.publishedPerSecond());
        row(
                out,
                "received",
                "%,14d  %,14.0f /s  %,.1f MB/s",
                result.received(),
                result.receivedPerSecond(),
                result.receivedPerSecond() * plan.payloadBytes() / 1e6);
        row(
                out,
                "not received",
                "%,14d  dropped %,d, expired %,d, lost %,d; rejected %,d, out of order %,d",
                result.expected() - result.received(),
                result.dropped(),
                result.expired(),
                result.lost(),
                result.rejected(),
                result.outOfOrder());
        latency(out, plan.isFlatOut() ? "latency, loaded" : "latency", result.latencyNs());
        latency(out, "answer", result.answerNs());
        row(out, "CPU of bench", "%.2f s in %.2f s", result.clientCpuSeconds(), result.seconds());
        result.servers()
                .ifPresent(use -> row(
                        out,
                        "CPU of --pid",
                        "%.2f s, %.2f s for a million received; %,.0f MiB resident",
                        use.cpuSeconds(),
                        use.cpuSeconds() * 1e6 / Math.max(1, result.received()),
                        use.residentBytes() / 1048576.0));
    }

    private static void latency(PrintStream out, String name, Histogram ns) {
        if (ns.getTotalCount() == 0) {
            return;
        }
        StringBuilder text = new StringBuilder();
        for (double percentile : PERCENTILES) {
            text.append(String.format(
                    Locale.ROOT, "p%s %,.0f  ", plain(percentile), ns.getValueAtPercentile(percentile) / 1e3));
        }
        row(out, name, "%smax %,.0f µs", text, ns.getMaxValue() / 1e3);
    }

    private static String plain(double percentile) {
        return percentile == Math.rint(percentile) ? String.valueOf((long) percentile) : String.valueOf(percentile);
    }

    private static void row(PrintStream out, String name, String format, Object... values) {
        out.printf(Locale.ROOT, "%-16s %s%n", name, String.format(Locale.ROOT, format, values));
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
