package io.nexusd.k8s;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The limits of one container: a control group of the first or the second kind. Where this machine lets nobody make one, the JVM
 * is told the limits as if it had read them, and nobody enforces them; {@link #isEnforced()} says which.
 */
final class Cgroup implements AutoCloseable {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");
    private static final int PERIOD_US = 100_000;

    private final List<Path> groups = new ArrayList<>();
    private final long memoryBytes;
    private final int cpuMillis;

    Cgroup(String name, long memoryBytes, int cpuMillis) {
        this.memoryBytes = memoryBytes;
        this.cpuMillis = cpuMillis;
        long quotaUs = (long) PERIOD_US * cpuMillis / 1000;
        try {
            if (Files.exists(ROOT.resolve("memory/memory.limit_in_bytes"))) {
                limit(ROOT.resolve("memory").resolve(name), "memory.limit_in_bytes", String.valueOf(memoryBytes));
                limit(ROOT.resolve("cpu").resolve(name), "cpu.cfs_quota_us", String.valueOf(quotaUs));
            } else if (Files.exists(ROOT.resolve("cgroup.subtree_control"))) {
                Files.writeString(ROOT.resolve("cgroup.subtree_control"), "+memory +cpu");
                limit(ROOT.resolve(name), "memory.max", String.valueOf(memoryBytes));
                limit(ROOT.resolve(name), "cpu.max", quotaUs + " " + PERIOD_US);
            }
        } catch (IOException e) {
            close();
        }
    }

    private void limit(Path group, String file, String value) throws IOException {
        Files.createDirectories(group);
        if (!groups.contains(group)) {
            groups.add(group);
        }
        Files.writeString(group.resolve(file), value);
    }

    boolean isEnforced() {
        return !groups.isEmpty();
    }

    /** What comes before a command so that it runs within the limits. */
    List<String> prefix() {
        StringBuilder join = new StringBuilder();
        groups.forEach(group -> join.append("echo $$ > ").append(group).append("/cgroup.procs; "));
        return List.of("sh", "-c", join + "exec \"$@\"", "limited");
    }

    /** What a JVM has to be told that cannot read it. */
    String javaOptions() {
        return isEnforced()
                ? ""
                : "-XX:MaxRAM=" + memoryBytes + " -XX:ActiveProcessorCount=" + Math.max(1, (cpuMillis + 999) / 1000);
    }

    /** Most memory that the processes ever had at a time, or 0 where nobody counts. */
    long peakBytes() {
        for (Path group : groups) {
            for (String file : List.of("memory.max_usage_in_bytes", "memory.peak")) {
                if (Files.exists(group.resolve(file))) {
                    try {
                        return Long.parseLong(
                                Files.readString(group.resolve(file)).strip());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            }
        }
        return 0;
    }

    @Override
    public void close() {
        // A group with a process in it stays; the kernel takes a moment to see that the last one is gone.
        for (Path group : groups) {
            for (int i = 0; i < 20 && group.toFile().exists() && !group.toFile().delete(); i++) {
                java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
            }
        }
        groups.clear();
    }
}
