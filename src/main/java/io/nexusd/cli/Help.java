package io.nexusd.cli;

import io.nexusd.wire.CommandFailure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what there is. */
@Command(
        name = "HELP",
        aliases = {"H", "?"},
        description = "Shows the commands, or how one of them is used.")
final class Help extends Subcommand {
    /** Less the parser of command lines does not take. */
    private static final int MIN_USAGE_COLUMNS = 55;
    /** Longer lines are hard to read. */
    private static final int MAX_COLUMNS = 100;

    private static final int MIN_TEXT_COLUMNS = 20;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "command", description = "The one to show, such as PUBLISH or MESH PEERS.")
    private List<String> command = List.of();

    @Override
    void run() {
        CommandLine found = spec.root().commandLine();
        if (command.isEmpty()) {
            output().lines(overview(found, output().screen()));
            return;
        }
        for (String word : command) {
            CommandLine next = found.getSubcommands().get(word);
            if (next == null) {
                throw new CommandFailure(CommandFailure.USAGE, "there is no command " + word + "; HELP lists all");
            }
            found = next;
        }
        output().lines(of(found, output().screen()));
    }

    /** Returns how a command is used. */
    static List<String> of(CommandLine command, Screen screen) {
        int columns = screen.columns().getAsInt();
        if (columns > 0) {
            command.setUsageHelpWidth(Math.max(MIN_USAGE_COLUMNS, Math.min(columns, MAX_COLUMNS)));
        }
        return command.getUsageMessage().lines().toList();
    }

    /** Returns what there is: the commands, those of groups among them, with a text for each. */
    static List<String> overview(CommandLine root, Screen screen) {
        int columns = screen.columns().getAsInt();
        Map<String, String> commands = new LinkedHashMap<>();
        collect(root, "", commands);
        int width = commands.keySet().stream().mapToInt(String::length).max().orElse(0);
        // On a terminal too narrow for two columns it breaks the lines.
        int room = columns == 0 ? 0 : Math.max(MIN_TEXT_COLUMNS, columns - width - 4);
        List<String> text = new ArrayList<>(Text.wrap(
                "nexusd-cli [-h HOST] [-p PORT] [-n INDEX] [--json] [--timeout MS] [--no-connect] [--version] [COMMAND …]",
                columns));
        text.add("");
        commands.forEach((name, description) -> {
            String before = "  " + name + " ".repeat(width - name.length() + 2);
            for (String line : Text.wrap(description, room)) {
                text.add(before + line);
                before = " ".repeat(width + 4);
            }
        });
        text.add("");
        text.addAll(Text.wrap(
                "Case does not matter. HELP COMMAND, or COMMAND --help, shows the options of one. Without a command: a prompt.",
                columns));
        text.addAll(Text.wrap(
                "Exit codes: 0 done, 1 failed, 2 usage, 3 unreachable, 4 denied, 5 timed out, 6 rejected by the daemon.",
                columns));
        return text;
    }

    private static void collect(CommandLine group, String prefix, Map<String, String> lines) {
        for (CommandLine one : Completion.distinct(group)) {
            CommandSpec found = one.getCommandSpec();
            if (!one.getSubcommands().isEmpty()) {
                collect(one, prefix + found.name() + " ", lines);
                continue;
            }
            String aliases = found.aliases().length == 0 ? "" : " (" + String.join(", ", found.aliases()) + ")";
            lines.put(
                    prefix + found.name() + aliases,
                    String.join(" ", found.usageMessage().description()));
        }
    }

    /** Empties the terminal. */
    @Command(name = "CLEAR", description = "Clears the terminal.")
    static final class Clear extends Subcommand {
        @Override
        void run() {
            output().clear();
        }
    }

    /** Ends the prompt. */
    @Command(
            name = "QUIT",
            aliases = {"Q", "EXIT"},
            description = "Ends the prompt.")
    static final class Quit extends Subcommand {
        @Override
        void run() {
            session().quit();
        }
    }
}
