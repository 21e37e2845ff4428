package io.nexusd.launch;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;

/**
 * A log line for people: time in UTC, severity, cluster and node, who says it, what. A line break in a value, which may come from
 * a stranger, does not begin a new line; only a stack trace has more than one.
 */
final class TextLayout extends LayoutBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    @Override
    public String doLayout(ILoggingEvent event) {
        Map<String, String> names = event.getLoggerContextVO().getPropertyMap();
        StringBuilder line = new StringBuilder(160);
        TIME.formatTo(event.getInstant(), line);
        line.append(String.format(" %-5s ", LogFields.severity(event)))
                .append('[')
                .append(names.get("cluster"))
                .append('/')
                .append(names.get("node"))
                .append("] ")
                .append(LogFields.logger(event))
                .append(' ')
                .append(event.getFormattedMessage().replace("\r", "\\r").replace("\n", "\\n"))
                .append('\n');
        if (event.getThrowableProxy() != null) {
            line.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        return line.toString();
    }
}
