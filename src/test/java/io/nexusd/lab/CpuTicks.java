package io.nexusd.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** User and system time that Linux has given to processes and threads, in hundredths of a second. */
public final class CpuTicks {
    private static final int UTIME_AFTER_NAME = 11;
    private static final int STIME_AFTER_NAME = 12;

    private CpuTicks() {}

    /** Returns that of a process. */
    public static long of(long pid) {
        return in(stat(process(pid)));
    }

    /** Returns that of each thread of a process whose name begins like this, always in the same order. */
    public static List<Long> ofThreads(long pid, String name) {
        try (Stream<Path> threads = Files.list(process(pid).resolve("task"))) {
            return threads.sorted()
                    .map(CpuTicks::stat)
                    .filter(stat -> stat.contains("(" + name))
                    .map(CpuTicks::in)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path process(long pid) {
        return Path.of("/proc/" + pid);
    }

    private static String stat(Path directory) {
        try {
            return Files.readString(directory.resolve("stat"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long in(String stat) {
        // The name, in parentheses, may hold spaces.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[UTIME_AFTER_NAME]) + Long.parseLong(fields[STIME_AFTER_NAME]);
    }
}
