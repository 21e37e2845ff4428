package io.nexusd.launch;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import com.sun.management.VMOption;
import java.lang.management.ManagementFactory;
import java.util.List;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back memory that an idle daemon does not need: whenever work has ended, the heap is collected and shrunk, and what the C
 * library keeps of what the compilers have used is returned. Left alone, the collector on a large machine lets a heap of dozens
 * of megabytes fill before it looks. Nothing happens under load. Owns a thread of its own.
 */
final class IdleMemory implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(IdleMemory.class);

    private static final long LOOK_EVERY_MS = 10_000;

    /** Share of all processors below which the process counts as idle, and at which it counts as working. */
    private static final double IDLE_LOAD = 0.02;

    private static final double WORKING_LOAD = 0.05;

    /** An idle process is looked after again after so many looks: it compiles and allocates a little all the time. */
    private static final int REPEAT_AFTER_LOOKS = 30;

    private record Option(String name, String value) {}

    /**
     * Free part of the heap after a collection, percent; the defaults are 40 and 70. In an order in which each is valid beside
     * the one before it: the lower must not exceed the upper one.
     */
    private static final List<Option> OPTIONS =
            List.of(new Option("MinHeapFreeRatio", "20"), new Option("MaxHeapFreeRatio", "40"));

    private final OperatingSystemMXBean process = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private IdleMemory() {}

    /** Begins to look after the memory of this process; what the operator has set for its heap stays as it is. */
    static void keepSmall() {
        if (ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class) == null) {
            return;
        }
        Thread thread = new Thread(new IdleMemory(), "idle-memory");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        limitFreeHeap();
        boolean worked = true;
        int looksSince = 0;
        try {
            while (true) {
                Thread.sleep(LOOK_EVERY_MS);
                double load = process.getProcessCpuLoad();
                looksSince++;
                worked |= load >= WORKING_LOAD || looksSince >= REPEAT_AFTER_LOOKS;
                if (worked && load >= 0 && load < IDLE_LOAD) {
                    giveBack();
                    worked = false;
                    looksSince = 0;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void limitFreeHeap() {
        HotSpotDiagnosticMXBean vm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        if (vm == null) {
            return;
        }
        for (Option option : OPTIONS) {
            try {
                VMOption current = vm.getVMOption(option.name());
                if (current.isWriteable() && current.getOrigin() == VMOption.Origin.DEFAULT) {
                    vm.setVMOption(option.name(), option.value());
                }
            } catch (IllegalArgumentException e) {
                LOG.debug(
                        "heap is kept as the virtual machine likes option={} error={}", option.name(), e.getMessage());
            }
        }
    }

    private static void giveBack() {
        System.gc();
        try {
            ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "systemTrimNativeHeap",
                            null,
                            null);
        } catch (JMException e) {
            // Another C library or an older virtual machine, which has nothing of the kind.
            LOG.debug("native memory is not given back error={}", e.getMessage());
        }
    }
}
