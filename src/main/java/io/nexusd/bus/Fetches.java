package io.nexusd.bus;

import io.nexusd.bus.Meters.Fetched;
import io.nexusd.model.Attempts;
import io.nexusd.model.NodeId;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log lines and counts of what a node fetches from its peers: a WARN when a fetch fails again, once until it succeeds, and an
 * INFO when it does. Stateless; each caller keeps the {@link Attempts}.
 */
public final class Fetches {
    private static final Logger LOG = LoggerFactory.getLogger(Fetches.class);

    private final Meters meters;

    public Fetches(Meters meters) {
        this.meters = meters;
    }

    /**
     * Notes a failure, and from when on another attempt may begin.
     *
     * @param got what this attempt has brought and is kept, 0 for nothing
     * @param missing how much is known to be missing, -1 where that is unknown
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

    /** Notes a success. */
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
