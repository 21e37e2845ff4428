package io.nexusd.cli;

import io.nexusd.wire.CommandFailure;
import io.vertx.core.json.JsonObject;
import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Data on standard output: tables for people, or one JSON object a line; everything else on standard error. */
final class Output {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final PrintStream out;
    private final PrintStream err;
    private final Screen screen;
    private final boolean json;
    /** Fields that each object begins with. */
    private final JsonObject mark;

    Output(PrintStream out, PrintStream err, Screen screen, boolean json) {
        // Terminals and programs read UTF-8 today, whatever the locale of a container says.
        this(
                new PrintStream(new BufferedOutputStream(out, BUFFER_BYTES), false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                json,
                screen,
                new JsonObject());
    }

    private Output(PrintStream out, PrintStream err, boolean json, Screen screen, JsonObject mark) {
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
            table.lines(screen.columns().getAsInt(), screen.colour()).forEach(out::println);
        }
    }

    /** Prints fields of one thing, a line each; with JSON one object. */
    void fields(Fields fields) {
        if (json) {
            object(fields.object());
        } else {
            fields.lines(screen.colour()).forEach(out::println);
        }
    }

    void object(JsonObject object) {
        out.println(mark.copy().mergeIn(object).encode());
    }

    void line(String text) {
        out.println(text);
    }

    void lines(List<String> lines) {
        lines.forEach(out::println);
    }

    /** Prints a heading, which programs do not need. */
    void heading(String text) {
        if (!json) {
            out.println(styled(Style.HEADER, text));
        }
    }

    /** Returns the text set off, where colours are wanted. */
    String styled(Style style, String text) {
        return screen.colour() ? style.on(text) : text;
    }

    /** Writes bytes as they are, and a line break. */
    void raw(byte[] bytes) {
        out.write(bytes, 0, bytes.length);
        out.println();
    }

    /** Clears the terminal, if it is one. */
    void clear() {
        if (screen.terminal()) {
            out.print("\u001b[H\u001b[2J\u001b[3J");
        }
    }

    /**
     * Lets what was printed be seen, now and then while a command goes on.
     *
     * @throws CommandFailure when nobody reads it any more, such as {@code head} that has seen enough
     */
    void flush() {
        if (out.checkError()) {
            throw new CommandFailure(CommandFailure.FAILED, "standard output was closed");
        }
    }

    /** Lets what was printed be seen at the end of a command; whether anybody reads it does not matter any more. */
    void finish() {
        out.flush();
    }

    /** Tells a person something that is not the data; what was printed before is seen before. */
    void note(String text) {
        finish();
        err.println(text);
    }
}
