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

    /** Where all lines go; a process has one log. */
    private static volatile ConsoleAppender<ILoggingEvent> console;

    private Logging() {}

    /** Sets format, level and the names each line carries. */
    static void configure(Settings settings) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        context.putProperty("node", settings.node().name());
        context.putProperty("cluster", settings.cluster().id());
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder(context, settings));
        appender.start();
        console = appender;
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(appender);
        setLevel(settings.log().level());
    }

    /** Follows a changed configuration; no line is lost and none is written twice. */
    static void apply(Settings settings) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.putProperty("node", settings.node().name());
        context.putProperty("cluster", settings.cluster().id());
        console.setEncoder(encoder(context, settings));
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

    private static Encoder<ILoggingEvent> encoder(LoggerContext context, Settings settings) {
        return settings.log().format() == Settings.Format.JSON ? jsonEncoder(context) : textEncoder(context);
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
