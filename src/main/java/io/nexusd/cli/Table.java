package io.nexusd.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows under headers, for people as wide as their terminal, for programs as JSON objects. Columns are named by what programs
 * read, with an underscore between words and the unit at the end; {@code "uptime_ms=uptime"} shows people another header. A
 * {@code ~} at the end marks a column that gives way first where the terminal is narrow, such as a UUID.
 */
final class Table {
    private static final int GAP = 2;
    /** A column is not cut below this many characters, which an IPv4 address with its port fits into nearly always. */
    private static final int MIN_COLUMN = 16;
    /** As much of a UUID as tells a few of them apart. */
    private static final int MIN_SOFT_COLUMN = 9;

    private final List<String> keys = new ArrayList<>();
    private final List<String> headers = new ArrayList<>();
    private final List<Boolean> soft = new ArrayList<>();
    private final List<List<Cell>> rows = new ArrayList<>();

    Table(String... columns) {
        for (String marked : columns) {
            boolean givesWay = marked.endsWith("~");
            String column = givesWay ? marked.substring(0, marked.length() - 1) : marked;
            soft.add(givesWay);
            int split = column.indexOf('=');
            keys.add(split < 0 ? column : column.substring(0, split));
            headers.add(split < 0 ? column.replace('_', ' ') : column.substring(split + 1));
        }
    }

    /** Adds a row of values, {@link Cell}s among them. */
    Table row(Object... values) {
        List<Cell> row = new ArrayList<>(values.length);
        for (Object value : values) {
            row.add(Cell.of(value));
        }
        if (row.size() != keys.size()) {
            throw new IllegalArgumentException(row.size() + " values for " + keys.size() + " columns");
        }
        rows.add(row);
        return this;
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Returns an object for each row; what has no value is left out. */
    List<JsonObject> objects() {
        List<JsonObject> objects = new ArrayList<>(rows.size());
        for (List<Cell> row : rows) {
            JsonObject object = new JsonObject();
            for (int i = 0; i < keys.size(); i++) {
                Object value = row.get(i).value();
                if (value != null) {
                    object.put(keys.get(i), value instanceof List<?> list ? new JsonArray(list) : value);
                }
            }
            objects.add(object);
        }
        return objects;
    }

    /**
     * Returns the lines.
     *
     * @param columns width of the terminal, 0 for no limit; the widest columns are cut to fit, and where that is not enough those
     *     at the right are left out
     */
    List<String> lines(int columns, boolean colour) {
        int[] widths = fit(columns);
        List<String> lines = new ArrayList<>(rows.size() + 1);
        List<Cell> header = new ArrayList<>();
        for (int i = 0; i < headers.size(); i++) {
            header.add(new Cell(null, headers.get(i), Style.HEADER));
        }
        lines.add(line(header, widths, colour));
        rows.forEach(row -> lines.add(line(row, widths, colour)));
        return lines;
    }

    /** Returns the widths of the columns that are shown. */
    private int[] fit(int columns) {
        for (int shown = headers.size(); ; shown--) {
            int[] widths = new int[shown];
            int total = GAP * (shown - 1);
            for (int i = 0; i < shown; i++) {
                widths[i] = Text.width(headers.get(i));
                for (List<Cell> row : rows) {
                    widths[i] = Math.max(widths[i], Text.width(row.get(i).text()));
                }
                total += widths[i];
            }
            int fitted = columns == 0 ? 0 : shrink(widths, shrink(widths, total, columns, true), columns, false);
            if (fitted <= columns || shown == 1) {
                return widths;
            }
        }
    }

    /** Takes from the widest columns until all fit; tells how wide the table is then. */
    private int shrink(int[] widths, int totalBefore, int columns, boolean softOnly) {
        int total = totalBefore;
        // What is left alone is cut as far as it must be.
        int min = softOnly ? MIN_SOFT_COLUMN : widths.length == 1 ? 1 : MIN_COLUMN;
        while (total > columns) {
            int widest = -1;
            for (int i = 0; i < widths.length; i++) {
                boolean mayGive = widths[i] > min && (!softOnly || soft.get(i));
                widest = mayGive && (widest < 0 || widths[i] > widths[widest]) ? i : widest;
            }
            if (widest < 0) {
                break;
            }
            widths[widest]--;
            total--;
        }
        return total;
    }

    private boolean isNumeric(int column) {
        return !rows.isEmpty()
                && rows.stream()
                        .allMatch(row ->
                                row.get(column).isNumber() || row.get(column).value() == null);
    }

    private String line(List<Cell> cells, int[] widths, boolean colour) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            Cell cell = cells.get(i);
            String text = Text.cut(cell.text(), widths[i]);
            String padding = " ".repeat(widths[i] - Text.width(text));
            String styled = colour ? cell.style().on(text) : text;
            boolean last = i == widths.length - 1;
            if (isNumeric(i)) {
                line.append(padding).append(styled);
            } else {
                line.append(styled).append(last ? "" : padding);
            }
            line.append(last ? "" : " ".repeat(GAP));
        }
        return line.toString();
    }
}
