package io.nexusd.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The file in which the prompt keeps what was typed. Where none can be written, as in a container with a read-only root, there is
 * none, and the prompt remembers until it ends.
 */
final class HistoryFile {
    private static final String NAME = ".nexusd_cli_history";

    private HistoryFile() {}

    /**
     * Returns the file, which need not exist yet.
     *
     * @param named the path the user gave, null or empty for none
     * @param home the user's home directory
     */
    static Optional<Path> find(String named, String home) {
        Path file = named != null && !named.isEmpty() ? Path.of(named) : Path.of(home, NAME);
        return isUsable(file.toAbsolutePath()) ? Optional.of(file) : Optional.empty();
    }

    private static boolean isUsable(Path file) {
        if (Files.exists(file)) {
            return Files.isRegularFile(file) && Files.isWritable(file);
        }
        // Missing directories are made with the file.
        Path directory = file.getParent();
        while (directory != null && !Files.exists(directory)) {
            directory = directory.getParent();
        }
        return directory != null && Files.isDirectory(directory) && Files.isWritable(directory);
    }
}
