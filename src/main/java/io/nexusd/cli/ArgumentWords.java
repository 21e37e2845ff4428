package io.nexusd.cli;

import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The rule for words that begin with a dash and are no option of the command: a number below zero and a lone dash are arguments, so
 * is a word with a space in it and every word after {@code --}; any other is taken for a misspelled option.
 */
final class ArgumentWords {
    private static final String END_OF_OPTIONS = "--";
    private static final Pattern NUMBER = Pattern.compile("-\\.?[0-9].*");

    private ArgumentWords() {}

    /**
     * Checks the arguments of a command.
     *
     * @param root the whole line
     * @throws UnmatchedArgumentException for a word that is neither an argument nor an option
     */
    static void check(ParseResult root, ParseResult command) {
        List<String> words = root.originalArgs();
        int end = words.indexOf(END_OF_OPTIONS);
        int free = end < 0 ? 0 : words.size() - end - 1;
        List<String> arguments = command.matchedPositionals().stream()
                .distinct()
                .sorted((a, b) -> Integer.compare(first(a), first(b)))
                .map(ArgSpec::originalStringValues)
                .flatMap(List::stream)
                .toList();
        for (String word : arguments.subList(0, Math.max(0, arguments.size() - free))) {
            if (word.startsWith("-")
                    && word.length() > 1
                    && word.indexOf(' ') < 0
                    && !NUMBER.matcher(word).matches()) {
                throw new UnmatchedArgumentException(command.commandSpec().commandLine(), List.of(word));
            }
        }
    }

    private static int first(PositionalParamSpec argument) {
        return argument.index().min();
    }
}
