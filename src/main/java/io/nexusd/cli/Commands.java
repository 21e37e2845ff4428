package io.nexusd.cli;

import io.nexusd.model.Endpoint;
import io.nexusd.model.IpAddress;
import io.nexusd.model.Settings;
import io.nexusd.model.Version;
import io.nexusd.wire.CommandFailure;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/**
 * The set of commands and the options that hold for all of them. One line is parsed and run at a time; options given with a
 * line in the interactive prompt hold for that line, but for those that name a daemon.
 */
@Command(
        name = "nexusd-cli",
        description = {
            "The command line client of the NexusD daemon. Without a command it is a prompt with history and completion.",
            "Case does not matter in the names of commands. Exit codes: 0 done, 1 failed, 2 usage, 3 unreachable, 4 denied, 5 timed out,"
                    + " 6 rejected by the daemon."
        },
        subcommands = {
            Discover.class,
            Connect.class,
            Connect.Disconnect.class,
            Ping.class,
            Info.class,
            Publish.class,
            Subscribe.class,
            Monitor.class,
            Top.class,
            Pubsub.class,
            Mesh.class,
            Clients.class,
            Explain.class,
            Debug.class,
            Help.class,
            Help.Clear.class,
            Help.Quit.class
        },
        synopsisSubcommandLabel = "COMMAND")
final class Commands {
    private static final String HELP = "--help";
    static final String VERSION = "--version";

    @Option(
            names = {"-h", "--host"},
            scope = ScopeType.INHERIT,
            paramLabel = "HOST",
            description = "Host of the daemon; 127.0.0.1 unless given.")
    private String host;

    @Option(
            names = {"-p", "--port"},
            scope = ScopeType.INHERIT,
            paramLabel = "PORT",
            description = "Its application port; " + Settings.App.DEFAULT_PORT + " unless given.")
    private Integer port;

