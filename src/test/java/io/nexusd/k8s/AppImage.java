package io.nexusd.k8s;

import io.nexusd.lab.LabDaemon;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What the image has under {@code /app}, made from the built project as the Dockerfile makes it. */
final class AppImage {
    private static final Path HOME = Path.of("target", "k8s").toAbsolutePath();

    /** A machine with other things to do takes its time. */
    private static final int LIMIT_S = 180;

    private static boolean isMade;

    private AppImage() {}

    /** Returns the directory; makes it when it is not there or older than the jar. Test processes wait for each other. */
    static synchronized Path directory() {
        if (!isMade) {
            make();
            isMade = true;
        }
        return HOME.resolve("app");
    }

    private static void make() {
        Path app = HOME.resolve("app");
        try {
            Files.createDirectories(HOME);
            try (FileChannel channel = FileChannel.open(
                            HOME.resolve("app.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var held = channel.lock()) {
                if (held.isValid() && !isFresh(app)) {
                    build(app);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isFresh(Path app) throws IOException {
        Path jar = app.resolve("nexusd.jar");
        return Files.exists(app.resolve("nexusd.jsa"))
                && Files.exists(app.resolve("nexusd-cli.jsa"))
                && modifiedAtUs(jar) == modifiedAtUs(LabDaemon.jar());
    }

    /** The JDK copies times without the nanoseconds that a file system keeps. */
    private static long modifiedAtUs(Path file) throws IOException {
        return Files.getLastModifiedTime(file).to(TimeUnit.MICROSECONDS);
    }

    private static void build(Path app) throws IOException {
        Files.createDirectories(app);
        // Should this end early, the jar must not pass for the one that older archives were made of.
        Files.deleteIfExists(app.resolve("nexusd.jsa"));
        Files.deleteIfExists(app.resolve("nexusd-cli.jsa"));
        Files.copy(
                LabDaemon.jar(),
                app.resolve("nexusd.jar"),
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.COPY_ATTRIBUTES);
        for (String script : List.of("nexusd", "nexusd-cli", "nexusd-archive")) {
            Files.copy(
                    Path.of("bin", script),
                    app.resolve(script),
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.COPY_ATTRIBUTES);
        }
        // An archive holds the path of its jar, so it is made where the jar will be seen: in a container.
        List<String> command = new java.util.ArrayList<>(List.of("unshare", "--mount"));
        command.addAll(Containers.runtime(HOME.resolve("root-archive"), false, 0, 0, "64m", List.of(app + ":/app:rw")));
        command.addAll(List.of(Containers.path(), "/app/nexusd-archive"));
        Path log = HOME.resolve("archive.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!process.waitFor(LIMIT_S, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException("no archive of classes was made; see " + log);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
