package io.nexusd.cli;

import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Data on standard output: tables for people, or one JSON object a line; everything else on standard error. */
final class Output {
    private final PrintStream out;
    private final PrintStream err;
    private final boolean json;

    Output(PrintStream out, PrintStream err, boolean json) {
        this.out = out;
        this.err = err;
        this.json = json;
    }

    boolean isJson() {
        return json;
    }

    /** Prints rows under headers; with JSON an object for each row. */
    void table(List<String> headers, List<? extends List<?>> rows) {
        if (json) {
            for (List<?> row : rows) {
                JsonObject object = new JsonObject();
                IntStream.range(0, row.size()).forEach(i -> object.put(headers.get(i), row.get(i)));
                line(object);
            }
            return;
        }
        int[] widths = IntStream.range(0, headers.size())
                .map(i -> Math.max(
                        headers.get(i).length(),
                        rows.stream()
                                .mapToInt(row -> cell(row.get(i)).length())
                                .max()
                                .orElse(0)))
                .toArray();
        out.println(padded(headers, widths));
        rows.forEach(row -> out.println(padded(row, widths)));
        out.flush();
    }

    void line(JsonObject object) {
        out.println(object.encode());
        out.flush();
    }

    void line(String text) {
        out.println(text);
        out.flush();
    }

    /** Writes bytes as they are, and a line break. */
    void raw(byte[] bytes) {
        out.write(bytes, 0, bytes.length);
        out.println();
        out.flush();
    }

    void note(String text) {
        err.println(text);
        err.flush();
    }

    /** What others have sent must not move the cursor or set the colours of the terminal. */
    static String safe(String text) {
        return text.codePoints()
                .mapToObj(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT
                        ? String.format("\\u%04x", c)
                        : Character.toString(c))
                .collect(Collectors.joining());
    }

    private static String cell(Object value) {
        return safe(
                value instanceof List<?> list
                        ? list.stream().map(String::valueOf).collect(Collectors.joining(" "))
                        : String.valueOf(value));
    }

    private static String padded(List<?> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            String cell = cell(cells.get(i));
            line.append(cell);
            if (i < cells.size() - 1) {
                line.append(" ".repeat(widths[i] - cell.length() + 2));
            }
        }
        return line.toString();
    }
}
