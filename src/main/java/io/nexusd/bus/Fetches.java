package io.nexusd.bus;

import io.nexusd.bus.Meters.Fetched;
import io.nexusd.model.Attempts;
import io.nexusd.model.NodeId;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log lines and counters of fetches from peers: one WARN when a fetch has failed repeatedly, and one INFO when it succeeds
 * again. Stateless; each caller keeps the {@link Attempts}.
 */
public final class Fetches {
    private static final Logger LOG = LoggerFactory.getLogger(Fetches.class);

    private final Meters meters;

    public Fetches(Meters meters) {
        this.meters = meters;
    }

    /**
     * Counts and logs a failed attempt, and sets the time of the next one.
     *
     * @param got number of items that this attempt fetched and that are kept
     * @param missing number of missing items, -1 if unknown
     */
    public void failed(Fetched what, NodeId peer, Attempts attempts, int got, int missing, Throwable e, long nowMono) {
        meters.fetched(what, false);
        long waitMs = attempts.failed(got > 0, nowMono);
        if (attempts.isNews()) {
            LOG.warn(
                    "fetch from peer failed again, it is tried again until it succeeds what={} peer={} attempt={} got={} missing={}"
                            + " retry_ms={} error={}",
                    name(what),
                    peer,
                    attempts.failures(),
                    got,
                    missing < 0 ? "unknown" : missing,
                    waitMs,
                    e.getMessage());
        } else {
            LOG.debug(
                    "fetch from peer failed what={} peer={} attempt={} got={} retry_ms={} error={}",
                    name(what),
                    peer,
                    attempts.failures(),
                    got,
                    waitMs,
                    e.getMessage());
        }
    }

    /** Counts and logs a successful attempt. */
    public void succeeded(Fetched what, NodeId peer, Attempts attempts) {
        meters.fetched(what, true);
        int failures = attempts.failures();
        if (attempts.succeeded()) {
            LOG.info("fetch from peer works again what={} peer={} failed_attempts={}", name(what), peer, failures);
        }
    }

    private static String name(Fetched what) {
        return what.name().toLowerCase(Locale.ROOT);
    }
}
