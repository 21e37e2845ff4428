package io.nexusd.scale;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.LoggerFactory;

/**
 * Counts how often the daemons of this process log that a member was suspected or is dead, that a link broke, or that an event
 * loop was blocked. Has their log for itself until it is closed.
 */
final class Disturbances extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private static final List<String> SIGNS = List.of("peer suspected", "link down", "reason=DEAD", "has been blocked");

    /** That of the daemons and of Vert.x. */
    private final Logger log = (Logger) LoggerFactory.getLogger("io");

    private final AtomicLong count = new AtomicLong();

    static Disturbances watch() {
        Disturbances disturbances = new Disturbances();
        disturbances.start();
        disturbances.log.setLevel(Level.INFO);
        disturbances.log.setAdditive(false);
        disturbances.log.addAppender(disturbances);
        return disturbances;
    }

    long count() {
        return count.get();
    }

    @Override
    protected void append(ILoggingEvent event) {
        String line = event.getFormattedMessage();
        if (SIGNS.stream().anyMatch(line::contains)) {
            count.incrementAndGet();
        }
    }

    @Override
    public void close() {
        log.detachAppender(this);
        log.setAdditive(true);
        log.setLevel(null);
    }
}
