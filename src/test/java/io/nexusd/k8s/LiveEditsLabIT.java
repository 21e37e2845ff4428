package io.nexusd.k8s;

import static io.nexusd.lab.LiveFile.inForce;
import static io.nexusd.lab.LiveFile.logged;
import static io.nexusd.lab.LiveFile.shown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.nexusd.config.KeyValues;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.LiveFile;
import io.nexusd.lab.LongRun;
import io.nexusd.lab.Mesh;
import io.nexusd.lab.ShowLogs;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Edits of the ConfigMap while applications publish and subscribe on every pod. {@code -Dnexusd.invalid-edits=200} for more
 * invalid ones than the default.
 */
@Tag("load")
@ExtendWith(ShowLogs.class)
@LongRun
class LiveEditsLabIT {
    private static final int PODS = 3;
    private static final int INVALID_EDITS = Integer.getInteger("nexusd.invalid-edits", 15);

    /** After so many invalid edits comes a good one. */
    private static final int GOOD_AFTER = 5;

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(10);
    private static final String MAP = "nexusd-config";
    private static final String YAML = "nexusd.yaml";

    /** Pods apply it some milliseconds apart, and while it differs they have nothing to do with each other. */
    private static final Set<String> PART_THE_PODS = Set.of("cluster.id");

    /** How they find each other again is another race each time. */
    private static final int TIMES_PARTED = 3;

    /** The probes go to this port; whoever leaves it at another one has his pods restarted. */
    private static final Set<String> PUT_BACK_AT_ONCE = Set.of("cluster.id", "admin.port");

    private static Cluster cluster;
    private static List<LabDaemon> daemons;
    private static PodLoad load;

    /** The settings of the manifest, each by its whole path. */
    private LiveFile file;

    private final Map<String, Integer> timesLogged = new HashMap<>();

    @BeforeAll
    static void start() {
        cluster = Cluster.withPods(PODS);
        Manifests manifests = Manifests.render(KustomizationTest.BASE);
        // Who moves a port names the new one in the NetworkPolicy first.
        List<NetworkPolicy> policies = manifests.all(NetworkPolicy.class).stream()
                .map(policy -> Policies.withPort(policy, "mesh", Integer.parseInt(PodKeys.PORTS.get("mesh.port"))))
                .toList();
        cluster.apply(manifests.replacing(policies));
        cluster.awaitReady(PODS, ScalingLabIT.SOON);
        daemons = ScalingLabIT.daemons(cluster);
        Mesh.awaitFull(ScalingLabIT.SOON, daemons);
        load = new PodLoad(daemons);
    }

    @AfterAll
    static void stop() {
        if (load != null) {
            load.close();
        }
        cluster.close();
    }

    @BeforeEach
    void writeTheSettingsOfTheManifest() {
        file = new LiveFile(Path.of(YAML));
        String yaml = Manifests.render(KustomizationTest.BASE)
                .named(ConfigMap.class, MAP)
                .getData()
                .get(YAML);
        ConfigMaps.settings(yaml).forEach(file::set);
        editAndAwaitReading(old -> ConfigMaps.withFiles(old, yaml(file)));
        load.awaitFlow();
        load.assertNothingLost("at the beginning");
    }

    @Test
    void shouldApplyEachKeyAloneAndAllAtOnceUnderLoad() {
        Map<String, String> usual = file.values();
        Map<String, String> changes = KeyValues.changes(usual, PodKeys.fitting());
        Set<String> ofThePodSpec = PodKeys.setByThePodSpec(daemons.get(0));
        assertThat(ofThePodSpec).containsExactlyInAnyOrder("node.name", "node.advertise");
        Map<String, String> live = new LinkedHashMap<>(changes);
        live.keySet().removeAll(ofThePodSpec);

        ofThePodSpec.forEach(key -> leaveAlone(key, changes.get(key)));
        live.forEach((key, value) -> {
            change(Map.of(key, value), true);
            if (PUT_BACK_AT_ONCE.contains(key)) {
                change(PodKeys.back(Set.of(key), usual), true);
            }
            for (int i = 1; i < TIMES_PARTED && PART_THE_PODS.contains(key); i++) {
                change(Map.of(key, value), true);
                change(PodKeys.back(Set.of(key), usual), true);
            }
        });
        // All the others have their new values by now. From here on nobody tells the daemons that there is something to
        // read.
        live.keySet().removeAll(PART_THE_PODS);
        Set<String> changed = new TreeSet<>(live.keySet());
        changed.removeAll(PUT_BACK_AT_ONCE);
        change(PodKeys.back(changed, usual), false);
        change(live, false);
        change(PodKeys.back(live.keySet(), usual), false);
        cluster.awaitReady(PODS, LIMIT);
        assertUndisturbed();
    }

    /** Edits the keys in one edit, and waits until every pod has applied each of them and messages flow on. */
    private void change(Map<String, String> values, boolean isTold) {
        Map<String, String> before = new HashMap<>();
        values.forEach((key, value) -> {
            before.put(key, file.get(key) == null ? KeyValues.defaultText(key) : file.get(key));
            file.set(key, value);
        });
        cluster.edit(MAP, old -> ConfigMaps.withFiles(old, yaml(file)));
        if (isTold) {
            LiveFile.hangUp(daemons.toArray(LabDaemon[]::new));
        }
        String what = values.size() == 1 ? values.toString() : values.size() + " keys at once";
        values.forEach((key, value) -> {
            int times = timesLogged.merge(key + "=" + before.get(key) + " " + value, 1, Integer::sum);
            for (LabDaemon daemon : daemons) {
                awaitSoon(
                        key + " " + value + " in " + daemon,
                        () -> logged(daemon, key, before.get(key), value).size() >= times);
            }
        });
        if (file.get("admin.port").equals("9090")) {
            values.forEach((key, value) -> daemons.forEach(daemon -> awaitSoon(
                    key + " in the view of " + daemon,
                    () -> inForce(daemon, key).equals(value))));
        }
        load.awaitFlow();
        if (values.keySet().stream().anyMatch(PART_THE_PODS::contains)) {
            load.forgiveLossBetweenPods();
        }
        load.assertNothingLost("after " + what);
    }

