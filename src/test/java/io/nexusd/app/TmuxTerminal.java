package io.nexusd.app;

import static org.awaitility.Awaitility.await;

import io.nexusd.lab.Needs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** A terminal with a command in it, as a person has one: a pane of a tmux server of its own. */
final class TmuxTerminal implements AutoCloseable {
    private static final AtomicInteger STARTED = new AtomicInteger();
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final String server = "nexusd-" + ProcessHandle.current().pid() + "-" + STARTED.incrementAndGet();

    /** Starts the command; the pane stays when it ends and shows its exit code. */
    TmuxTerminal(int columns, int rows, Map<String, String> environment, List<String> command) {
        Needs.TMUX.require();
        StringBuilder line = new StringBuilder("env");
        environment.forEach((name, value) ->
                line.append(" '").append(name).append('=').append(value).append('\''));
        command.forEach(word -> line.append(" '").append(word).append('\''));
        tmux(
                "-f",
                "/dev/null",
                "new-session",
                "-d",
                "-x",
                String.valueOf(columns),
                "-y",
                String.valueOf(rows),
                line + "; echo \"ended with $?\"; exec sleep 1000");
    }

    /** Types text, as it is. */
    TmuxTerminal type(String text) {
        tmux("send-keys", "-l", text);
        return this;
    }

    /** Presses a key by tmux's name for it, such as {@code Enter} or {@code C-c}. */
    TmuxTerminal press(String key) {
        tmux("send-keys", key);
        return this;
    }

    /** What is on the screen now, without what is right of the text. */
    String screen() {
        return tmux("capture-pane", "-p", "-J").stripTrailing();
    }

    TmuxTerminal awaitScreen(String what, Predicate<String> condition) {
        try {
            await(what).atMost(LIMIT).until(() -> condition.test(screen()));
            return this;
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            throw new AssertionError(what + " did not come; on the screen:\n" + screen(), e);
        }
    }

    TmuxTerminal awaitText(String text) {
        return awaitScreen(text, screen -> screen.contains(text));
    }

    private String tmux(String... arguments) {
        List<String> command = new ArrayList<>(List.of("tmux", "-L", server));
        command.addAll(List.of(arguments));
        try {
            ProcessBuilder start = new ProcessBuilder(command).redirectErrorStream(true);
            start.environment().put("TERM", "xterm-256color");
            start.environment().put("LC_ALL", "C.UTF-8");
            Process process = start.start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0 && !arguments[0].equals("kill-server")) {
                throw new IllegalStateException("exit " + process.exitValue() + " of " + command + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException("tmux cannot be run; it is in Debian's package tmux", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        tmux("kill-server");
    }
}
