package io.nexusd.config;

import static io.nexusd.config.Samples.load;
import static io.nexusd.config.Samples.report;
import static io.nexusd.config.Samples.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.config.LoadResult.ShowAndExit;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLineTest {
    @TempDir
    Path dir;

    private ShowAndExit show(Map<String, String> environment, String... args) {
        return (ShowAndExit) ConfigLoader.parse(args, environment, dir);
    }

    @Test
    void shouldHelpWithEveryFlagAndKey() {
        ShowAndExit help = show(Map.of("APP_PORT", "broken"), "--mesh-port", "broken", "--help");
        assertThat(help.exitCode()).isZero();
        assertThat(help.stderr()).isEmpty();
        String words = help.stdout().replaceAll("\\s+", " ");
        for (Key<?> key : Keys.ALL) {
            assertThat(words).contains(key.environmentName()).contains("Default: " + key.shownDefault());
            key.flags().forEach(flag -> assertThat(words).containsPattern(flag + "(=|\\[=)"));
        }
        assertThat(words).contains("--config", "--check-config", "--version").doesNotContain("%");
        assertThat(show(Map.of(), "-h")).isEqualTo(show(Map.of(), "--help"));
    }

    @Test
    void shouldTellTheVersion() {
        assertThat(show(Map.of(), "--version"))
                .isEqualTo(new ShowAndExit(0, "nexusd " + ConfigLoader.version() + "\n", ""));
    }

    @Test
    void shouldPrintTheEffectiveConfigurationWithSources() {
        Path file = write(dir, "conf/nexusd.yaml", "log.format: json\n");
        ShowAndExit check = show(Map.of("MESH_PORT", "7000", "HOSTNAME", "h"), "--check-config", "--cluster", "blue");
        assertThat(check.exitCode()).isZero();
        assertThat(check.stderr()).isEmpty();
        assertThat(check.stdout().lines())
                .hasSize(Keys.ALL.size() + 2)
                .contains("# configuration file: " + file)
                .contains("cluster.id: blue  # flag --cluster")
                .contains("node.name: h  # default")
                .contains("node.advertise:   # default, first non-loopback address")
                .contains("mesh.port: 7000  # environment MESH_PORT")
                .contains("peers.static:   # default, none")
                .contains("log.format: json  # file " + file)
                .anyMatch(line -> line.matches("# digest: sha256:[0-9a-f]{64}"));
    }

    @Test
    void shouldCheckWithoutPrintingWhatIsBroken() {
        assertThat(report(dir, Map.of(), "--check-config", "--mesh-port", "x")).contains("mesh.port: 'x'");
    }

    @Test
    void shouldDigestValuesAndNotSources() {
        Map<String, String> host = Map.of("HOSTNAME", "h");
        EffectiveConfig plain = load(dir, host);
        assertThat(load(dir, host, "--mesh-port", "5671", "--log-level", "info").digest())
                .isEqualTo(plain.digest());
        assertThat(load(dir, host, "--mesh-port", "5679").digest()).isNotEqualTo(plain.digest());
        Map<String, String> every = new HashMap<>();
        Keys.ALL.forEach(key -> every.put(key.environmentName(), Samples.first(key)));
        assertThat(plain.changedKeys(load(dir, every))).hasSize(Keys.ALL.size());
    }
}
