package io.nexusd.config;

import static io.nexusd.config.Samples.load;
import static io.nexusd.config.Samples.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Configuration;
import io.nexusd.bus.Configuration.Effective;
import io.nexusd.bus.Configuration.Entry;
import io.nexusd.bus.Configuration.ReloadResult;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Lifecycle.ConfigChanged;
import io.nexusd.bus.Meters;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigVerticleTest {
    private static final int SCAN_INTERVAL_MS = 20;
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);

    @TempDir
    Path dir;

    private final Vertx vertx = Vertx.vertx();
    private final Bus bus = new Bus(vertx);
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final List<ConfigChanged> changes = new CopyOnWriteArrayList<>();
    private Path file;

    @BeforeEach
    void listen() {
        file = write(dir, "conf/nexusd.yaml", "mesh.port: 7001\n");
        bus.on(Lifecycle.CONFIG_CHANGED, changes::add);
    }

    @AfterEach
    void close() {
        get(vertx.close());
    }

    @Test
    void shouldNoticeAnEditAndTellBeforeAndAfter() throws IOException {
        start(true);
        Files.writeString(file, "mesh.port: 7002\nlog.level: debug\n");
        ConfigChanged change = nextChange(1);
        assertThat(change.before().mesh().port()).isEqualTo(7001);
        assertThat(change.after().mesh().port()).isEqualTo(7002);
        assertThat(change.after().log().level()).hasToString("DEBUG");
        assertThat(change.after().app()).isEqualTo(change.before().app());
        Effective effective = effective();
        assertThat(effective.lastReload().successful()).isTrue();
        assertThat(effective.lastReload().changedKeys()).containsExactly("mesh.port", "log.level");
        assertThat(effective.entries()).contains(new Entry("mesh.port", "7002", "file " + file));
        assertThat(reloads("success")).isEqualTo(1);
    }

    @Test
    void shouldNoticeAFileReplacedByRename() throws IOException {
        start(true);
        for (int port = 7002; port < 7005; port++) {
            Path fresh = write(dir, "conf/.nexusd.yaml.tmp", "mesh.port: " + port + "\n");
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            assertThat(nextChange(port - 7001).after().mesh().port()).isEqualTo(port);
        }
        assertThat(reloads("failure")).isZero();
    }

    @Test
    void shouldNoticeTheSwapOfAMountedConfigMap() throws IOException {
        Path etc = dir.resolve("etc");
        write(etc, "..2024_1/nexusd.yaml", "mesh.port: 7001\n");
        write(etc, "..2024_1/LOG_LEVEL", "warn");
        Files.createSymbolicLink(etc.resolve("..data"), Path.of("..2024_1"));
        Files.createSymbolicLink(etc.resolve("nexusd.yaml"), Path.of("..data", "nexusd.yaml"));
        Files.createSymbolicLink(etc.resolve("LOG_LEVEL"), Path.of("..data", "LOG_LEVEL"));
        start(true, "--config", "etc");

        write(etc, "..2024_2/nexusd.yaml", "mesh.port: 7002\n");
        write(etc, "..2024_2/LOG_LEVEL", "error");
        Files.createSymbolicLink(etc.resolve("..data_tmp"), Path.of("..2024_2"));
        Files.move(etc.resolve("..data_tmp"), etc.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        Samples.deleteRecursively(etc.resolve("..2024_1"));

        ConfigChanged change = nextChange(1);
        assertThat(change.before().log().level()).hasToString("WARN");
        assertThat(change.after().log().level()).hasToString("ERROR");
        assertThat(change.after().mesh().port()).isEqualTo(7002);
        assertThat(changes).hasSize(1);
        assertThat(effective().file()).isEqualTo(etc.toString());
    }

    @Test
    void shouldChangeNothingForABadEditAndTellEveryProblem() throws IOException {
        start(true);
        Effective before = effective();
        Files.writeString(file, "mesh.port: 70000\nmesh.prot: 1\nlog.level: debug\n");
        await().atMost(LONG_ENOUGH).until(() -> !effective().lastReload().successful());
        Effective after = effective();
        assertThat(after.lastReload().problems())
                .hasSize(2)
                .anySatisfy(problem -> assertThat(problem).contains("mesh.port: '70000'", "line 1"))
                .anySatisfy(problem -> assertThat(problem).contains("mesh.prot", "did you mean 'mesh.port'?"));
        assertThat(after.lastReload().changedKeys()).isEmpty();
        assertThat(after.entries()).isEqualTo(before.entries());
        assertThat(after.digest()).isEqualTo(before.digest());
        assertThat(lastReloadSuccessful()).isZero();
        assertThat(reloads("failure")).isEqualTo(1);
        assertThat(registry.scrape())
                .contains("nexusd_config_last_reload_successful 0.0\n")
                .contains("nexusd_config_reloads_total{result=\"failure\"} 1.0\n")
                .contains("nexusd_config_reloads_total{result=\"success\"} 0.0\n");

        // The way back is a success although nothing has changed since the start.
        Files.writeString(file, "mesh.port: 7001\n");
        await().atMost(LONG_ENOUGH).until(() -> lastReloadSuccessful() == 1);
        assertThat(effective().lastReload().successful()).isTrue();
        assertThat(reloads("success")).isEqualTo(1);
        assertThat(changes).isEmpty();
    }

    @Test
    void shouldRefuseToLoseTheFileAndTakeItBack() throws IOException {
        start(true);
        Files.delete(file);
        await().atMost(LONG_ENOUGH).until(() -> lastReloadSuccessful() == 0);
        assertThat(effective().lastReload().problems())
                .singleElement()
                .asString()
                .contains("has gone");
        write(dir, "conf/nexusd.yaml", "mesh.port: 7009\n");
        assertThat(nextChange(1).after().mesh().port()).isEqualTo(7009);
        assertThat(lastReloadSuccessful()).isEqualTo(1);
    }

    @Test
    void shouldBeSilentAboutAFileThatIsAsEmptyAsItWasAtTheStart() throws IOException {
        Files.writeString(file, "");
        start(true);
        assertThat(reload().successful()).isTrue();
        Files.writeString(file, "mesh.port: 7003\n");
        assertThat(nextChange(1).after().mesh().port()).isEqualTo(7003);
        // The scans before saw an empty file and took no offence; once there is something in it, it may not be lost.
        assertThat(reloads("failure")).isZero();
        Files.writeString(file, "");
        await().atMost(LONG_ENOUGH).until(() -> lastReloadSuccessful() == 0);
        assertThat(effective().lastReload().problems())
                .singleElement()
                .asString()
                .contains("is empty");
        assertThat(changes).hasSize(1);
    }

    @Test
    void shouldTakeUpAFileThatAppearsAfterTheStart() throws IOException {
        Files.delete(file);
        start(true);
        assertThat(effective().file()).isEmpty();
        write(dir, "conf/nexusd.yaml", "mesh.port: 7003\n");
        assertThat(nextChange(1).after().mesh().port()).isEqualTo(7003);
        assertThat(effective().file()).isEqualTo(file.toString());
    }

    @Test
    void shouldTakeNoNewsFromAnEditOfComments() throws IOException {
        start(true);
        Files.writeString(file, "# words\nmesh:\n  port: '7001'\n");
        Files.writeString(file, "# words\nmesh:\n  port: '7001'\nlog.format: json\n");
        nextChange(1);
        assertThat(changes).hasSize(1);
        assertThat(effective().lastReload().changedKeys()).containsExactly("log.format");
    }

    @Test
    void shouldLetTheCommandLineAndEnvironmentWinAfterAReloadToo() throws IOException {
        EffectiveConfig initial = load(dir, Map.of("LOG_LEVEL", "warn"), "--mesh-port", "7777");
        deploy(initial, false);
        Files.writeString(file, "mesh.port: 7002\nlog.level: debug\napp.port: 7003\n");
        assertThat(reload().changedKeys()).containsExactly("app.port");
        assertThat(effective().entries())
                .contains(
                        new Entry("mesh.port", "7777", "flag --mesh-port"),
                        new Entry("log.level", "WARN", "environment LOG_LEVEL"),
                        new Entry("app.port", "7003", "file " + file));
    }

    @Test
    void shouldReloadOnlyWhenAskedWithoutWatching() throws IOException {
        start(false);
        Effective before = effective();
        assertThat(before.watching()).isFalse();
        assertThat(before.file()).isEqualTo(file.toString());
        assertThat(before.lastReload().successful()).isTrue();
        assertThat(before.entries()).hasSize(Keys.ALL.size());
        Files.writeString(file, "mesh.port: 7002\n");
        // Many scan intervals long, and still nobody has looked at the file.
        get(vertx.timer(10L * SCAN_INTERVAL_MS));
        assertThat(effective()).isEqualTo(before);

        ReloadResult result = reload();
        assertThat(result.successful()).isTrue();
        assertThat(result.changedKeys()).containsExactly("mesh.port");
        assertThat(nextChange(1).after().mesh().port()).isEqualTo(7002);
        assertThat(effective().lastReload()).isEqualTo(result);
        assertThat(effective().digest()).isNotEqualTo(before.digest());
    }

    @Test
    void shouldAnswerEveryReloadWithSuccessOrFailureAsAValue() throws IOException {
        start(false);
        Files.writeString(file, "mesh: [\n");
        ReloadResult bad = reload();
        assertThat(bad.successful()).isFalse();
        assertThat(bad.problems()).singleElement().asString().contains("is not valid YAML");
        Files.write(file, new byte[2 << 20]);
        assertThat(reload().problems()).singleElement().asString().contains("is larger than");
        Files.writeString(file, "mesh.port: 7001\n");
        ReloadResult same = reload();
        assertThat(same.successful()).isTrue();
        assertThat(same.changedKeys()).isEmpty();
        assertThat(same.problems()).isEmpty();
        assertThat(reloads("failure")).isEqualTo(2);
        assertThat(reloads("success")).isEqualTo(1);
        assertThat(changes).isEmpty();
        assertThat(bus.handlerFailures()).isZero();
    }

    @Test
    void shouldKeepTheOrderOfManyReloads() throws IOException {
        start(true);
        List<Future<ReloadResult>> reloads = new ArrayList<>();
        for (int port = 7100; port < 7120; port++) {
            Files.writeString(file, "mesh.port: " + port + "\n");
            reloads.add(bus.request(Configuration.RELOAD));
        }
        get(Future.all(reloads));
        assertThat(reloads).allMatch(reload -> reload.result().successful());
        await().atMost(LONG_ENOUGH)
                .until(() -> effective().entries().contains(new Entry("mesh.port", "7119", "file " + file)));
        // Each change begins where the one before ended.
        for (int i = 1; i < changes.size(); i++) {
            assertThat(changes.get(i).before()).isEqualTo(changes.get(i - 1).after());
        }
    }

    @Test
    void shouldStopLookingWhenUndeployed() throws IOException {
        String id = start(true);
        get(vertx.undeploy(id));
        Files.writeString(file, "mesh.port: 7002\n");
        get(vertx.timer(10L * SCAN_INTERVAL_MS));
        assertThat(changes).isEmpty();
    }

    private String start(boolean watch, String... args) {
        return deploy(load(dir, Map.of("HOSTNAME", "h"), args), watch);
    }

    private String deploy(EffectiveConfig initial, boolean watch) {
        return get(
                vertx.deployVerticle(new ConfigVerticle(bus, new Meters(registry), initial, watch, SCAN_INTERVAL_MS)));
    }

    private ConfigChanged nextChange(int count) {
        await().atMost(LONG_ENOUGH).until(() -> changes.size() >= count);
        return changes.get(count - 1);
    }

    private Effective effective() {
        return get(bus.request(Configuration.EFFECTIVE));
    }

    private ReloadResult reload() {
        return get(bus.request(Configuration.RELOAD));
    }

    private double reloads(String result) {
        return registry.get("nexusd.config.reloads")
                .tag("result", result)
                .counter()
                .count();
    }

    private int lastReloadSuccessful() {
        return (int)
                registry.get("nexusd.config.last.reload.successful").gauge().value();
    }

    private static <T> T get(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
