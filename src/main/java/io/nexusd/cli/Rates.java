package io.nexusd.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How fast counters grow, from one look at them to the next. */
final class Rates {
    private Map<String, Double> before = Map.of();
    private Map<String, Double> now = Map.of();
    private double seconds;

    /**
     * Takes a look.
     *
     * @param elapsedNs since the one before; the first look has no rates
     */
    void look(Map<String, Double> counters, long elapsedNs) {
        before = now;
        now = new HashMap<>(counters);
        seconds = elapsedNs / 1e9;
    }

    /** Returns the rate per second; a counter that was not there before began at 0, one that went back began again. */
    double of(String counter) {
        double grown = now.getOrDefault(counter, 0.0) - before.getOrDefault(counter, 0.0);
        double since = grown >= 0 ? grown : now.get(counter);
        return seconds <= 0 ? 0 : since / seconds;
    }

    /** Returns the counters, fastest first, those of equal speed by name. */
    List<String> fastest() {
        List<String> counters = new ArrayList<>(now.keySet());
        counters.sort(
                Comparator.comparingDouble((String counter) -> -of(counter)).thenComparing(counter -> counter));
        return counters;
    }
}
