package io.nexusd.scale;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A table in Markdown, printed when it is complete; the same rows can be read by whoever checks them. */
final class Table {
    private final String title;
    private final List<String> heads;
    private final List<List<String>> rows = new ArrayList<>();

    Table(String title, String... heads) {
        this.title = title;
        this.heads = List.of(heads);
    }

    void row(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(shown(cell));
        }
        rows.add(row);
        System.err.println(title + ": " + String.join(" | ", row));
    }

    private static String shown(Object cell) {
        if (cell instanceof Double number) {
            return String.format(Locale.ROOT, Math.abs(number) < 10 ? "%.2f" : "%,.0f", number);
        }
        return cell instanceof Number number ? String.format(Locale.ROOT, "%,d", number.longValue()) : cell.toString();
    }

    int size() {
        return rows.size();
    }

    /** Returns what a cell shows, as a number. */
    double number(int row, String head) {
        return Double.parseDouble(rows.get(row).get(heads.indexOf(head)).replace(",", ""));
    }

    void print() {
        System.out.printf("### %s%n%n", title);
        System.out.println("| " + String.join(" | ", heads) + " |");
        System.out.println("|" + "---:|".repeat(heads.size()));
        rows.forEach(row -> System.out.println("| " + String.join(" | ", row) + " |"));
        System.out.println();
    }
}
