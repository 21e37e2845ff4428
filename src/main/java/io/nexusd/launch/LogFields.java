package io.nexusd.launch;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.logstash.logback.composite.AbstractJsonProvider;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;
import tools.jackson.core.JsonGenerator;

/**
 * What both formats of the log say of an event besides its text: its severity, which knows FATAL, and the values that its message
 * names as {@code key={}}. Machines get the latter as an object {@code fields}, so that nothing has to be parsed out of the text.
 */
final class LogFields extends AbstractJsonProvider<ILoggingEvent> {
    /** Marks what ends the process; logged as an error by the library, which has no such level. */
    static final Marker FATAL = MarkerFactory.getMarker("FATAL");

    private static final Pattern PLACEHOLDER = Pattern.compile("(?:([A-Za-z_][A-Za-z0-9_.]*)=\"?)?\\{}");

    /** Returns the severity as it is configured by {@code log.level}. */
    static String severity(ILoggingEvent event) {
        return isFatal(event) ? "FATAL" : event.getLevel().toString();
    }

    /** Returns who says it: the simple name of a class. */
    static String logger(ILoggingEvent event) {
        String name = event.getLoggerName();
        return name.substring(name.lastIndexOf('.') + 1);
    }

    static boolean isFatal(ILoggingEvent event) {
        return event.getMarkerList() != null && event.getMarkerList().contains(FATAL);
    }

    /** Returns the named values of a message, in its order. */
    static Map<String, Object> fields(ILoggingEvent event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        Object[] arguments = event.getArgumentArray();
        if (arguments == null || event.getMessage() == null) {
            return fields;
        }
        Matcher placeholder = PLACEHOLDER.matcher(event.getMessage());
        for (int i = 0; i < arguments.length && placeholder.find(); i++) {
            if (placeholder.group(1) != null) {
                fields.put(placeholder.group(1), arguments[i]);
            }
        }
        return fields;
    }

    @Override
    public void writeTo(JsonGenerator json, ILoggingEvent event) {
        json.writeStringProperty("level", severity(event));
        json.writeStringProperty("logger", logger(event));
        Map<String, Object> fields = fields(event);
        if (fields.isEmpty()) {
            return;
        }
        json.writeObjectPropertyStart("fields");
        fields.forEach((name, value) -> {
            if (value instanceof Long || value instanceof Integer) {
                json.writeNumberProperty(name, ((Number) value).longValue());
            } else if (value instanceof Boolean truth) {
                json.writeBooleanProperty(name, truth);
            } else {
                json.writeStringProperty(name, String.valueOf(value));
            }
        });
        json.writeEndObject();
    }
}