    /** The environment wins: an edit of this key is read, and changes nothing. */
    private void leaveAlone(String key, String value) {
        List<String> before = daemons.stream()
                .map(daemon -> shown(daemon).getString("digest"))
                .toList();
        file.set(key, value);
        editAndAwaitReading(old -> ConfigMaps.withFiles(old, yaml(file)));
        for (int i = 0; i < daemons.size(); i++) {
            LabDaemon daemon = daemons.get(i);
            assertThat(lastReload(daemon).getBoolean("successful")).as(key).isTrue();
            assertThat(shown(daemon).getString("digest")).as(key).isEqualTo(before.get(i));
        }
        load.awaitFlow();
        load.assertNothingLost("after an edit of " + key);
    }

    @Test
    void shouldTakeNothingFromInvalidEditsUnderLoad() throws IOException {
        long seed = Long.getLong("nexusd.seed", System.nanoTime());
        System.out.println("invalid edits of the ConfigMap: seed " + seed);
        InvalidConfigMaps edits = new InvalidConfigMaps(new Random(seed));
        for (int i = 0; i < INVALID_EDITS; i++) {
            InvalidConfigMaps.Edit edit = edits.next(file.text());
            refuse(edit, "edit " + i + " of seed " + seed + ": " + edit);
            load.assertAlive();
            if (i % GOOD_AFTER == GOOD_AFTER - 1) {
                change(Map.of("delivery.block-timeout-ms", String.valueOf(1000 + i)), true);
                for (LabDaemon daemon : daemons) {
                    assertThat(lastReload(daemon).getBoolean("successful")).isTrue();
                    assertThat(daemon.metric("nexusd_config_last_reload_successful"))
                            .isEqualTo(1);
                }
            }
        }
        assertUndisturbed();
    }

    /** Every pod reports the edit by metric, view and log, and goes on with what it had. */
    private static void refuse(InvalidConfigMaps.Edit edit, String what) {
        List<JsonObject> before = daemons.stream().map(LiveFile::shown).toList();
        List<Long> refusals =
                daemons.stream().map(LiveEditsLabIT::loggedRefusals).toList();
        List<Double> failures = daemons.stream()
                .map(daemon -> daemon.metric("nexusd_config_reloads_total", "failure"))
                .toList();
        editAndAwaitReading(old -> ConfigMaps.withFiles(old, edit.files()));
        for (int i = 0; i < daemons.size(); i++) {
            LabDaemon daemon = daemons.get(i);
            JsonObject after = shown(daemon);
            JsonObject reload = after.getJsonObject("last_reload");
            assertThat(reload.getBoolean("successful")).as(what).isFalse();
            assertThat(reload.getJsonArray("problems")).as(what).isNotEmpty();
            assertThat(reload.getJsonArray("changed")).as(what).isEqualTo(new JsonArray());
            assertThat(after.getJsonObject("keys"))
                    .as(what)
                    .isEqualTo(before.get(i).getJsonObject("keys"));
            assertThat(after.getString("digest"))
                    .as(what)
                    .isEqualTo(before.get(i).getString("digest"));
            assertThat(daemon.metric("nexusd_config_reloads_total", "failure"))
                    .as(what)
                    .isGreaterThan(failures.get(i));
            assertThat(daemon.metric("nexusd_config_last_reload_successful"))
                    .as(what)
                    .isZero();
            long logged = refusals.get(i);
            awaitSoon("a line in the log of " + daemon + " on " + what, () -> loggedRefusals(daemon) > logged);
        }
    }

    /** Returns when every pod has read what is in its files now. */
    private static void editAndAwaitReading(UnaryOperator<ConfigMap> change) {
        long nowMs = System.currentTimeMillis();
        cluster.edit(MAP, change);
        LiveFile.hangUp(daemons.toArray(LabDaemon[]::new));
        daemons.forEach(daemon ->
                awaitSoon("reading by " + daemon, () -> lastReload(daemon).getLong("at_ms") >= nowMs));
    }

    private static Map<String, byte[]> yaml(LiveFile file) {
        return Map.of(YAML, file.text().getBytes(StandardCharsets.UTF_8));
    }

    private static long loggedRefusals(LabDaemon daemon) {
        return daemon.logLines().stream()
                .filter(line -> line.contains("config problem"))
                .count();
    }

    private static JsonObject lastReload(LabDaemon daemon) {
        return LiveFile.lastReload(daemon);
    }

    /** Where two addresses of the admin listener need the same port, nobody listens for some milliseconds. */
    private static void awaitSoon(String what, Callable<Boolean> condition) {
        await(what)
                .atMost(LIMIT)
                .pollDelay(Duration.ZERO)
                .pollInterval(POLL)
                .ignoreException(UncheckedIOException.class)
                .until(condition);
    }

    private static void assertUndisturbed() {
        load.awaitFlow();
        load.assertNothingLost("at the end");
        System.out.println("published under edits: " + load.published());
        List<String> complaints = new ArrayList<>();
        for (Pod pod : cluster.pods()) {
            assertThat(pod.restarts()).as("restarts of %s", pod.name()).isZero();
            pod.daemon().logLines().stream()
                    .filter(line -> line.contains("bus handler failed") || line.startsWith("\tat "))
                    .forEach(complaints::add);
        }
        assertThat(complaints).isEmpty();
    }
}
