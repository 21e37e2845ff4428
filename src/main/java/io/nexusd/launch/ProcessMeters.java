package io.nexusd.launch;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.nexusd.bus.Bus;
import io.nexusd.model.Version;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.vertx.micrometer.Label;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Meters of the process itself, under the names that Prometheus' own conventions give them. */
final class ProcessMeters {
    private static final double NS_PER_SECOND = 1e9;

    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessMeters() {}

    /** Returns an empty registry in which no meter will have a name that breaks Prometheus' rules. */
    static PrometheusMeterRegistry registry(Clock clock) {
        PrometheusMeterRegistry registry =
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, new PrometheusRegistry(), clock);
        registry.config()
                // In nanoseconds, which nothing else is; its replacement is below.
                .meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"))
                .meterFilter(renamed("system.cpu.count", "system.cpus"));
        return registry;
    }

    /**
     * Returns what Vert.x itself is to measure: HTTP servers, see {@link ConnectionMeters}, and use of the pools. What it could say
     * of single messages and of the bus would be paid for by each message, and the own meters say it already.
     */
    static MicrometerMetricsOptions ofVertx() {
        Set<String> left =
                EnumSet.complementOf(EnumSet.of(MetricsDomain.HTTP_SERVER, MetricsDomain.NAMED_POOLS)).stream()
                        .map(MetricsDomain::toCategory)
                        .collect(Collectors.toSet());
        MicrometerMetricsOptions options = new MicrometerMetricsOptions()
                .setDisabledMetricsCategories(left)
                .setLabels(EnumSet.of(Label.LOCAL, Label.POOL_TYPE, Label.POOL_NAME));
        options.setEnabled(true);
        return options;
    }

    @SuppressWarnings("resource") // The garbage collection listener lives as long as the process.
    static void bind(MeterRegistry registry, Bus bus) {
        Gauge.builder(
                        "nexusd.uptime.seconds",
                        () -> ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0)
                .description("Time since the start of the process")
                .register(registry);
        Gauge.builder("nexusd.build.info", () -> 1)
                .description("Always 1; the label says which version runs")
                .tag("version", Version.current())
                .register(registry);
        FunctionCounter.builder("nexusd.bus.handler.failures", bus, Bus::handlerFailures)
                .description("Exceptions thrown by handlers of the bus; each is an error in this software")
                .register(registry);
        FunctionCounter.builder("nexusd.log.lines.dropped", registry, any -> Logging.dropped())
                .description("Log lines that were not written, because standard error was not read or not writable")
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new JvmGcMetrics().bindTo(registry);
        bindOperatingSystem(registry);
    }

    private static void bindOperatingSystem(MeterRegistry registry) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system) {
            FunctionCounter.builder("process.cpu.seconds", system, bean -> bean.getProcessCpuTime() / NS_PER_SECOND)
                    .description("User and system CPU time spent")
                    .register(registry);
        }
        if (Files.isReadable(STATUS)) {
            Gauge.builder("process.resident.memory.bytes", ProcessMeters::residentBytes)
                    .description("Memory that the process has in RAM")
                    .register(registry);
        }
    }

    private static double residentBytes() {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    // The kernel gives it in kB and means KiB.
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    private static MeterFilter renamed(String from, String to) {
        return new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id id) {
                return id.getName().equals(from) ? id.withName(to) : id;
            }
        };
    }
}
