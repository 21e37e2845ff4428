package io.nexusd.lab;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * JDKs of this machine of another version than the one that runs the tests, 17 or later. {@code -Dnexusd.jdks=DIRECTORY:DIRECTORY} names
 * them; otherwise they are those in {@code /usr/lib/jvm}.
 */
public final class OtherJdks {
    private static final Path INSTALLED = Path.of("/usr/lib/jvm");
    private static final int OLDEST = 17;

    private OtherJdks() {}

    /** Their directories; one that is named and is no JDK fails. */
    public static List<Path> find() {
        String named = System.getProperty("nexusd.jdks", "");
        if (!named.isEmpty()) {
            return Stream.of(named.split(File.pathSeparator)).map(Path::of).toList();
        }
        if (!Files.isDirectory(INSTALLED)) {
            return List.of();
        }
        try (Stream<Path> directories = Files.list(INSTALLED)) {
            return directories
                    .filter(directory -> !Files.isSymbolicLink(directory))
                    .filter(OtherJdks::isOther)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOther(Path directory) {
        if (!Files.isExecutable(directory.resolve("bin/java"))) {
            return false;
        }
        try (Stream<String> lines = Files.lines(directory.resolve("release"))) {
            return lines.filter(line -> line.startsWith("JAVA_VERSION="))
                    .map(line -> line.substring(line.indexOf('=') + 1).replace("\"", ""))
                    .map(version -> Runtime.Version.parse(version).feature())
                    .anyMatch(feature ->
                            feature >= OLDEST && feature != Runtime.version().feature());
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            return false;
        }
    }
}
