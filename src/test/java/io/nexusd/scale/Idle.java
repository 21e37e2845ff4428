package io.nexusd.scale;

import io.nexusd.bench.ProcessUse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What goes on while nobody does anything. */
final class Idle {
    private Idle() {}

    /** Looks at the processes for a while; returns the time they used together, as a share of one core. */
    static double percentOfACore(List<Long> pids, int seconds) {
        ProcessUse before = ProcessUse.of(pids);
        long startedNs = System.nanoTime();
        pass(seconds);
        return ProcessUse.of(pids).since(before).cpuSeconds() * 1e11 / (System.nanoTime() - startedNs);
    }

    /** Returns bytes that went over the loopback interface so far, headers included; of this network namespace alone. */
    static long loopbackBytes() {
        return loopback(0);
    }

    /** Returns packets that went over the loopback interface so far. */
    static long loopbackPackets() {
        return loopback(1);
    }

    private static long loopback(int column) {
        try {
            return Files.readAllLines(Path.of("/proc/self/net/dev")).stream()
                    .filter(line -> line.strip().startsWith("lo:"))
                    .mapToLong(line -> Long.parseLong(
                            line.substring(line.indexOf(':') + 1).strip().split(" +", -1)[column]))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void pass(int seconds) {
        try {
            Thread.sleep(seconds * 1000L);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
