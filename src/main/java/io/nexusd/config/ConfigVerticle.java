package io.nexusd.config;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Configuration;
import io.nexusd.bus.Configuration.Effective;
import io.nexusd.bus.Configuration.NotApplied;
import io.nexusd.bus.Configuration.ReloadResult;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Lifecycle.ConfigChanged;
import io.nexusd.bus.Meters;
import io.vertx.config.ConfigRetriever;
import io.vertx.config.ConfigRetrieverOptions;
import io.vertx.config.ConfigStoreOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns the effective configuration. In: the text of the files, from a configuration retriever; questions for what is in
 * force; requests to reload. Out: CONFIG_CHANGED; RELOADING and RELOADED around a reload that was asked for. A reload is all or
 * nothing: a text with any problem changes nothing.
 */
public final class ConfigVerticle extends VerticleBase {
    /** Edits are noticed within this time plus the settling of the file. */
    static final int SCAN_INTERVAL_MS = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(ConfigVerticle.class);
    private static final long NEVER = -1;

    private final Bus bus;
    private final Meters meters;
    private final boolean watch;
    private final int scanIntervalMs;
    private EffectiveConfig current;
    /** 1 or 0; read by the metrics view on another thread. */
    private final AtomicInteger lastReloadSuccessful = new AtomicInteger(1);

    private ReloadResult lastReload;
    /** What the rooms could not put into force, by keys. */
    private final Map<String, NotApplied> notApplied = new TreeMap<>();

    private boolean stopped;
    private ConfigRetriever retriever;
    private Counter succeeded;
    private Counter failed;

    /**
     * Makes the verticle, which notices edits of the files by itself.
     *
     * @param initial what {@link ConfigLoader} loaded
     */
    public ConfigVerticle(Bus bus, Meters meters, EffectiveConfig initial) {
        this(bus, meters, initial, true, SCAN_INTERVAL_MS);
    }

    /**
     * Makes the verticle.
     *
     * @param watch whether edits of the files are noticed by themselves; otherwise only RELOAD reads them again
     */
    ConfigVerticle(Bus bus, Meters meters, EffectiveConfig initial, boolean watch, int scanIntervalMs) {
        this.bus = bus;
        this.meters = meters;
        this.watch = watch;
        this.scanIntervalMs = scanIntervalMs;
        current = initial;
    }

    @Override
    public Future<?> start() {
        lastReload = new ReloadResult(System.currentTimeMillis(), true, List.of(), List.of());
        registerMeters();
        bus.answer(Configuration.EFFECTIVE, () -> Future.succeededFuture(effective()));
        bus.answer(Configuration.RELOAD, this::reload);
        bus.on(Configuration.NOT_APPLIED, this::onNotApplied);
        ConfigStoreOptions store = new ConfigStoreOptions()
                .setType(FilesStoreFactory.TYPE)
                .setConfig(FilesStoreFactory.toJson(current.inputs().files()));
        retriever = ConfigRetriever.create(
                vertx,
                new ConfigRetrieverOptions()
                        .setIncludeDefaultStores(false)
                        .setScanPeriod(watch ? scanIntervalMs : NEVER)
                        .addStore(store));
        if (watch) {
            retriever.listen(change -> onFilesChanged(change.getNewConfiguration()));
        }
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        stopped = true;
        return retriever.close();
    }

    private void onNotApplied(NotApplied report) {
        if (report.problem().isEmpty()) {
            notApplied.remove(report.keys());
        } else {
            notApplied.put(report.keys(), report);
        }
        showOutcome();
    }

    private void showOutcome() {
        lastReloadSuccessful.set(outcome().successful() ? 1 : 0);
    }

    /** The last reload as it turned out, with what could not be put into force. */
    private ReloadResult outcome() {
        if (notApplied.isEmpty()) {
            return lastReload;
        }
        List<String> problems = new ArrayList<>(lastReload.problems());
        notApplied.values().forEach(report -> problems.add(report.problem()));
        boolean isAsConfigured = notApplied.values().stream().allMatch(NotApplied::isDefault);
        return new ReloadResult(
                lastReload.atMs(), lastReload.successful() && isAsConfigured, lastReload.changedKeys(), problems);
    }

