package io.nexusd.bench;

import io.nexusd.wire.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What processes on this machine have used, from {@code /proc}.
 *
 * @param cpuSeconds user and system time since their start, together
 * @param residentBytes memory they hold now, together
 */
public record ProcessUse(double cpuSeconds, long residentBytes) {
    /** Linux counts process times in hundredths of a second, whatever the kernel's own tick is. */
    private static final double TICKS_PER_SECOND = 100;

    private static final int UTIME_AFTER_NAME = 11;
    private static final int STIME_AFTER_NAME = 12;

    /**
     * Reads the present state.
     *
     * @throws CommandFailure when there is no such process or no {@code /proc}
     */
    public static ProcessUse of(List<Long> pids) {
        double cpuSeconds = 0;
        long residentBytes = 0;
        for (long pid : pids) {
            try {
                Path process = Path.of("/proc/" + pid);
                cpuSeconds += cpuTicks(process) / TICKS_PER_SECOND;
                residentBytes += residentKb(process) * 1024;
            } catch (IOException e) {
                throw new CommandFailure(
                        CommandFailure.USAGE, "--pid " + pid + ": no such process on this machine, or no /proc");
            }
        }
        return new ProcessUse(cpuSeconds, residentBytes);
    }

    /** Returns what was used since; the memory is that of now. */
    public ProcessUse since(ProcessUse before) {
        return new ProcessUse(cpuSeconds - before.cpuSeconds, residentBytes);
    }

    /**
     * Returns the user and system time of a process or thread since its start, in hundredths of a second.
     *
     * @param directory of the process or thread in {@code /proc}
     */
    public static long cpuTicks(Path directory) throws IOException {
        String stat = Files.readString(directory.resolve("stat"));
        // The name, in parentheses, may hold spaces.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[UTIME_AFTER_NAME]) + Long.parseLong(fields[STIME_AFTER_NAME]);
    }

    private static long residentKb(Path process) throws IOException {
        return Files.readAllLines(process.resolve("status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }
}
