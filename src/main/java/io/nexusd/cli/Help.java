package io.nexusd.cli;

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
@Command(name = "HELP", description = "Shows the commands, or how one of them is used.")
final class Help extends Subcommand {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "command", description = "The one to show, such as PUBLISH or MESH PEERS.")
    private List<String> command = List.of();

    @Override
    void run() {
        CommandLine found = spec.root().commandLine();
        if (command.isEmpty()) {
            output().lines(overview(found));
            return;
        }
        for (String word : command) {
            CommandLine next = found.getSubcommands().get(word);
            if (next == null) {
                throw new CommandFailure(CommandFailure.USAGE, "there is no command " + word + "; HELP lists all");
            }
            found = next;
        }
        output().lines(of(found));
    }

    /** Returns how a command is used. */
    static List<String> of(CommandLine command) {
        return command.getUsageMessage().lines().toList();
    }

    /** Returns a line for each command, those of groups among them. */
    static List<String> overview(CommandLine root) {
        Map<String, String> lines = new LinkedHashMap<>();
        collect(root, "", lines);
        int width = lines.keySet().stream().mapToInt(String::length).max().orElse(0);
        List<String> text = new ArrayList<>();
        text.add("nexusd-cli [-h HOST] [-p PORT] [-n INDEX] [--json] [--timeout MS] [--no-connect] [COMMAND …]");
        text.add("");
        lines.forEach(
                (name, description) -> text.add("  " + name + " ".repeat(width - name.length() + 2) + description));
        text.add("");
        text.add(
                "Case does not matter. HELP COMMAND, or COMMAND --help, shows the options of one. Without a command: a prompt.");
        text.add(
                "Exit codes: 0 done, 1 failed, 2 usage, 3 unreachable, 4 denied, 5 timed out, 6 rejected by the daemon.");
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
    @Command(name = "QUIT", aliases = "EXIT", description = "Ends the prompt.")
    static final class Quit extends Subcommand {
        @Override
        void run() {
            session().quit();
        }
    }
}
