package io.nexusd.launch;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the G1 collector give back memory that an idle daemon does not need; left alone it only collects when the heap it once had
 * is used up, which on a large machine is far more than a sidecar should hold. What the operator has set stays. In a VM without
 * these options nothing happens.
 */
final class IdleHeap {
    private static final Logger LOG = LoggerFactory.getLogger(IdleHeap.class);

    private record Option(String name, String value) {}

    /** In an order in which each is valid beside those before it: the lower ratio must not exceed the upper one. */
    private static final List<Option> OPTIONS = List.of(
            // A collection when there was none for so long, milliseconds; it takes some milliseconds and costs nothing
            // under load.
            new Option("G1PeriodicGCInterval", "30000"),
            // Free part of the heap after a collection, percent; the defaults are 40 and 70.
            new Option("MinHeapFreeRatio", "20"),
            new Option("MaxHeapFreeRatio", "40"));

    private IdleHeap() {}

    static void keepSmall() {
        HotSpotDiagnosticMXBean vm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        if (vm == null) {
            return;
        }
        try {
            if (!Boolean.parseBoolean(vm.getVMOption("UseG1GC").getValue())) {
                return;
            }
            for (Option option : OPTIONS) {
                VMOption current = vm.getVMOption(option.name());
                if (current.isWriteable() && current.getOrigin() == VMOption.Origin.DEFAULT) {
                    vm.setVMOption(option.name(), option.value());
                }
            }
        } catch (IllegalArgumentException e) {
            LOG.debug("heap is left as the virtual machine keeps it error={}", e.getMessage());
        }
    }
}
