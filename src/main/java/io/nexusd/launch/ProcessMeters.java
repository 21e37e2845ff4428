package io.nexusd.launch;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import java.lang.management.ManagementFactory;

/** Meters of the process itself. */
final class ProcessMeters {
    private ProcessMeters() {}

    @SuppressWarnings("resource") // The garbage collection listener lives as long as the process.
    static void bind(MeterRegistry registry) {
        Gauge.builder(
                        "nexusd.uptime.seconds",
                        () -> ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0)
                .description("Time since the start of the process")
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new JvmGcMetrics().bindTo(registry);
    }
}
