package io.nexusd.cli;

import io.nexusd.wire.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import picocli.CommandLine;

/**
 * The prompt: reads lines with history and completion, and runs each as a command. Ctrl-C ends the command that runs, or clears
 * the line; Ctrl-D ends the prompt. Nothing else of the client loads JLine's reader and terminal.
 */
final class Shell {
    private static final String HISTORY = "NEXUSD_CLI_HISTORY";

    private final Session session;
    private final CommandLine commands;

    Shell(Session session, CommandLine commands) {
        this.session = session;
        this.commands = commands;
    }

    int run() {
        try (Terminal terminal =
                // It would ask the terminal what it can do, and take an answer that comes late for what was typed.
                TerminalBuilder.builder()
                        .system(true)
                        // Its native library is a file that is unpacked first; without it JLine runs stty.
                        .jni(Files.isWritable(Path.of(System.getProperty("java.io.tmpdir"))))
                        .nativeSignals(true)
                        .graphemeCluster(false)
                        .build()) {
            session.output(session.output().on(new Screen(terminal::getWidth, true)));
            LineReaderBuilder builder = LineReaderBuilder.builder()
                    .terminal(terminal)
                    .appName("nexusd-cli")
                    .completer(completer(new Completion(commands, new KnownNames(session))))
                    .parser(new DefaultParser())
                    .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                    .option(LineReader.Option.INSERT_TAB, false);
            HistoryFile.find(System.getenv(HISTORY), System.getProperty("user.home", "."))
                    .ifPresent(file -> builder.variable(LineReader.HISTORY_FILE, file));
            LineReader reader = builder.build();
            greet();
            while (!session.isOver()) {
                read(terminal, reader);
            }
            return 0;
        } catch (EndOfFileException e) {
            return 0;
        } catch (IOException e) {
            throw new CommandFailure(CommandFailure.FAILED, "the terminal cannot be used: " + e.getMessage());
        }
    }

    private void greet() {
        try {
            session.daemon();
        } catch (CommandFailure e) {
            session.output().note(e.getMessage());
        }
        session.output().note("HELP lists the commands, Tab completes, Ctrl-D ends.");
    }

    private void read(Terminal terminal, LineReader reader) {
        List<String> words;
        try {
            words = Words.split(reader.readLine(prompt()));
        } catch (UserInterruptException e) {
            return;
        }
        if (words.isEmpty()) {
            return;
        }
        Thread running = Thread.currentThread();
        Terminal.SignalHandler before = terminal.handle(Terminal.Signal.INT, signal -> {
            if (!session.interrupt()) {
                running.interrupt();
            }
        });
        try {
            commands.execute(words.toArray(String[]::new));
        } finally {
            terminal.handle(Terminal.Signal.INT, before);
            // What interrupted this command is not meant for the next one.
            boolean interrupted = Thread.interrupted();
            if (interrupted) {
                session.output().note("interrupted");
            }
        }
    }

    private String prompt() {
        return session.isConnected() ? session.target() + "> " : "not connected> ";
    }

    private static Completer completer(Completion completion) {
        return (reader, line, candidates) -> {
            List<String> words = line.words().subList(0, line.wordIndex() + 1);
            String begun = line.word().substring(0, line.wordCursor());
            List<String> upToCursor = new ArrayList<>(words.subList(0, line.wordIndex()));
            upToCursor.add(begun);
            completion.candidates(upToCursor).forEach(text -> candidates.add(new Candidate(text)));
        };
    }
}
