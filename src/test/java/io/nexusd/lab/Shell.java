package io.nexusd.lab;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a short system command to its end. Output and errors come back together; a failure or a hang throws with both. */
public final class Shell {
    private static final int LIMIT_S = 20;

    private Shell() {}

    public static String run(String... command) {
        return runWithInput("", List.of(command));
    }

    public static String runWithInput(String input, List<String> command) {
        Outcome outcome = attempt(input, command);
        if (outcome.exitCode() != 0) {
            throw new IllegalStateException(
                    "exit " + outcome.exitCode() + " of " + command + "\n" + outcome.output() + "\n" + input);
        }
        return outcome.output();
    }

    /** Like {@link #run}, but the exit code is the caller's to judge. */
    public static Outcome attempt(String input, List<String> command) {
        try {
            Path output = Files.createTempFile("nexusd-lab", ".out");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
                try (var stdin = process.getOutputStream()) {
                    stdin.write(input.getBytes(StandardCharsets.UTF_8));
                }
                if (!process.waitFor(LIMIT_S, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new IllegalStateException("no end after " + LIMIT_S + " s: " + command);
                }
                return new Outcome(process.exitValue(), Files.readString(output));
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new InterruptedIOException("interrupted while running " + command));
        }
    }

    public record Outcome(int exitCode, String output) {}
}
