package io.nexusd.lab;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a short system command to its end. A failure or a hang throws with what it printed. */
public final class Shell {
    private static final int LIMIT_S = 60;

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

    /** Like {@link #run}, but returns standard output alone. */
    static String output(List<String> command) {
        Outcome outcome = execute("", command, false);
        if (outcome.exitCode() != 0) {
            throw new IllegalStateException("exit " + outcome.exitCode() + " of " + command + "\n" + outcome.output());
        }
        return outcome.output();
    }

    /** Like {@link #run}, but the exit code is the caller's to judge. */
    public static Outcome attempt(String input, List<String> command) {
        return execute(input, command, true);
    }

    private static Outcome execute(String input, List<String> command, boolean withErrors) {
        try {
            Path output = Files.createTempFile("nexusd-lab", ".out");
            try {
                ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(output.toFile());
                Process process = (withErrors
                                ? builder.redirectErrorStream(true)
                                : builder.redirectError(ProcessBuilder.Redirect.INHERIT))
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
