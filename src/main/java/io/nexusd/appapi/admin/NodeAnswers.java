package io.nexusd.appapi.admin;

import static io.nexusd.appapi.admin.AdminQueries.refused;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Configuration;
import io.nexusd.bus.Inspection;
import io.nexusd.bus.Inspection.Holdings;
import io.nexusd.bus.Lifecycle.ReadinessChanged;
import io.nexusd.bus.Membership;
import io.nexusd.bus.Membership.Peers;
import io.nexusd.model.Settings.Level;
import io.nexusd.proto.admin.ConfigEntry;
import io.nexusd.proto.admin.GetConfigResponse;
import io.nexusd.proto.admin.GetInfoResponse;
import io.nexusd.proto.admin.GetMemoryResponse;
import io.nexusd.proto.admin.GetStatsResponse;
import io.nexusd.proto.admin.LogLevelResponse;
import io.nexusd.proto.admin.SleepResponse;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** What this node tells of itself. */
final class NodeAnswers {
    private static final long MAX_SLEEP_MS = 600_000;

    private final Vertx vertx;
    private final Bus bus;
    private final AdminCalls.Parts parts;
    private final Samples samples;

    NodeAnswers(Vertx vertx, Bus bus, AdminCalls.Parts parts) {
        this.vertx = vertx;
        this.bus = bus;
        this.parts = parts;
        this.samples = new Samples(parts.registry());
    }

    Future<GetInfoResponse> info() {
        Future<Peers> peers = bus.request(Membership.PEERS);
        Future<Holdings> holdings = bus.request(Inspection.HOLDINGS);
        Future<Configuration.Effective> config = bus.request(Configuration.EFFECTIVE);
        return Future.all(peers, holdings, config).map(all -> {
            var self = peers.result().self();
            ReadinessChanged readiness = parts.readiness().get();
            return GetInfoResponse.newBuilder()
                    .setInstanceUuid(self.id().value())
                    .setName(self.name())
                    .setClusterId(self.clusterId())
                    .setVersion(self.version())
                    .setStartedAtMs(self.startedAtMs())
                    .setNowMs(System.currentTimeMillis())
                    .setMeshEndpoint(self.mesh().toString())
                    .setAppPort(self.appPort())
                    .setReady(readiness.ready())
                    .addAllReasons(readiness.reasons())
                    .setPeers(peers.result().peers().size())
                    .setSubscriptions(holdings.result().subscriptions())
                    .setTopics(holdings.result().filters())
                    .setRetained((int) holdings.result().retainedMessages())
                    .setPid(ProcessHandle.current().pid())
                    .setJavaVersion(Runtime.version().toString())
                    .setOs(System.getProperty("os.name") + " " + System.getProperty("os.arch"))
                    .setConfigFile(config.result().file())
                    .setConfigDigest(config.result().digest())
                    .build();
        });
    }

    Future<GetStatsResponse> stats() {
        // Gauges may take a while to read.
        return vertx.executeBlocking(samples::all)
                .map(all -> GetStatsResponse.newBuilder().addAllSamples(all).build());
    }

    Future<GetMemoryResponse> memory() {
        Future<Holdings> holdings = bus.request(Inspection.HOLDINGS);
        Future<Inspection.Clients> clients = bus.request(Inspection.CLIENTS);
        Future<Inspection.Queues> queues = bus.request(Inspection.QUEUES);
        Future<GetMemoryResponse.Builder> process = vertx.executeBlocking(ProcessMemory::read);
        return Future.all(holdings, clients, queues, process)
                .map(all -> process.result()
                        .setHistory(holdings.result().historyBytes())
                        .setHistoryMessagesCount(holdings.result().historyMessages())
                        .setRetained(holdings.result().retainedBytes())
                        .setRetainedMessagesCount(holdings.result().retainedMessages())
                        .setSubscriberQueueCount(clients.result().clients().stream()
                                .mapToLong(Inspection.Client::queueDepth)
                                .sum())
                        .setLinkQueueCount(queues.result().queues().stream()
                                .mapToLong(Inspection.Queue::waiting)
                                .sum())
                        .build());
    }

    Future<GetConfigResponse> config() {
        return bus.request(Configuration.EFFECTIVE).map(effective -> {
            List<ConfigEntry> entries = effective.entries().stream()
                    .map(entry -> ConfigEntry.newBuilder()
                            .setKey(entry.key())
                            .setValue(entry.value())
                            .setSource(entry.source())
                            .build())
                    .toList();
            return GetConfigResponse.newBuilder()
                    .addAllEntries(entries)
                    .setDigest(effective.digest())
                    .setFile(effective.file())
                    .setWatching(effective.watching())
                    .setLastReloadMs(effective.lastReload().atMs())
                    .setLastReloadSuccessful(effective.lastReload().successful())
                    .addAllLastReloadChanged(effective.lastReload().changedKeys())
                    .addAllLastReloadProblems(effective.lastReload().problems())
                    .build();
        });
    }

    Future<LogLevelResponse> logLevel(String wanted) {
        Optional<Level> level = Arrays.stream(Level.values())
                .filter(one -> one.name().equals(wanted.toUpperCase(Locale.ROOT)))
                .findFirst();
        if (!wanted.isEmpty() && level.isEmpty()) {
            String allowed = Arrays.stream(Level.values()).map(Enum::name).collect(Collectors.joining(", "));
            return refused(
                    GrpcStatus.INVALID_ARGUMENT,
                    "level is '" + (wanted.length() > 20 ? wanted.substring(0, 20) + "..." : wanted)
                            + "'; it must be one of " + allowed);
        }
        return bus.request(Inspection.LOG_LEVEL, new Inspection.LogLevelWanted(level))
                .map(now -> LogLevelResponse.newBuilder()
                        .setLevel(now.inForce().name())
                        .setConfigured(now.configured().name())
                        .build());
    }

    Future<SleepResponse> sleep(long durationMs) {
        if (durationMs < 0 || durationMs > MAX_SLEEP_MS) {
            return refused(
                    GrpcStatus.INVALID_ARGUMENT, "duration_ms is " + durationMs + "; it must be 0 to " + MAX_SLEEP_MS);
        }
        long startedNs = System.nanoTime();
        return vertx.timer(Math.max(1, durationMs), TimeUnit.MILLISECONDS)
                .map(slept -> SleepResponse.newBuilder()
                        .setSleptMs((System.nanoTime() - startedNs) / 1_000_000)
                        .build());
    }
}
