package io.nexusd.config;

import io.nexusd.config.Snapshot.TextFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the configuration files are and how they are read. Reading blocks on the disk and holds at most a few megabytes. It is
 * the same at the start and at a reload, and the location is looked for anew each time.
 *
 * @param named the path the user gave, null for the usual places
 * @param namedBy how the user gave it, such as {@code flag --config}
 * @param usual files tried in this order when none is named
 */
record FileSource(String named, String namedBy, List<Path> usual, Path workingDir) {
    /** Far more than every key with a thousand peers needs. */
    static final int MAX_BYTES = 1 << 20;

    static final String YAML_NAME = "nexusd.yaml";
    /** All files of a directory together; a file for each key is far less. */
    private static final int MAX_DIRECTORY_BYTES = 4 * MAX_BYTES;

    private static final int MAX_ENTRIES = 10_000;
    private static final Path SYSTEM_FILE = Path.of("/etc/nexusd", YAML_NAME);

    static FileSource named(String path, String by, Path workingDir) {
        return new FileSource(path, by, List.of(), workingDir);
    }

    static FileSource usual(Path workingDir) {
        return new FileSource(
                null, "", List.of(workingDir.resolve("conf").resolve(YAML_NAME), SYSTEM_FILE), workingDir);
    }

    /** No file at all, wherever one may be. */
    static FileSource none() {
        return new FileSource(null, "", List.of(), Path.of(""));
    }

    /** Reads what is there now; every failure is a problem in the snapshot. */
    Snapshot read() {
        if (named == null) {
            return usual.stream()
                    .filter(Files::exists)
                    .findFirst()
                    .map(path -> read(path.toAbsolutePath().normalize()))
                    .orElseGet(Snapshot::none);
        }
        if (Undecoded.isIn(named)) {
            return Snapshot.failed(problem(named, Undecoded.PATH_RULE));
        }
        Path path;
        try {
            path = workingDir.resolve(named).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            return Snapshot.failed(problem(named, "is not a path; name a YAML file or a directory"));
        }
        if (named.isBlank() || !Files.exists(path)) {
            return Snapshot.failed(problem(
                    path.toString(),
                    "does not exist; name a YAML file, or a directory with " + YAML_NAME + " or a file per key"));
        }
        return read(path);
    }

    private Snapshot read(Path path) {
        try {
            return Files.isDirectory(path) ? readDirectory(path) : readFile(path);
        } catch (Unreadable e) {
            return Snapshot.failed(problem(e.path.toString(), e.rule));
        }
    }

    private Snapshot readFile(Path path) throws Unreadable {
        return new Snapshot(path.toString(), List.of(text(path)), List.of(), List.of());
    }

    private Snapshot readDirectory(Path directory) throws Unreadable {
        List<TextFile> yaml = new ArrayList<>();
        List<TextFile> values = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        long characters = 0;
        for (Path path : entries(directory)) {
            String name = path.getFileName().toString();
            if (name.equals(YAML_NAME)) {
                yaml.add(text(path));
            } else if (name.endsWith(".yaml") || name.endsWith(".yml")) {
                problems.add(
                        problem(path.toString(), "is not read; in a directory the YAML file is called " + YAML_NAME));
            } else if (EnvironmentLayer.isName(name)) {
                values.add(text(path));
                characters += values.get(values.size() - 1).text().length();
            } else if (Keys.BY_PATH.containsKey(name)) {
                problems.add(problem(
                        path.toString(),
                        "is not read; a file with the value of one key is called like its environment variable, "
                                + Keys.BY_PATH.get(name).environmentName()));
            }
            if (characters > MAX_DIRECTORY_BYTES) {
                throw new Unreadable(directory, "has files of more than " + MAX_DIRECTORY_BYTES + " bytes in all");
            }
        }
        if (yaml.isEmpty() && values.isEmpty() && problems.isEmpty()) {
            problems.add(problem(
                    directory.toString(),
                    "has neither " + YAML_NAME
                            + " nor a file named like an environment variable, such as NEXUSD_MESH_PORT"));
        }
        return new Snapshot(directory.toString(), yaml, values, problems);
    }

    /** Names beginning with a dot are left out: the mounted ConfigMap's {@code ..data} and what editors leave behind. */
    private static List<Path> entries(Path directory) throws Unreadable {
        try (Stream<Path> all = Files.list(directory)) {
            return all.limit(MAX_ENTRIES)
                    .filter(path -> !path.getFileName().toString().startsWith("."))
                    .filter(path -> !Files.isDirectory(path))
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new Unreadable(directory, "cannot be listed (" + reason(e) + ")");
        }
    }

    private static TextFile text(Path path) throws Unreadable {
        // A pipe or device could block for ever.
        if (!Files.isRegularFile(path)) {
            throw new Unreadable(path, "is not a regular file");
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(path)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (IOException e) {
            throw new Unreadable(path, "cannot be read (" + reason(e) + ")");
        }
        if (bytes.length > MAX_BYTES) {
            throw new Unreadable(path, "is larger than " + MAX_BYTES + " bytes, the limit for a configuration file");
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            String withoutMark = text.startsWith("\uFEFF") ? text.substring(1) : text;
            return new TextFile(path.toString(), path.getFileName().toString(), withoutMark);
        } catch (CharacterCodingException e) {
            throw new Unreadable(path, "is not UTF-8 text");
        }
    }

    private static String reason(Exception e) {
        return e instanceof AccessDeniedException
                ? "permission denied"
                : e.getClass().getSimpleName();
    }

    private Problem problem(String path, String rule) {
        return new Problem("configuration", path, namedBy, rule);
    }

    private static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Path path;
        private final String rule;

        Unreadable(Path path, String rule) {
            super(rule);
            this.path = path;
            this.rule = rule;
        }
    }
}
