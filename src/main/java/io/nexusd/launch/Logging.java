package io.nexusd.launch;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import io.nexusd.model.Settings;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import net.logstash.logback.encoder.LogstashEncoder;
import net.logstash.logback.fieldnames.LogstashFieldNames;
import org.slf4j.LoggerFactory;

/**
 * Log output to standard error: one line per event, for people or for machines, with node and cluster in each. Lines are written by a
 * thread of their own, so that a reader which does not read holds nothing up.
 */
final class Logging {
    /** What the library takes for the name of a field that is to be left out. */
    private static final String IGNORED = "[ignore]";

    private static final long FINISH_WITHIN_MS = 500;

    /** Where all lines go; a process has one log. */
    private static volatile OutputStreamAppender<ILoggingEvent> console;

    /** The lines on their way to standard error; none before the configuration is known. */
    private static volatile LogStream stream;

    /** Whether only what ends the process is logged. */
    private static volatile boolean fatalOnly;

    private Logging() {}

    /** Sets format, level and the names each line carries. */
    static void configure(Settings settings) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        context.putProperty("node", settings.node().name());
        context.putProperty("cluster", settings.cluster().id());
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(context);
        appender.setOutputStream(openStream());
        appender.setEncoder(encoder(context, settings.log().format()));
        appender.addFilter(new Filter<>() {
            @Override
            public FilterReply decide(ILoggingEvent event) {
                return fatalOnly && !LogFields.isFatal(event) ? FilterReply.DENY : FilterReply.NEUTRAL;
            }
        });
        appender.start();
        console = appender;
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(appender);
        setLevel(settings.log().level());
    }

    /** Returns how many lines were not written. */
    static long dropped() {
        LogStream opened = stream;
        return opened == null ? 0 : opened.dropped();
    }

    /** Lets what was logged be written before the process ends, for a moment: a reader that does not read is not waited for. */
    static void finish() {
        LogStream opened = stream;
        if (opened != null) {
            opened.await(FINISH_WITHIN_MS);
        }
    }

    /** What a library prints on standard error takes the same way, for it could be an event loop that prints it. */
    private static synchronized LogStream openStream() {
        if (stream == null) {
            stream = new LogStream(
                    new FileOutputStream(FileDescriptor.err), LogStream.MAX_QUEUED_BYTES, Logging::reportDropped);
            System.setErr(new PrintStream(new BufferedOutputStream(stream), true, StandardCharsets.UTF_8));
        }
        return stream;
    }

    private static void reportDropped(long lines, long inAll) {
        LoggerFactory.getLogger(Logging.class)
                .warn(
                        "log lines dropped, standard error was not read or not writable lines={} in_all={}",
                        lines,
                        inAll);
    }

    /** Follows a changed configuration; no line is lost and none is written twice. */
    static void apply(Settings settings) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.putProperty("node", settings.node().name());
        context.putProperty("cluster", settings.cluster().id());
        console.setEncoder(encoder(context, settings.log().format()));
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
                    case ERROR, FATAL -> Level.ERROR;
                };
        fatalOnly = level == Settings.Level.FATAL;
        boolean quieterThanInfo = ours.isGreaterOrEqual(Level.INFO);
        context.getLogger("io.nexusd").setLevel(ours);
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)
                .setLevel(quieterThanInfo || ours == Level.TRACE ? ours : Level.INFO);
        // It warns of meters that two threads registered at once, where the first one counts.
        context.getLogger("io.micrometer").setLevel(ours == Level.TRACE ? Level.TRACE : Level.ERROR);
        // To these every connection that breaks, never was one of this protocol, or comes while its listener is closed
        // is an
        // error without an address. Whom it concerns says so in lines of its own, and strangers could fill the log.
        Level connections = ours.isGreaterOrEqual(Level.INFO) ? Level.OFF : ours;
        context.getLogger("io.vertx.core.net.impl.ConnectionBase").setLevel(connections);
        context.getLogger("io.netty.handler.codec.http2.DefaultHttp2Connection").setLevel(connections);
        context.getLogger("io.netty.bootstrap.ServerBootstrap").setLevel(connections);
    }

    static Encoder<ILoggingEvent> encoder(LoggerContext context, Settings.Format format) {
        return format == Settings.Format.JSON ? jsonEncoder(context) : textEncoder(context);
    }

    private static Encoder<ILoggingEvent> textEncoder(LoggerContext context) {
        TextLayout layout = new TextLayout();
        layout.setContext(context);
        layout.start();
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setLayout(layout);
        encoder.start();
        return encoder;
    }

    /** One object a line: time, level, cluster, node, logger, message, fields, stack_trace. */
    private static Encoder<ILoggingEvent> jsonEncoder(LoggerContext context) {
        LogstashFieldNames names = new LogstashFieldNames();
        names.setTimestamp("time");
        names.setLogger(IGNORED);
        names.setLevel(IGNORED);
        names.setLevelValue(IGNORED);
        names.setVersion(IGNORED);
        names.setThread(IGNORED);
        names.setTags(IGNORED);
        LogstashEncoder encoder = new LogstashEncoder();
        encoder.setContext(context);
        encoder.setFieldNames(names);
        encoder.setIncludeTags(false);
        encoder.setTimeZone("UTC");
        encoder.setTimestampPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'");
        encoder.addProvider(new LogFields());
        encoder.start();
        return encoder;
    }
}
