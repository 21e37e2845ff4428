package io.nexusd.lab;

import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A Prometheus of the machine's own, which scrapes daemons each second and keeps what it has in a directory under target. */
public final class PrometheusServer implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Process process;
    private final int port;

    private PrometheusServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts one that scrapes these addresses as the job nexusd, and returns when all of them are up. */
    public static PrometheusServer start(List<String> targets, Path rules) throws IOException {
        Needs.PROMETHEUS.require();
        int port = FreePort.tcp();
        Path directory = Files.createTempDirectory(LabDaemon.logDirectory(), "prometheus-");
        String list = targets.stream().map(target -> '"' + target + '"').collect(Collectors.joining(","));
        Path config = directory.resolve("prometheus.yaml");
        Files.writeString(config, """
                global:
                  scrape_interval: 1s
                  evaluation_interval: 1s
                rule_files: ["%s"]
                scrape_configs:
                  - job_name: nexusd
                    static_configs:
                      - targets: [%s]
                """.formatted(rules.toAbsolutePath(), list));
        Process process = new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + directory.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        PrometheusServer server = new PrometheusServer(process, port);
        try {
            await("all targets of Prometheus up; its log is in " + directory)
                    .atMost(LIMIT)
                    .failFast("Prometheus has ended", () -> !process.isAlive())
                    .ignoreExceptions()
                    .until(() -> server.query("up == 1").size() == targets.size());
        } catch (RuntimeException | Error e) {
            server.close();
            throw e;
        }
        return server;
    }

    /** Returns the samples an expression gives now; an expression that is refused is an error. */
    public JsonArray query(String expression) {
        JsonObject answer = get("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
        return answer.getJsonObject("data").getJsonArray("result");
    }

    /** Returns the expressions of all rules it has loaded, in its own normal form. */
    public List<String> ruleExpressions() {
        List<String> expressions = new ArrayList<>();
        JsonArray groups = get("/api/v1/rules").getJsonObject("data").getJsonArray("groups");
        for (int i = 0; i < groups.size(); i++) {
            JsonArray rules = groups.getJsonObject(i).getJsonArray("rules");
            for (int r = 0; r < rules.size(); r++) {
                expressions.add(rules.getJsonObject(r).getString("query"));
            }
        }
        return expressions;
    }

    /** Runs promtool with this input; returns what it complains about. */
    public static String check(String input, String... arguments) {
        Needs.PROMETHEUS.require();
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        try {
            Path file = Files.createTempFile(LabDaemon.logDirectory(), "promtool-", ".in");
            Files.writeString(file, input);
            Process process = new ProcessBuilder(command)
                    .redirectInput(file.toFile())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? "" : "exit " + process.exitValue() + ": " + output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private JsonObject get(String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(10))
                .build();
        try {
            HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new AssertionError(path + " is answered with " + response.statusCode() + ": " + response.body());
            }
            return new JsonObject(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
