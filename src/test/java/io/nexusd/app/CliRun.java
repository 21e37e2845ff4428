package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.cli.Cli;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One run of the command line client in this process, against a daemon that is a process of its own. */
public final class CliRun {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<String> arguments;
    private final CompletableFuture<Integer> code;

    private CliRun(String input, List<String> arguments) {
        this.arguments = arguments;
        this.code = CompletableFuture.supplyAsync(
                () -> Cli.run(
                        arguments.toArray(String[]::new),
                        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8)),
                task -> new Thread(task, "cli-run").start());
    }

    /** Begins a run. */
    public static CliRun start(String host, int port, String input, String... arguments) {
        List<String> all = new ArrayList<>(List.of("-h", host, "-p", String.valueOf(port), "--timeout", "20000"));
        all.addAll(List.of(arguments));
        return new CliRun(input, all);
    }

    /** Begins a run without the options that every other one has. */
    public static CliRun bare(String... arguments) {
        return new CliRun("", List.of(arguments));
    }

    /** Waits until it says that its stream has begun. */
    public CliRun awaitReady() {
        await(this + " being ready").atMost(LIMIT).until(() -> err().contains("ready"));
        return this;
    }

    /** Waits for the end, which must have this code. */
    public CliRun ends(int expected) {
        try {
            int ended = code.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            assertThat(ended).as(toString()).isEqualTo(expected);
            return this;
        } catch (Exception e) {
            throw new AssertionError(this + " did not end", e);
        }
    }

    public boolean isRunning() {
        return !code.isDone();
    }

    public List<String> lines() {
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    public String text() {
        return out.toString(StandardCharsets.UTF_8);
    }

    public String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** What it printed, each line of which must be an object. */
    public List<JsonObject> objects() {
        return lines().stream().map(JsonObject::new).toList();
    }

    @Override
    public String toString() {
        return "nexusd-cli " + String.join(" ", arguments) + "\n" + text() + err();
    }
}
