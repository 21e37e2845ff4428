package io.nexusd.appapi.admin;

import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.NamingConvention;
import io.nexusd.proto.admin.Sample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Every meter of this node with its value now, under the name that its metrics have. */
final class Samples {
    private final MeterRegistry registry;

    Samples(MeterRegistry registry) {
        this.registry = registry;
    }

    List<Sample> all() {
        List<Sample> samples = new ArrayList<>();
        for (Meter meter : registry.getMeters()) {
            NamingConvention convention = registry.config().namingConvention();
            String name = meter.getId().getConventionName(convention);
            for (Measurement measurement : meter.measure()) {
                double value = measurement.getValue();
                if (!Double.isNaN(value)) {
                    Sample.Builder sample = Sample.newBuilder()
                            .setName(name + suffix(meter, measurement))
                            .setValue(value);
                    for (Tag tag : meter.getId().getConventionTags(convention)) {
                        sample.putLabels(tag.getKey(), tag.getValue());
                    }
                    samples.add(sample.build());
                }
            }
        }
        samples.sort(Comparator.comparing(Sample::getName)
                .thenComparing(sample -> sample.getLabelsMap().toString()));
        return samples;
    }

    /** As the metrics have it: the parts of what has several values get names of their own, and a counter is a total. */
    private static String suffix(Meter meter, Measurement measurement) {
        boolean several =
                switch (meter.getId().getType()) {
                    case TIMER, LONG_TASK_TIMER, DISTRIBUTION_SUMMARY -> true;
                    default -> false;
                };
        if (!several) {
            // The convention takes the end of its name off, and the writer of /metrics puts it back.
            boolean info = meter.getId().getName().endsWith(".info");
            return meter.getId().getType() == Meter.Type.COUNTER ? "_total" : info ? "_info" : "";
        }
        return switch (measurement.getStatistic()) {
            case TOTAL, TOTAL_TIME -> "_sum";
            default -> "_" + measurement.getStatistic().name().toLowerCase(Locale.ROOT);
        };
    }
}
