package io.nexusd.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Named values of one thing, in their order. */
final class Fields {
    private final Map<String, Cell> cells = new LinkedHashMap<>();

    Fields add(String name, Object value) {
        cells.put(name, Cell.of(value));
        return this;
    }

    JsonObject object() {
        JsonObject object = new JsonObject();
        cells.forEach((name, cell) -> {
            if (cell.value() != null) {
                object.put(name, cell.value() instanceof List<?> list ? new JsonArray(list) : cell.value());
            }
        });
        return object;
    }

    /** Returns a line for each; the unit at the end of a name is in the text already. */
    List<String> lines(boolean colour) {
        int width = cells.keySet().stream()
                .mapToInt(name -> shown(name).length())
                .max()
                .orElse(0);
        return cells.entrySet().stream()
                .map(field -> {
                    String name = shown(field.getKey());
                    Cell cell = field.getValue();
                    return name
                            + " ".repeat(width - name.length() + 2)
                            + (colour ? cell.style().on(cell.text()) : cell.text());
                })
                .toList();
    }

    private String shown(String name) {
        boolean converted =
                !cells.get(name).text().equals(Text.of(cells.get(name).value()));
        return (converted ? name.replaceFirst("_(ms|us|bytes)$", "") : name).replace('_', ' ');
    }
}
