package io.nexusd.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.bus.Configuration.Entry;
import io.nexusd.config.LoadResult.Loaded;
import io.nexusd.config.LoadResult.ShowAndExit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/** Valid values that are not defaults, and the shortest ways to load a configuration in a test. */
final class Samples {
    private static final Map<String, String[]> TEXTS = Map.ofEntries(
            Map.entry("cluster.id", new String[] {"blue", "green"}),
            Map.entry("node.name", new String[] {"n1", "n2"}),
            Map.entry("node.advertise", new String[] {"10.1.1.1", "host.example"}),
            Map.entry("mesh.bind", new String[] {"127.0.0.3", "::1"}),
            Map.entry("app.bind", new String[] {"127.0.0.5", "localhost"}),
            Map.entry("admin.bind", new String[] {"127.0.0.7", "fe80::1%eth0"}),
            Map.entry("admin.remote", new String[] {"true", "true"}),
            Map.entry("discovery.multicast.enabled", new String[] {"true", "false"}),
            Map.entry("discovery.multicast.group", new String[] {"239.1.2.3", "ff02::99"}),
            Map.entry("discovery.multicast.interface", new String[] {"eth0", "lo"}),
            Map.entry("peers.static", new String[] {"a:1,b:2", "[::1]:9"}),
            Map.entry("peers.dns", new String[] {"mesh.example:5671", "x.y:1,z:2"}),
            Map.entry("delivery.backpressure-policy", new String[] {"block", "drop-newest"}),
            Map.entry("tracing.enabled", new String[] {"true", "true"}),
            Map.entry("tracing.endpoint", new String[] {"http://127.0.0.1:9/v1/traces", "https://collector:4318/x"}),
            Map.entry("log.level", new String[] {"TRACE", "FATAL"}),
            Map.entry("log.format", new String[] {"json", "json"}));

    private Samples() {}

    static String first(Key<?> key) {
        return sample(key, 0);
    }

    static String second(Key<?> key) {
        return sample(key, 1);
    }

    private static String sample(Key<?> key, int index) {
        String[] texts = TEXTS.get(key.path());
        return texts != null ? texts[index] : String.valueOf(Long.parseLong(key.defaultText()) + 100 + index);
    }

    static EffectiveConfig load(Path workingDir, Map<String, String> environment, String... args) {
        LoadResult result = ConfigLoader.parse(args, environment, workingDir);
        assertThat(result).as(String.valueOf(result)).isInstanceOf(Loaded.class);
        return ((Loaded) result).config();
    }

    /** Loads what must not load, and returns the report. */
    static String report(Path workingDir, Map<String, String> environment, String... args) {
        LoadResult result = ConfigLoader.parse(args, environment, workingDir);
        assertThat(result).isInstanceOf(ShowAndExit.class);
        ShowAndExit exit = (ShowAndExit) result;
        assertThat(exit.exitCode()).as(exit.stdout()).isEqualTo(2);
        assertThat(exit.stdout()).isEmpty();
        assertThat(exit.stderr()).endsWith("\n");
        return exit.stderr();
    }

    static Entry entry(EffectiveConfig config, String path) {
        return config.entries().stream()
                .filter(entry -> entry.key().equals(path))
                .findFirst()
                .orElseThrow();
    }

    static String value(EffectiveConfig config, String path) {
        return entry(config, path).value();
    }

    static Path write(Path directory, String name, String text) {
        try {
            Path file = directory.resolve(name);
            Files.createDirectories(file.getParent());
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void deleteRecursively(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
