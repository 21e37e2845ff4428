package io.nexusd.cli;

import io.nexusd.model.Endpoint;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The command line client: speaks to a daemon as any application does. */
@Command(
        name = "nexusd-cli",
        description = "Talks to a NexusD daemon.",
        subcommands = {
            Publish.class,
            Subscribe.class,
            Queries.Ping.class,
            Queries.Pubsub.class,
            Queries.Mesh.class,
            HelpCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        usageHelpAutoWidth = true)
public final class Cli {
    /** Commands of the documented set that this version does not have; they are refused by name, not as misspelt. */
    private static final Set<String> NOT_YET =
            Set.of("DISCOVER", "LS", "CONNECT", "DISCONNECT", "INFO", "MONITOR", "MON", "CLIENT", "EXPLAIN", "DEBUG");

    @Option(
            names = {"-h", "--host"},
            defaultValue = "127.0.0.1",
            description = "Host of the daemon; ${DEFAULT-VALUE}.")
    private String host;

    @Option(
            names = {"-p", "--port"},
            defaultValue = "5672",
            description = "Its application port; ${DEFAULT-VALUE}.")
    private int port;

    @Option(names = "--json", description = "One JSON object a line instead of tables.")
    private boolean json;

    @Option(
            names = "--timeout",
            paramLabel = "MS",
            defaultValue = "5000",
            description = "How long to wait for an answer, milliseconds; ${DEFAULT-VALUE}.")
    private int timeoutMs;

    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;

    private Cli(InputStream in, PrintStream out, PrintStream err) {
        this.in = in;
        this.out = out;
        this.err = err;
    }

    /**
     * Runs one command.
     *
     * @return the exit code: 0 done, 1 failed, 2 usage, 3 unreachable, 4 denied, 5 timed out, 6 rejected by the daemon
     */
    public static int run(String[] args, InputStream in, PrintStream out, PrintStream err) {
        CommandLine commandLine = new CommandLine(new Cli(in, out, err))
                .setSubcommandsCaseInsensitive(true)
                .setOut(new java.io.PrintWriter(out, true))
                .setErr(new java.io.PrintWriter(err, true))
                .setParameterExceptionHandler((e, given) -> usage(e, err))
                .setExecutionExceptionHandler((e, command, parsed) -> failed(e, err));
        if (args.length == 0) {
            commandLine.usage(err);
            return CommandFailure.USAGE;
        }
        return commandLine.execute(args);
    }

    DaemonClient connect() {
        return new DaemonClient(endpoint(), timeoutMs);
    }

    Output output() {
        return new Output(out, err, json);
    }

    InputStream in() {
        return in;
    }

    private Endpoint endpoint() {
        try {
            return new Endpoint(host, port);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(CommandFailure.USAGE, "-h and -p: " + e.getMessage());
        }
    }

    private static int usage(ParameterException e, PrintStream err) {
        List<String> unknown =
                e instanceof CommandLine.UnmatchedArgumentException unmatched ? unmatched.getUnmatched() : List.of();
        boolean notYet = !unknown.isEmpty() && NOT_YET.contains(unknown.get(0).toUpperCase(Locale.ROOT));
        err.println("nexusd-cli: "
                + (notYet ? "this version does not have the command " + unknown.get(0) : e.getMessage())
                + "; HELP lists what there is");
        return CommandFailure.USAGE;
    }

    private static int failed(Exception e, PrintStream err) {
        if (e instanceof CommandFailure failure) {
            err.println("nexusd-cli: " + failure.getMessage());
            return failure.exitCode();
        }
        err.println("nexusd-cli: " + e);
        return CommandFailure.FAILED;
    }
}
