package io.nexusd.cli;

import io.nexusd.wire.CommandFailure;
import io.vertx.core.json.JsonObject;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Data on standard output: tables for people, or one JSON object a line; everything else on standard error. */
final class Output {
    private final Sink out;
    private final PrintStream err;
    private final Screen screen;
    private final boolean json;
    /** Fields that each object begins with. */
    private final JsonObject mark;

    Output(OutputStream out, PrintStream err, Screen screen, boolean json) {
        this(new Sink(out), new PrintStream(err, true, StandardCharsets.UTF_8), json, screen, new JsonObject());
    }

    private Output(Sink out, PrintStream err, boolean json, Screen screen, JsonObject mark) {
        this.out = out;
        this.err = err;
        this.screen = screen;
        this.json = json;
        this.mark = mark;
    }

    /** Returns one that writes to the same places in the other form. */
    Output as(boolean asJson) {
        return new Output(out, err, asJson, screen, mark);
    }

    /** Returns one that writes to the same places on another screen. */
    Output on(Screen other) {
        return new Output(out, err, json, other, mark);
    }

    /** Returns one whose JSON objects begin with these fields, so that programs can tell what comes one after another apart. */
    Output marked(JsonObject fields) {
        return new Output(out, err, json, screen, fields);
    }

    boolean isJson() {
        return json;
    }

    Screen screen() {
        return screen;
    }

    /** Prints rows under headers; with JSON an object for each row. */
    void table(Table table) {
        if (json) {
            table.objects().forEach(this::object);
        } else {
            table.lines(screen.columns().getAsInt(), screen.colour()).forEach(out::line);
        }
    }

    /** Prints fields of one thing, a line each; with JSON one object. */
    void fields(Fields fields) {
        if (json) {
            object(fields.object());
        } else {
            fields.lines(screen.colour()).forEach(out::line);
        }
    }

    void object(JsonObject object) {
        out.line(mark.copy().mergeIn(object).encode());
    }

    void line(String text) {
        out.line(text);
    }

    void lines(List<String> lines) {
        lines.forEach(out::line);
    }

    /** Prints a heading, which programs do not need. */
    void heading(String text) {
        if (!json) {
            out.line(styled(Style.HEADER, text));
        }
    }

    /** Returns the text set off, where colours are wanted. */
    String styled(Style style, String text) {
        return screen.colour() ? style.on(text) : text;
    }

    /** Writes bytes as they are, and a line break. */
    void raw(byte[] bytes) {
        out.line(bytes);
    }

    /** Clears the terminal, if it is one. */
    void clear() {
        if (screen.terminal()) {
            out.write("\u001b[H\u001b[2J\u001b[3J".getBytes(StandardCharsets.UTF_8));
        }
    }

    /**
     * Writes what was printed, now and then while a command runs and at its end.
     *
     * @throws CommandFailure when it cannot be written, because the reader has closed it, such as {@code head} that has seen enough,
     *     or because the device is full
     */
    void flush() {
        out.flush();
    }

    /** Writes what was printed; a failure is reported by the next {@link #flush}. */
    private void tryFlush() {
        try {
            out.flush();
        } catch (CommandFailure e) {
            // The sink keeps it.
            return;
        }
    }

    /** Writes what was printed when nobody is left to report a failure to. */
    void close() {
        tryFlush();
    }

    /** Tells a person something that is not the data; what was printed before is seen before. */
    void note(String text) {
        tryFlush();
        err.println(text);
    }
}
