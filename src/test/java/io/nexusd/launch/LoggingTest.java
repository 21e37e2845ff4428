package io.nexusd.launch;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.encoder.Encoder;
import io.nexusd.model.Settings.Format;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The two formats of the log: what people and machines read of the same event. */
class LoggingTest {
    private final LoggerContext context = new LoggerContext();
    private final Logger logger = context.getLogger("io.nexusd.gossip.GossipVerticle");

    @BeforeEach
    void names() {
        context.setMDCAdapter(new LogbackMDCAdapter());
        context.putProperty("node", "n1");
        context.putProperty("cluster", "blue");
    }

    @Test
    void shouldSayTheSameToPeopleAndMachines() {
        ILoggingEvent event = event(Level.INFO, "peer joined peer={} rtt_us={} linked={}", "p7", 42, true);
        String text = written(Format.TEXT, event);
        assertThat(text)
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z INFO  \\[blue/n1] GossipVerticle"
                        + " peer joined peer=p7 rtt_us=42 linked=true\n");
        JsonObject json = new JsonObject(written(Format.JSON, event));
        assertThat(json.fieldNames())
                .containsExactlyInAnyOrder("time", "level", "cluster", "node", "logger", "message", "fields");
        assertThat(json.getString("time")).isEqualTo(text.substring(0, text.indexOf(' ')));
        assertThat(json.getString("level")).isEqualTo("INFO");
        assertThat(json.getString("cluster") + "/" + json.getString("node")).isEqualTo("blue/n1");
        assertThat(json.getString("logger")).isEqualTo("GossipVerticle");
        assertThat(json.getString("message")).isEqualTo("peer joined peer=p7 rtt_us=42 linked=true");
        assertThat(json.getJsonObject("fields"))
                .isEqualTo(new JsonObject().put("peer", "p7").put("rtt_us", 42).put("linked", true));
    }

    @Test
    void shouldNameOnlyTheValuesThatHaveAName() {
        ILoggingEvent event = event(Level.WARN, "not reached in {} attempts endpoint={} error=\"{}\"", 10, "a:1", "no");
        assertThat(LogFields.fields(event))
                .hasSize(2)
                .containsEntry("endpoint", "a:1")
                .containsEntry("error", "no");
    }

    @Test
    void shouldKeepAStrangersLineBreaksWithinTheLine() {
        ILoggingEvent event = event(Level.INFO, "peer joined name={}", "x\n2026 FATAL [a/b] forged");
        assertThat(written(Format.TEXT, event)).containsOnlyOnce("\n").endsWith("\n");
        assertThat(written(Format.JSON, event)).containsOnlyOnce("\n").endsWith("\n");
    }

    @Test
    void shouldShowTheStackOfAnException() {
        ILoggingEvent event = new LoggingEvent(
                "caller",
                logger,
                Level.ERROR,
                "bus handler failed address={}",
                new IllegalStateException("boom"),
                new Object[] {"a"});
        assertThat(written(Format.TEXT, event)).contains("IllegalStateException: boom", "shouldShowTheStack");
        assertThat(new JsonObject(written(Format.JSON, event)).getString("stack_trace"))
                .contains("IllegalStateException: boom", "shouldShowTheStack");
    }

    @Test
    void shouldCallFatalWhatEndsTheProcess() {
        LoggingEvent event = event(Level.ERROR, "cannot start: {}", "app.port");
        event.addMarker(LogFields.FATAL);
        assertThat(written(Format.TEXT, event)).contains(" FATAL [blue/n1]");
        assertThat(new JsonObject(written(Format.JSON, event)).getString("level"))
                .isEqualTo("FATAL");
    }

    private LoggingEvent event(Level level, String message, Object... arguments) {
        return new LoggingEvent("caller", logger, level, message, null, arguments);
    }

    private String written(Format format, ILoggingEvent event) {
        Encoder<ILoggingEvent> encoder = Logging.encoder(context, format);
        return new String(encoder.encode(event), StandardCharsets.UTF_8);
    }
}