    @Option(names = "-n", paramLabel = "INDEX", description = "Instead: its number in what DISCOVER shows.")
    private Integer index;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "One JSON object a line instead of tables.")
    private boolean json;

    @Option(
            names = "--timeout",
            paramLabel = "MS",
            description = "How long to wait for an answer, milliseconds; 5000 unless given.")
    private Integer timeoutMs;

    @Option(names = "--no-connect", description = "Do not connect before CONNECT.")
    private boolean noConnect;

    @Option(names = HELP, description = "Shows what there is.")
    private boolean help;

    @Option(
            names = {"-V", VERSION},
            description = "Prints the version.")
    private boolean version;

    private final Session session;

    private Commands(Session session) {
        this.session = session;
    }

    /** Returns a parser of command lines whose commands share the session. */
    static CommandLine parser(Session session) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        CommandLine commandLine = new CommandLine(new Commands(session))
                .setSubcommandsCaseInsensitive(true)
                .setCaseInsensitiveEnumValuesAllowed(true)
                // The last one holds, so that an alias of the shell may name a daemon and its user another.
                .setOverwrittenOptionsAllowed(true)
                // A word is what it is: no file is read for @name, and a topic or payload may be a number below zero.
                // What
                // else begins with a dash is checked by ArgumentWords.
                .setExpandAtFiles(false)
                .setUnmatchedOptionsArePositionalParams(true)
                .setUsageHelpAutoWidth(false)
                .setOut(out)
                .setErr(err);
        commandLine.setParameterExceptionHandler((e, given) -> usage(e, session));
        commandLine.setExecutionExceptionHandler((e, command, parsed) -> failed(e, session));
        commandLine.getSubcommands().values().forEach(Commands::addHelp);
        commandLine.setExecutionStrategy(parsed -> {
            try {
                return execute(commandLine, parsed, session);
            } catch (CommandFailure e) {
                return failed(e, session);
            }
        });
        return commandLine;
    }

    /** Lets a command be asked for its options in the way of other tools as well. */
    static void addHelp(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        // A command with an alias is met twice.
        if (spec.findOption(HELP) == null) {
            spec.addOption(OptionSpec.builder(HELP)
                    .usageHelp(true)
                    .description("Shows this.")
                    .build());
            command.getSubcommands().values().forEach(Commands::addHelp);
        }
    }

    private static int execute(CommandLine root, CommandLine.ParseResult parsed, Session session) {
        CommandLine.ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        Commands commands = (Commands) parsed.commandSpec().userObject();
        if (commands.version) {
            session.output().line("nexusd-cli " + Version.current());
            session.output().flush();
            return 0;
        }
        if (commands.help || last == parsed) {
            session.output().lines(Help.overview(root, session.output().screen()));
            session.output().flush();
            return commands.help ? 0 : CommandFailure.USAGE;
        }
        if (last.isUsageHelpRequested()) {
            session.output()
                    .lines(Help.of(
                            last.commandSpec().commandLine(), session.output().screen()));
            session.output().flush();
            return 0;
        }
        ArgumentWords.check(parsed, last);
        Subcommand alone = null;
        if (last.commandSpec().userObject() instanceof CommandGroup group) {
            CommandLine usual = last.commandSpec().subcommands().get(group.usualCommand());
            alone = usual.getCommand();
        } else if (!(last.commandSpec().userObject() instanceof Subcommand)) {
            throw new ParameterException(
                    last.commandSpec().commandLine(),
                    last.commandSpec().name() + " needs one of "
                            + String.join(", ", last.commandSpec().subcommands().keySet()));
        }
        commands.apply();
        if (alone != null) {
            return alone.call();
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    Session session() {
        return session;
    }

    Output output() {
        return session.output().as(json || session.output().isJson());
    }

    private void apply() {
        if (timeoutMs != null) {
            if (timeoutMs < 1) {
                throw new CommandFailure(CommandFailure.USAGE, "--timeout is " + timeoutMs + "; it must be 1 or more");
            }
            session.timeoutMs(timeoutMs);
        }
        if (noConnect) {
            session.mayConnect(false);
        }
        if (index != null) {
            session.target(Discover.nth(index));
        } else if (host != null || port != null) {
            session.target(endpoint(
                    host == null ? session.target().host() : host,
                    port == null ? session.target().port() : port));
        }
    }

    /** Holds what was given with the command that starts the prompt for all of its lines. */
    void applyToSession() {
        apply();
        if (json) {
            session.output(session.output().as(true));
        }
    }

    private static Endpoint endpoint(String host, int port) {
        try {
            Endpoint endpoint = new Endpoint(IpAddress.unbracketed(host), port);
            if (endpoint.host().indexOf(':') >= 0
                    && IpAddress.parse(endpoint.host()).isEmpty()) {
                throw new IllegalArgumentException(
                        "'" + host + "' is neither a host name nor an IP address; the port is" + " given with -p");
            }
            return endpoint;
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(CommandFailure.USAGE, "-h and -p: " + e.getMessage());
        }
    }

    private static int usage(ParameterException e, Session session) {
        String name = e.getCommandLine().getCommandSpec().qualifiedName(" ").replaceFirst("^nexusd-cli ?", "");
        List<String> suggestions =
                e instanceof CommandLine.UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
        String meant = suggestions.isEmpty() ? "" : "; did you mean " + suggestions.get(0) + "?";
        boolean noCommand = name.isEmpty()
                && e instanceof CommandLine.UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().get(0).startsWith("-");
        String problem = noCommand
                ? "there is no command "
                        + Text.safe(((CommandLine.UnmatchedArgumentException) e)
                                .getUnmatched()
                                .get(0))
                : e.getMessage();
        session.output()
                .note("nexusd-cli: " + problem + meant + " (HELP" + (name.isEmpty() ? "" : " " + name) + " shows how)");
        return CommandFailure.USAGE;
    }

    private static int failed(Exception e, Session session) {
        if (e instanceof CommandFailure failure) {
            if (failure.exitCode() != CommandFailure.PIPE_CLOSED) {
                session.output().note("nexusd-cli: " + Text.safe(failure.getMessage()));
            }
            return failure.exitCode();
        }
        session.output().note("nexusd-cli: " + e);
        return CommandFailure.FAILED;
    }
}