    private Future<ReloadResult> reload() {
        bus.publish(Configuration.RELOADING);
        return retriever
                .getConfig()
                .compose(this::evaluate)
                .recover(failure -> Future.succeededFuture(unreadable(failure)))
                .map(evaluated -> {
                    ReloadResult result = apply(evaluated);
                    record(result);
                    bus.publish(Configuration.RELOADED, result);
                    return result;
                });
    }

    private void onFilesChanged(JsonObject json) {
        if (stopped) {
            return;
        }
        evaluate(json).onComplete(evaluated -> {
            if (stopped) {
                return;
            }
            ReloadResult result = apply(evaluated.succeeded() ? evaluated.result() : unreadable(evaluated.cause()));
            // The first scan, and edits of comments, change nothing and are no news.
            if (!result.successful() || !result.changedKeys().isEmpty() || !lastReload.successful()) {
                record(result);
            }
        });
    }

    /** Off the event loop, for a large file takes a while. Evaluations end in the order in which they were begun. */
    private Future<Evaluation.Result> evaluate(JsonObject json) {
        Inputs inputs = current.inputs();
        Optional<String> file = current.file();
        boolean wasEmpty = current.hasEmptyFile();
        return vertx.executeBlocking(() -> {
            Snapshot snapshot = Snapshot.fromJson(json);
            if (file.isPresent() && snapshot.isNothing()) {
                return Evaluation.Result.failed(gone(file.get()));
            }
            return file.isPresent() && snapshot.isEmpty() && !wasEmpty
                    ? Evaluation.Result.failed(emptied(file.get()))
                    : Evaluation.evaluate(inputs, snapshot);
        });
    }

    private ReloadResult apply(Evaluation.Result evaluated) {
        long nowMs = System.currentTimeMillis();
        if (evaluated.config().isEmpty()) {
            List<String> problems =
                    evaluated.problems().stream().map(Problem::toString).toList();
            return new ReloadResult(nowMs, false, List.of(), problems);
        }
        EffectiveConfig before = current;
        current = evaluated.config().get();
        List<Key<?>> changed = before.changedKeys(current);
        for (Key<?> key : changed) {
            LOG.info(
                    "config changed key={} old=\"{}\" new=\"{}\" source=\"{}\" applied_by=\"{}\"",
                    key.path(),
                    before.shown(key),
                    current.shown(key),
                    current.value(key).source(),
                    key.touches());
        }
        if (!changed.isEmpty()) {
            bus.publish(Lifecycle.CONFIG_CHANGED, new ConfigChanged(before.settings(), current.settings()));
        }
        return new ReloadResult(nowMs, true, changed.stream().map(Key::path).toList(), List.of());
    }

    private void record(ReloadResult result) {
        lastReload = result;
        showOutcome();
        (result.successful() ? succeeded : failed).increment();
        if (result.successful()) {
            LOG.info(
                    "config reloaded changed={} digest={}", result.changedKeys().size(), current.digest());
            return;
        }
        LOG.warn(
                "config reload rejected, nothing changed problems={}",
                result.problems().size());
        result.problems().forEach(problem -> LOG.warn("config problem {}", problem));
    }

    private Effective effective() {
        return new Effective(current.entries(), current.digest(), current.file().orElse(""), watch, outcome());
    }

    private void registerMeters() {
        succeeded = reloads("success");
        failed = reloads("failure");
        Gauge.builder("nexusd.config.last.reload.successful", lastReloadSuccessful, AtomicInteger::get)
                .description("Whether the last reload was applied: 1 yes, 0 no")
                .strongReference(true)
                .register(meters.registry());
    }

    private Counter reloads(String result) {
        return Counter.builder("nexusd.config.reloads")
                .description("Reloads of the configuration, by result")
                .tag("result", result)
                .register(meters.registry());
    }

    private static Problem gone(String file) {
        return new Problem("configuration", file, "", "has gone; put it back, or start again to do without it");
    }

    /** Seldom meant: it is what is left of a file that could not be written, and would put every key back to its default. */
    private static Problem emptied(String file) {
        return new Problem(
                "configuration", file, "", "is empty; to go back to the defaults leave at least a comment in it");
    }

    private static Evaluation.Result unreadable(Throwable failure) {
        LOG.error("config could not be read", failure);
        Problem problem =
                new Problem("configuration", "", "", "could not be read: " + Show.plain(String.valueOf(failure)));
        return Evaluation.Result.failed(problem);
    }
}
