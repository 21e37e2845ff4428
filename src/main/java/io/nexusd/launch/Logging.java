package io.nexusd.launch;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import io.nexusd.model.Settings;
import net.logstash.logback.encoder.LogstashEncoder;
import org.slf4j.LoggerFactory;

/** Log output to standard error: one line per event, for people or for machines, with node and cluster in each. */
final class Logging {
    private static final String TEXT =
            "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX,UTC} %-5level [%property{cluster}/%property{node}] %logger{0} %msg%n%ex";

    private Logging() {}

    /** Sets format, level and the names each line carries. */
    static void configure(Settings settings) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        context.putProperty("node", settings.node().name());
        context.putProperty("cluster", settings.cluster().id());
        Encoder<ILoggingEvent> encoder =
                settings.log().format() == Settings.Format.JSON ? jsonEncoder(context) : textEncoder(context);
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setTarget("System.err");
        console.setEncoder(encoder);
        console.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(console);
        setLevel(settings.log().level());
    }

    /** Switches the level. Libraries stay at INFO, or quieter, unless TRACE is asked for. */
    static void setLevel(Settings.Level level) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        Level ours =
                switch (level) {
                    case TRACE -> Level.TRACE;
                    case DEBUG -> Level.DEBUG;
                    case INFO -> Level.INFO;
                    case WARN -> Level.WARN;
                    case ERROR -> Level.ERROR;
                    // What ends the daemon is printed by Main itself.
                    case FATAL -> Level.OFF;
                };
        boolean quieterThanInfo = ours.isGreaterOrEqual(Level.INFO);
        context.getLogger("io.nexusd").setLevel(ours);
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)
                .setLevel(quieterThanInfo || ours == Level.TRACE ? ours : Level.INFO);
    }

    private static Encoder<ILoggingEvent> textEncoder(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(TEXT);
        encoder.start();
        return encoder;
    }

    private static Encoder<ILoggingEvent> jsonEncoder(LoggerContext context) {
        LogstashEncoder encoder = new LogstashEncoder();
        encoder.setContext(context);
        encoder.setTimeZone("UTC");
        encoder.start();
        return encoder;
    }
}
