package io.nexusd.config;

import static io.nexusd.config.Samples.load;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.config.LoadResult.ShowAndExit;
import io.nexusd.model.Version;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(
            strings = {"", "--config /etc/nexusd", "--config \"\"", "--config -x", "--config --check-config", "--config"
            })
    void shouldUnderstandTheShortestLinesAsAllOthers(String line) {
        String[] words =
                line.isEmpty() ? new String[0] : line.replace("\"\"", "").split(" ", -1);
        assertThat(Flags.parse(words)).isEqualTo(Flags.parseAny(words));
    }

    @Test
    void shouldTellTheVersion() {
        assertThat(show(Map.of(), "--version")).isEqualTo(new ShowAndExit(0, "nexusd " + Version.current() + "\n", ""));
    }

    @Test
    void shouldTellWhichKeysChanged() {
        EffectiveConfig plain = load(dir, Map.of());
        Map<String, String> every = new HashMap<>();
        Keys.ALL.forEach(key -> every.put(key.environmentName(), Samples.first(key)));
        assertThat(plain.changedKeys(load(dir, every))).isEqualTo(Keys.ALL);
        assertThat(plain.changedKeys(load(dir, Map.of(), "--mesh-port=1"))).isEqualTo(List.of(Keys.MESH_PORT));
        assertThat(plain.changedKeys(load(dir, Map.of(), "--mesh-port=5671"))).isEmpty();
    }
}
