package io.nexusd.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What may come next on a line: a command, one of its options, or a name that the daemon knows. */
final class Completion {
    /** Names that the daemon knows, asked when they are needed. */
    interface Known {
        List<String> topics();

        List<String> peers();

        List<String> endpoints();

        List<String> clients();
    }

    /** What the arguments of a command are. */
    private enum Argument {
        TOPICS,
        CLIENTS,
        ENDPOINTS,
        THINGS,
        LEVELS,
        SECTIONS,
        COMMANDS
    }

    private static final Map<String, Argument> ARGUMENTS = Map.ofEntries(
            Map.entry("PUBLISH", Argument.TOPICS),
            Map.entry("SUBSCRIBE", Argument.TOPICS),
            Map.entry("MONITOR", Argument.TOPICS),
            Map.entry("EXPLAIN", Argument.TOPICS),
            Map.entry("PUBSUB NUMSUB", Argument.TOPICS),
            Map.entry("PUBSUB RETAINED", Argument.TOPICS),
            Map.entry("CLIENT INFO", Argument.CLIENTS),
            Map.entry("CONNECT", Argument.ENDPOINTS),
            Map.entry("DEBUG OBJECT", Argument.THINGS),
            Map.entry("DEBUG LOG", Argument.LEVELS),
            Map.entry("INFO", Argument.SECTIONS),
            Map.entry("HELP", Argument.COMMANDS));

    private final CommandLine root;
    private final Known known;

    Completion(CommandLine root, Known known) {
        this.root = root;
        this.known = known;
    }

    /**
     * Returns what the last word may become, in the case it was begun in.
     *
     * @param words the words before the cursor; the last is the one that is being written, empty after a space
     */
    List<String> candidates(List<String> words) {
        String begun = words.isEmpty() ? "" : words.get(words.size() - 1);
        CommandLine command = root;
        List<String> path = new ArrayList<>();
        boolean argumentsBegun = false;
        for (String word : words.subList(0, Math.max(0, words.size() - 1))) {
            CommandLine next = argumentsBegun ? null : command.getSubcommands().get(word);
            if (next != null) {
                command = next;
                path.add(next.getCommandName());
            } else if (!word.startsWith("-")) {
                argumentsBegun = true;
            }
        }
        Set<String> all = new LinkedHashSet<>();
        if (begun.startsWith("-")) {
            command.getCommandSpec().options().forEach(option -> all.addAll(names(option)));
        } else if (!command.getSubcommands().isEmpty()) {
            distinct(command).forEach(one -> all.add(one.getCommandName()));
        } else {
            all.addAll(arguments(ARGUMENTS.get(String.join(" ", path))));
        }
        return all.stream()
                .map(candidate -> inCaseOf(begun, candidate))
                .filter(candidate -> candidate.startsWith(begun))
                .toList();
    }

    /** Returns the commands of a group, each once, whatever its aliases. */
    static List<CommandLine> distinct(CommandLine group) {
        return List.copyOf(new LinkedHashSet<>(group.getSubcommands().values()));
    }

    private static List<String> names(OptionSpec option) {
        return Stream.of(option.names())
                .filter(name -> name.startsWith("--") || option.names().length == 1)
                .toList();
    }

    private List<String> arguments(Argument argument) {
        if (argument == null) {
            return List.of();
        }
        return switch (argument) {
            case TOPICS -> known.topics();
            case CLIENTS -> known.clients();
            case ENDPOINTS -> known.endpoints();
            case THINGS -> {
                Set<String> things = new TreeSet<>(known.topics());
                things.addAll(known.peers());
                things.addAll(known.clients());
                yield List.copyOf(things);
            }
            case LEVELS -> List.of("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL");
            case SECTIONS -> List.of("SERVER", "STATS", "MEMORY", "CONFIG", "ALL");
            case COMMANDS ->
                distinct(root).stream().map(CommandLine::getCommandName).toList();
        };
    }

    /** Commands and levels are known in capitals and may be written small; names of the daemon's are what they are. */
    private static String inCaseOf(String begun, String candidate) {
        boolean small = !begun.isEmpty() && begun.equals(begun.toLowerCase(Locale.ROOT));
        boolean word = candidate.equals(candidate.toUpperCase(Locale.ROOT)) && !candidate.startsWith("-");
        String lower = candidate.toLowerCase(Locale.ROOT);
        return small && word && lower.startsWith(begun) ? lower : candidate;
    }
}
