package io.nexusd.cli;

import io.nexusd.proto.admin.ConfigEntry;
import io.nexusd.proto.admin.GetConfigRequest;
import io.nexusd.proto.admin.GetConfigResponse;
import io.nexusd.proto.admin.GetInfoRequest;
import io.nexusd.proto.admin.GetInfoResponse;
import io.nexusd.proto.admin.GetMemoryRequest;
import io.nexusd.proto.admin.GetMemoryResponse;
import io.nexusd.proto.admin.GetStatsRequest;
import io.nexusd.proto.admin.GetStatsResponse;
import io.nexusd.proto.admin.Sample;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows what the daemon says of itself. */
@Command(name = "INFO", description = "The daemon: SERVER, STATS, MEMORY, CONFIG, or all of them.")
final class Info extends Subcommand {
    private static final String OWN = "nexusd_";

    /** A part of it. */
    enum Section {
        SERVER,
        STATS,
        MEMORY,
        CONFIG,
        ALL;

        static final List<Section> EACH = List.of(SERVER, STATS, MEMORY, CONFIG);
    }

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "section",
            description = "${COMPLETION-CANDIDATES}; all unless given.")
    private Section section;

    @Override
    void run() {
        boolean all = section == null || section == Section.ALL;
        List<Section> sections = all ? Section.EACH : List.of(section);
        for (Section one : sections) {
            if (all) {
                output().heading((one == Section.SERVER ? "" : "\n") + "# "
                        + one.name().toLowerCase(Locale.ROOT));
            }
            switch (one) {
                case SERVER -> server();
                case STATS -> stats();
                case MEMORY -> memory();
                case CONFIG -> config();
                case ALL -> throw new IllegalStateException("not a part");
            }
        }
    }

    private Output part(Section one) {
        return part(one.name().toLowerCase(Locale.ROOT));
    }

    private Output part(String name) {
        return output().marked(new JsonObject().put("section", name));
    }

    private void server() {
        GetInfoResponse info = daemon().admin("GetInfo", GetInfoRequest.getDefaultInstance(), GetInfoResponse.parser());
        part(Section.SERVER)
                .fields(new Fields()
                        .add("name", info.getName())
                        .add("id", info.getInstanceUuid())
                        .add("cluster", info.getClusterId())
                        .add("version", info.getVersion())
                        .add("state", Cell.state(info.getReady() ? "ready" : "not ready"))
                        .add("reasons", List.copyOf(info.getReasonsList()))
                        .add("uptime_ms", Cell.duration(info.getNowMs() - info.getStartedAtMs()))
                        .add("mesh", info.getMeshEndpoint())
                        .add("app_port", info.getAppPort())
                        .add("peers", info.getPeers())
                        .add("subscriptions", info.getSubscriptions())
                        .add("topics", info.getTopics())
                        .add("retained", info.getRetained())
                        .add("pid", info.getPid())
                        .add("java", info.getJavaVersion())
                        .add("system", info.getOs())
                        .add("config_file", info.getConfigFile())
                        .add("config_digest", info.getConfigDigest()));
    }

    private void stats() {
        GetStatsResponse stats =
                daemon().admin("GetStats", GetStatsRequest.getDefaultInstance(), GetStatsResponse.parser());
        Table table = new Table("metric", "labels", "value");
        List<Sample> samples = stats.getSamplesList().stream()
                .sorted(Comparator.comparing(Sample::getName)
                        .thenComparing(sample -> new TreeMap<>(sample.getLabelsMap()).toString()))
                .toList();
        for (Sample sample : samples) {
            // The rest is the JVM's, of which MEMORY tells what matters here.
            if (!sample.getName().startsWith(OWN)) {
                continue;
            }
            Map<String, String> labels = new TreeMap<>(sample.getLabelsMap());
            table.row(sample.getName(), labels(labels), number(sample.getValue()));
        }
        part(Section.STATS).table(table);
    }

    private static Cell labels(Map<String, String> labels) {
        List<String> shown = labels.entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .toList();
        JsonObject object = new JsonObject();
        labels.forEach(object::put);
        return Cell.of(object, Text.of(shown));
    }

    /** Counts have no fraction, and are not shown with one. */
    private static Cell number(double value) {
        boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
        return whole ? Cell.of((long) value) : Cell.of(value, String.format(Locale.ROOT, "%.6g", value));
    }

    private void memory() {
        GetMemoryResponse memory =
                daemon().admin("GetMemory", GetMemoryRequest.getDefaultInstance(), GetMemoryResponse.parser());
        part(Section.MEMORY)
                .fields(new Fields()
                        .add("resident_bytes", Cell.bytes(memory.getResident()))
                        .add("heap_used_bytes", Cell.bytes(memory.getHeapUsed()))
                        .add("heap_committed_bytes", Cell.bytes(memory.getHeapCommitted()))
                        .add("heap_max_bytes", Cell.bytes(memory.getHeapMax()))
                        .add("non_heap_used_bytes", Cell.bytes(memory.getNonHeapUsed()))
                        .add("direct_buffers_bytes", Cell.bytes(memory.getDirectBuffers()))
                        .add("collections", memory.getCollectionsCount())
                        .add("collections_duration_ms", Cell.duration(memory.getCollectionsDurationMs()))
                        .add("history_bytes", Cell.bytes(memory.getHistory()))
                        .add("history_messages", memory.getHistoryMessagesCount())
                        .add("retained_bytes", Cell.bytes(memory.getRetained()))
                        .add("retained_messages", memory.getRetainedMessagesCount())
                        .add("waiting_for_subscribers", memory.getSubscriberQueueCount())
                        .add("waiting_for_peers", memory.getLinkQueueCount()));
    }

    private void config() {
        GetConfigResponse config =
                daemon().admin("GetConfig", GetConfigRequest.getDefaultInstance(), GetConfigResponse.parser());
        Table table = new Table("key", "value", "source");
        for (ConfigEntry entry : config.getEntriesList()) {
            table.row(entry.getKey(), entry.getValue(), entry.getSource());
        }
        part(Section.CONFIG).table(table);
        part("config_file")
                .fields(new Fields()
                        .add("file", config.getFile())
                        .add("watching", config.getWatching())
                        .add("digest", config.getDigest())
                        .add(
                                "last_reload_ms",
                                Cell.of(
                                        config.getLastReloadMs(),
                                        Instant.ofEpochMilli(config.getLastReloadMs())
                                                .toString()))
                        .add("last_reload_successful", config.getLastReloadSuccessful())
                        .add("last_reload_changed", List.copyOf(config.getLastReloadChangedList()))
                        .add("last_reload_problems", List.copyOf(config.getLastReloadProblemsList())));
    }
}
