package io.nexusd.appapi.admin;

import io.nexusd.proto.admin.GetMemoryResponse;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the process uses. Blocks for a moment. */
final class ProcessMemory {
    /** Source: proc(5), sizes in KiB. */
    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessMemory() {}

    static GetMemoryResponse.Builder read() {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans();
        return GetMemoryResponse.newBuilder()
                .setHeapUsed(heap.getUsed())
                .setHeapCommitted(heap.getCommitted())
                .setHeapMax(Math.max(0, heap.getMax()))
                .setNonHeapUsed(ManagementFactory.getMemoryMXBean()
                        .getNonHeapMemoryUsage()
                        .getUsed())
                .setDirectBuffers(ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum())
                .setResident(resident())
                .setCollectionsCount(collectors.stream()
                        .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                        .sum())
                .setCollectionsDurationMs(collectors.stream()
                        .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                        .sum());
    }

    private static long resident() {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException | NumberFormatException e) {
            // Not Linux.
            return 0;
        }
    }
}
