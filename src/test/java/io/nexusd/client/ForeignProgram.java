package io.nexusd.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A program in another language that prints one JSON object a line. Closing it ends it. */
final class ForeignProgram implements AutoCloseable {
    private static final AtomicInteger STARTED = new AtomicInteger();
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final List<String> command;
    private final Path output;
    private final Path errors;
    private final Process process;

    ForeignProgram(Path directory, List<String> command) {
        this.command = command;
        int number = STARTED.incrementAndGet();
        output = directory.resolve("program-" + number + ".out");
        errors = directory.resolve("program-" + number + ".err");
        try {
            process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
        } catch (IOException e) {
            throw new IllegalStateException(
                    "cannot run " + command.get(0) + " (" + e.getMessage() + "); " + ForeignLanguagesIT.REMEDY, e);
        }
    }

    ForeignProgram awaitLines(int count) {
        await(count + " lines of " + command)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    if (!process.isAlive() && lines().size() < count) {
                        throw new AssertionError(
                                "exit " + process.exitValue() + " of " + command + "\n" + read(errors) + read(output));
                    }
                    return lines().size() >= count;
                });
        return this;
    }

    /** Waits for a good end and returns everything it said. */
    List<JsonObject> awaitEnd() {
        try {
            assertThat(process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS))
                    .as("end of %s; it said%n%s%n%s", command, read(errors), read(output))
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        assertThat(process.exitValue())
                .as("exit code of %s%n%s%n%s", command, read(errors), read(output))
                .isZero();
        return lines();
    }

    /** Whole lines only: the last one may still be in the writing. */
    List<JsonObject> lines() {
        String text = read(output);
        return text.substring(0, text.lastIndexOf('\n') + 1)
                .lines()
                .map(JsonObject::new)
                .toList();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
