package io.nexusd.deb;

import io.nexusd.bench.BenchCommand;
import io.nexusd.cli.Cli;
import io.nexusd.config.ConfigLoader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/**
 * A tool of the build: writes the sources of the manual pages and the completion scripts of the package, from the commands and options
 * themselves.
 */
public final class CommandPages {
    private CommandPages() {}

    /**
     * With {@code write DIRECTORY VERSION} it writes {@code adoc}, {@code bash} and {@code zsh} below the directory; with {@code compress
     * PATH...} it compresses files, or those of a directory, and removes the originals.
     */
    public static void main(String[] args) throws IOException {
        switch (args[0]) {
            case "write" -> write(Path.of(args[1]), args[2]);
            case "compress" -> {
                for (String path : List.of(args).subList(1, args.length)) {
                    compress(Path.of(path));
                }
            }
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    /** Returns the programs of the package with their options and commands. */
    static List<CommandLine> programs() {
        CommandLine daemon = ConfigLoader.commandLine();
        daemon.getCommandSpec()
                .usageMessage()
                .header("publish/subscribe daemon without a broker")
                .footerHeading("Other keys, and exit codes%n")
                .footer(listed(daemon.getCommandSpec().usageMessage().footer()));
        daemon.addSubcommand("demo", demo());
        daemon.addSubcommand(
                "bench", BenchCommand.commandLine(System.out, System.err).setCommandName("bench"));
        CommandLine client = Cli.commandLine();
        client.getCommandSpec().usageMessage().header("command line client of the NexusD daemon");
        return List.of(daemon, client);
    }

    /** The indented lines, each a key with its variable and its effect, as a list of AsciiDoc. */
    private static String[] listed(String[] lines) {
        return Stream.of(lines)
                .dropWhile(String::isEmpty)
                .flatMap(line -> line.endsWith(":") ? Stream.of(line, "") : Stream.of(line))
                .map(line -> line.startsWith("  ") ? line.strip().replaceFirst("\\): ", "):: ") : line)
                .toArray(String[]::new);
    }

    private static CommandSpec demo() {
        CommandSpec demo = CommandSpec.create().name("demo");
        demo.usageMessage().description("Shows a mesh of three nodes in one process, and a message crossing it.");
        return demo;
    }

    private static void write(Path directory, String version) throws IOException {
        Path adoc = directory.resolve("adoc");
        Path bash = Files.createDirectories(directory.resolve("bash"));
        Path zsh = Files.createDirectories(directory.resolve("zsh"));
        for (CommandLine program : programs()) {
            String name = program.getCommandName();
            setVersion(program, "NexusD " + version);
            writeText(bash.resolve(name), AutoComplete.bash(name, program));
            writeText(zsh.resolve("_" + name), zsh(name));
            int code = ManPageGenerator.generateManPage(
                    adoc.toFile(), null, new boolean[0], true, program.getCommandSpec());
            if (code != 0) {
                throw new IOException("the manual pages of " + name + " ended with " + code);
            }
        }
    }

    private static void setVersion(CommandLine command, String version) {
        command.getCommandSpec().version(version);
        command.getSubcommands().values().forEach(one -> setVersion(one, version));
    }

    /** The script for bash works in zsh too, where a function of this name and first line is found by itself. */
    private static String zsh(String name) {
        return """
                #compdef %1$s
                autoload -U +X bashcompinit && bashcompinit
                (( $+functions[compopt] )) || compopt() { true }
                source /usr/share/bash-completion/completions/%1$s
                _bash_complete -o default -F _complete_%1$s
                """.formatted(name);
    }

    private static void writeText(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardCharsets.UTF_8);
    }

    private static void compress(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            try (Stream<Path> files = Files.list(path)) {
                for (Path file : files.toList()) {
                    compress(file);
                }
            }
            return;
        }
        if (path.toString().endsWith(".gz")) {
            return;
        }
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(Path.of(path + ".gz")))) {
            Files.copy(path, out);
        }
        Files.delete(path);
    }
}
