package io.nexusd.bus;

import io.micrometer.core.instrument.MeterRegistry;

/** What the counters of messages say, the labels summed up. */
public final class MessageCounts {
    private MessageCounts() {}

    /** Returns a count such as {@code targets} or {@code dropped}. */
    public static long of(MeterRegistry registry, String what) {
        return registry.find("nexusd.messages." + what).counters().stream()
                .mapToLong(counter -> (long) counter.count())
                .sum();
    }
}
