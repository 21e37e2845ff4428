package io.nexusd.lab;

import io.nexusd.bench.ProcessUse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** User and system time that Linux has given to processes and threads, in hundredths of a second. */
public final class CpuTicks {
    private CpuTicks() {}

    /** Returns that of a process. */
    public static long of(long pid) {
        return of(process(pid));
    }

    /** Returns that of each thread of a process whose name begins like this, always in the same order. */
    public static List<Long> ofThreads(long pid, String name) {
        try (Stream<Path> threads = Files.list(process(pid).resolve("task"))) {
            return threads.sorted()
                    .filter(thread -> read(thread.resolve("comm")).startsWith(name))
                    .map(CpuTicks::of)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path process(long pid) {
        return Path.of("/proc/" + pid);
    }

    private static long of(Path directory) {
        try {
            return ProcessUse.cpuTicks(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
