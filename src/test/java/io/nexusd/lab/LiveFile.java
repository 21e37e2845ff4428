package io.nexusd.lab;

import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The configuration file of a daemon under test, and what the daemon says about it. */
public final class LiveFile {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Path file;
    private final Map<String, String> values = new LinkedHashMap<>();

    public LiveFile(Path file) {
        this.file = file;
    }

    /** One daemon alone on the loopback interface, with every port in the file. */
    public static LiveFile alone(Path file, int app, int admin, int mesh) {
        return new LiveFile(file)
                .set("app.bind", "127.0.0.1")
                .set("app.port", app)
                .set("admin.bind", "127.0.0.1")
                .set("admin.port", admin)
                .set("mesh.bind", "127.0.0.1")
                .set("mesh.port", mesh)
                .set("node.advertise", "127.0.0.1")
                .set("discovery.multicast.enabled", false);
    }

    public LiveFile set(String key, Object value) {
        values.put(key, String.valueOf(value));
        return this;
    }

    public LiveFile unset(String key) {
        values.remove(key);
        return this;
    }

    public String get(String key) {
        return values.get(key);
    }

    /** What is set, by key. */
    public Map<String, String> values() {
        return Map.copyOf(values);
    }

    public Path path() {
        return file;
    }

    public String text() {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + ": '" + entry.getValue() + "'\n")
                .collect(Collectors.joining());
    }

    /** Overwrites the file in place, as a careless editor does. */
    public LiveFile write() {
        return write(text().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    public LiveFile write(byte[] content) {
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, content);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts a new file in the place of the old one, as a careful editor does. */
    public LiveFile rename() {
        try {
            Path fresh = Files.writeString(file.resolveSibling(".fresh"), text());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asks the daemons to read their files now. */
    public static void hangUp(LabDaemon... daemons) {
        List<String> command = new ArrayList<>(List.of("kill", "-HUP"));
        for (LabDaemon daemon : daemons) {
            command.add(String.valueOf(daemon.pid()));
        }
        Shell.runWithInput("", command);
    }

    public static JsonObject shown(LabDaemon daemon) {
        return new JsonObject(daemon.body("/configz"));
    }

    public static String inForce(LabDaemon daemon, String key) {
        return shown(daemon).getJsonObject("keys").getJsonObject(key).getString("value");
    }

    public static JsonObject lastReload(LabDaemon daemon) {
        return shown(daemon).getJsonObject("last_reload");
    }

    public static void awaitInForce(LabDaemon daemon, String key, Object value) {
        await(key + " " + value)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> inForce(daemon, key).equals(String.valueOf(value)));
    }

    /** Waits for the line that the log has for each applied key, and tells how many there are now. */
    public static void awaitLogged(LabDaemon daemon, String key, String before, String after, int times) {
        await("log line of " + key)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> logged(daemon, key, before, after).size() >= times);
    }

    public static List<String> logged(LabDaemon daemon, String key, String before, String after) {
        // In JSON the quotes are escaped.
        return daemon.logLines().stream()
                .map(line -> line.replace("\\\"", "\""))
                .filter(line ->
                        line.contains("config changed key=" + key + " old=\"" + before + "\" new=\"" + after + "\""))
                .toList();
    }
}
