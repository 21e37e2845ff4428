package io.nexusd.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.PicocliException;

/** The command line: one flag per name in the table of keys, and the few that are not keys. */
final class Flags {
    static final String CONFIG = "--config";
    static final String CHECK_CONFIG = "--check-config";
    static final String HELP = "--help";
    static final String VERSION = "--version";
    private static final int HELP_WIDTH = 110;

    /** What was given: flag name to text, the switches, and what could not be understood. */
    record Given(Map<String, String> values, Set<String> switches, List<Problem> problems) {}

    private Flags() {}

    static Given parse(String[] args) {
        // Most daemons are started like this, and the parser takes a sixth of their start: its classes are too old to
        // be archived.
        if (args.length == 0) {
            return new Given(Map.of(), Set.of(), List.of());
        }
        if (args.length == 2 && args[0].equals(CONFIG) && !args[1].startsWith("-")) {
            return new Given(Map.of(CONFIG, args[1]), Set.of(), List.of());
        }
        return parseAny(args);
    }

    /** Parses whatever words there are. */
    static Given parseAny(String[] args) {
        CommandSpec spec = spec();
        spec.parser()
                .collectErrors(true)
                .unmatchedArgumentsAllowed(true)
                .unmatchedOptionsArePositionalParams(false)
                .overwrittenOptionsAllowed(true);
        CommandLine commandLine = new CommandLine(spec).setExpandAtFiles(false).setInterpolateVariables(false);
        List<Problem> problems = new ArrayList<>();
        ParseResult result;
        try {
            result = commandLine.parseArgs(args);
        } catch (PicocliException e) {
            problems.add(new Problem("command line", "", "", Show.plain(String.valueOf(e.getMessage()))));
            return new Given(Map.of(), Set.of(), problems);
        }
        problems.addAll(errors(result));
        problems.addAll(unknown(spec, result.unmatched()));
        return new Given(values(result), switches(result), problems);
    }

    /** Returns the text of {@code --help}. */
    static String help() {
        return new CommandLine(spec()).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    static CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name("nexusd");
        spec.usageMessage()
                .width(HELP_WIDTH)
                .customSynopsis("nexusd [FLAG]...")
                .description(
                        "A brokerless publish/subscribe daemon: gRPC to the application, straight links between nodes.%n"
                                + "Strongest first: flag, environment, file, default.%n")
                .footer(FlagHelp.footer());
        spec.addOption(OptionSpec.builder(CONFIG)
                .arity("1")
                .type(String.class)
                .paramLabel("PATH")
                .description(
                        "YAML file, or directory with " + FileSource.YAML_NAME
                                + " or a file per key named like the environment"
                                + " variable. Also NEXUSD_CONFIG. Without: conf/nexusd.yaml, then /etc/nexusd/nexusd.yaml, if there.")
                .build());
        spec.addOption(
                toggle("Checks the configuration, prints it with the source of each value, and exits.", CHECK_CONFIG));
        spec.addOption(toggle("Prints this help and exits.", "-h", HELP));
        spec.addOption(toggle("Prints the version and exits.", "-V", VERSION));
        flagsBySection().forEach((section, keysByFlag) -> {
            ArgGroupSpec.Builder group =
                    ArgGroupSpec.builder().validate(false).heading("%n" + FlagHelp.heading(section) + "%n");
            keysByFlag.forEach((flag, keys) -> group.addArg(option(flag, keys)));
            spec.addArgGroup(group.build());
        });
        return spec;
    }

    private static Map<String, Map<String, List<Key<?>>>> flagsBySection() {
        Map<String, List<Key<?>>> byFlag = new LinkedHashMap<>();
        for (Key<?> key : Keys.ALL) {
            key.flags()
                    .forEach(flag ->
                            byFlag.computeIfAbsent(flag, f -> new ArrayList<>()).add(key));
        }
        Map<String, Map<String, List<Key<?>>>> bySection = new LinkedHashMap<>();
        byFlag.forEach((flag, keys) -> bySection
                .computeIfAbsent(keys.get(0).section(), s -> new LinkedHashMap<>())
                .put(flag, keys));
        return bySection;
    }

    private static OptionSpec toggle(String description, String... names) {
        return OptionSpec.builder(names)
                .arity("0")
                .type(boolean.class)
                .description(description)
                .build();
    }

    private static OptionSpec option(String flag, List<Key<?>> keys) {
        boolean isSwitch = keys.get(0) == Keys.MULTICAST_ENABLED;
        return OptionSpec.builder(flag)
                .arity(isSwitch ? "0..1" : "1")
                .fallbackValue(isSwitch ? "true" : "")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel(FlagHelp.label(keys.get(0)))
                .description(FlagHelp.description(keys))
                .build();
    }

    private static Map<String, String> values(ParseResult result) {
        Map<String, String> values = new LinkedHashMap<>();
        for (Key<?> key : Keys.ALL) {
            for (String flag : key.flags()) {
                if (result.hasMatchedOption(flag)) {
                    List<String> texts = result.matchedOption(flag).stringValues();
                    if (!texts.isEmpty()) {
                        // A list may be spread over several flags; of anything else the last one counts.
                        values.put(flag, key.type().isList() ? String.join(",", texts) : texts.get(texts.size() - 1));
                    }
                }
            }
        }
        if (result.hasMatchedOption(CONFIG)) {
            List<String> texts = result.matchedOption(CONFIG).stringValues();
            if (!texts.isEmpty()) {
                values.put(CONFIG, texts.get(texts.size() - 1));
            }
        }
        return values;
    }

    private static Set<String> switches(ParseResult result) {
        Set<String> switches = new LinkedHashSet<>();
        for (String name : List.of(HELP, VERSION, CHECK_CONFIG)) {
            if (result.hasMatchedOption(name)) {
                switches.add(name);
            }
        }
        return switches;
    }

    private static List<Problem> errors(ParseResult result) {
        List<Problem> problems = new ArrayList<>();
        for (Exception error : result.errors()) {
            if (error instanceof MissingParameterException missing
                    && !missing.getMissing().isEmpty()) {
                String flag = missing.getMissing().get(0) instanceof OptionSpec option
                        ? option.longestName()
                        : "command line";
                problems.add(new Problem(flag, "", "command line", "needs a value"));
            } else {
                problems.add(new Problem("command line", "", "", Show.plain(String.valueOf(error.getMessage()))));
            }
        }
        return problems;
    }

    /** An unknown flag takes the words after it with it: they are most likely its value. */
    private static List<Problem> unknown(CommandSpec spec, List<String> unmatched) {
        Set<String> known = new TreeSet<>(spec.optionsMap().keySet());
        List<Problem> problems = new ArrayList<>();
        boolean afterFlag = false;
        for (String word : unmatched) {
            boolean flag = word.startsWith("-") && word.length() > 1;
            if (flag) {
                String name = word.contains("=") ? word.substring(0, word.indexOf('=')) : word;
                problems.add(new Problem(
                        name,
                        "",
                        "command line",
                        "is not a flag" + Suggestion.near(name, known) + " (--help lists all)"));
            } else if (!afterFlag) {
                problems.add(
                        new Problem(word, "", "command line", "is not expected here; the daemon takes flags only"));
            }
            afterFlag = flag;
        }
        return problems;
    }
}
