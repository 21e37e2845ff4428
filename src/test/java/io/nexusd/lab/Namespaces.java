package io.nexusd.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Names of network namespaces that no other running test process uses: {@code nxl-<pid>-<lab>-<role>}. Those of processes that
 * died without cleaning up are swept before a lab is built.
 */
final class Namespaces {
    static final String PREFIX = "nxl-";
    private static final Path ETC = Path.of("/etc/netns");
    private static final AtomicInteger LABS = new AtomicInteger();

    private Namespaces() {}

    static String newLab() {
        return PREFIX + ProcessHandle.current().pid() + "-" + LABS.incrementAndGet() + "-";
    }

    static void create(String name) {
        Shell.run("ip", "netns", "add", name);
        Shell.run("ip", "-n", name, "link", "set", "lo", "up");
    }

    static void writeEtc(String namespace, String file, String content) {
        try {
            Files.createDirectories(ETC.resolve(namespace));
            Files.writeString(ETC.resolve(namespace).resolve(file), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends what still runs inside, then removes the namespace and its files; its virtual cables go with it. */
    static void remove(String name) {
        Shell.attempt("", List.of("ip", "netns", "pids", name))
                .output()
                .lines()
                .filter(line -> line.matches("\\d+"))
                .forEach(pid -> Shell.attempt("", List.of("kill", "-KILL", pid)));
        Shell.attempt("", List.of("ip", "netns", "del", name));
        deleteTree(ETC.resolve(name));
    }

    static void sweepStale() {
        Shell.run("ip", "netns", "list")
                .lines()
                .map(line -> line.split(" ", 2)[0])
                .filter(name -> name.matches(PREFIX + "\\d+-.*"))
                .filter(name ->
                        ProcessHandle.of(Long.parseLong(name.split("-")[1])).isEmpty())
                .forEach(Namespaces::remove);
    }

    private static void deleteTree(Path root) {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(root)) {
            tree.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
