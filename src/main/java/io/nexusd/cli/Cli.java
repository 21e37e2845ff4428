package io.nexusd.cli;

import io.nexusd.wire.CommandFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import sun.misc.Signal;

/**
 * The command line client: speaks to a daemon as any application does. With a command it runs that one; without, a prompt on a
 * terminal, otherwise the commands on standard input, a line each.
 */
public final class Cli {
    /** As a shell says it of a process that Ctrl-C ended. */
    private static final int INTERRUPTED = 130;

    private Cli() {}

    /**
     * Runs what the arguments say.
     *
     * @param out where data goes; a failed write ends the command
     * @return the exit code: 0 done, 1 failed, 2 usage, 3 unreachable, 4 denied, 5 timed out, 6 rejected by the daemon, 141 when the
     *     reader of a pipe has closed it
     */
    public static int run(String[] args, InputStream in, OutputStream out, PrintStream err) {
        startFast();
        Screen screen = Screen.detect();
        try (Session session = new Session(in, new Output(out, err, screen, false))) {
            CommandLine commands = Commands.parser(session);
            if (needsPrompt(commands, args)) {
                return prompt(session, commands, args, screen);
            }
            Signal.handle(new Signal("INT"), signal -> {
                if (!session.interrupt()) {
                    Runtime.getRuntime().halt(INTERRUPTED);
                }
            });
            return commands.execute(args);
        }
    }

    /** Returns all commands as the parser knows them, for manual pages and completion scripts. */
    public static CommandLine commandLine() {
        CommandLine commands = Commands.parser(new Session(
                InputStream.nullInputStream(),
                new Output(OutputStream.nullOutputStream(), System.err, Screen.detect(), false)));
        // In place of the command with the alias ?, of which no name of a function of the shell can be made.
        commands.getCommandSpec().removeSubcommand("HELP");
        CommandLine help = new CommandLine(new Help());
        help.getCommandSpec().aliases("H");
        Commands.addHelp(help);
        return commands.addSubcommand(help);
    }

    /** What a client that lives for half a second has no use for; it must be said before the libraries look. */
    private static void startFast() {
        System.setProperty("slf4j.provider", "org.slf4j.helpers.NOP_FallbackServiceProvider");
        System.setProperty("slf4j.internal.verbosity", "WARN");
        System.setProperty("vertx.logger-delegate-factory-class-name", "io.vertx.core.logging.SLF4JLogDelegateFactory");
        System.setProperty("vertx.disableDnsResolver", "true");
        System.setProperty("vertx.disableMetrics", "true");
        System.setProperty("io.netty.jfr.enabled", "false");
    }

    /** Tells whether there is no command among the arguments; what cannot be parsed is told as one. */
    private static boolean needsPrompt(CommandLine commands, String[] args) {
        try {
            CommandLine.ParseResult parsed = commands.parseArgs(args);
            return !parsed.hasSubcommand()
                    && !parsed.hasMatchedOption("--help")
                    && !parsed.hasMatchedOption(Commands.VERSION);
        } catch (ParameterException e) {
            return false;
        }
    }

    private static int prompt(Session session, CommandLine commands, String[] args, Screen screen) {
        try {
            ((Commands) commands.getCommandSpec().userObject()).applyToSession();
        } catch (CommandFailure e) {
            session.output().note("nexusd-cli: " + e.getMessage());
            return e.exitCode();
        }
        if (screen.terminal() && System.console() != null) {
            return new Shell(session, commands).run();
        }
        return script(session, commands);
    }

    /** Runs the lines of standard input until one fails. */
    private static int script(Session session, CommandLine commands) {
        BufferedReader lines = new BufferedReader(new InputStreamReader(session.in(), StandardCharsets.UTF_8));
        try {
            String line;
            while (!session.isOver() && (line = lines.readLine()) != null) {
                List<String> words = Words.split(line);
                int code = words.isEmpty() ? 0 : commands.execute(words.toArray(String[]::new));
                if (code != 0) {
                    return code;
                }
            }
            return 0;
        } catch (IOException e) {
            session.output().note("nexusd-cli: standard input cannot be read: " + e.getMessage());
            return CommandFailure.FAILED;
        }
    }
}
