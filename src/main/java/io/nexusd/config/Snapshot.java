package io.nexusd.config;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * The text of all configuration files at one moment, or why they could not be read. Nothing in it is interpreted yet.
 *
 * @param location the file or directory in use, empty when there is none
 * @param yaml the YAML file, empty when there is none
 * @param values files that hold one value each
 */
record Snapshot(String location, List<TextFile> yaml, List<TextFile> values, List<Problem> problems) {
    /** A file by its path and its name. */
    record TextFile(String path, String name, String text) {}

    Snapshot {
        yaml = List.copyOf(yaml);
        values = List.copyOf(values);
        problems = List.copyOf(problems);
    }

    static Snapshot none() {
        return new Snapshot("", List.of(), List.of(), List.of());
    }

    static Snapshot failed(Problem problem) {
        return new Snapshot("", List.of(), List.of(), List.of(problem));
    }

    /** Tells whether no file was found where none has to be. */
    boolean isNothing() {
        return location.isEmpty() && problems.isEmpty();
    }

    /** Tells whether there are files, and nothing in any of them. */
    boolean isEmpty() {
        return problems.isEmpty()
                && values.isEmpty()
                && !yaml.isEmpty()
                && yaml.stream().allMatch(file -> file.text().isBlank());
    }

    Optional<String> used() {
        return location.isEmpty() ? Optional.empty() : Optional.of(location);
    }

    /** The form in which the configuration retriever passes it on and compares it. */
    JsonObject toJson() {
        JsonArray wrongs = new JsonArray();
        problems.forEach(p -> wrongs.add(new JsonArray(List.of(p.key(), p.value(), p.source(), p.rule()))));
        return new JsonObject()
                .put("location", location)
                .put("yaml", files(yaml))
                .put("values", files(values))
                .put("problems", wrongs);
    }

    static Snapshot fromJson(JsonObject json) {
        List<Problem> problems = json.getJsonArray("problems").stream()
                .map(JsonArray.class::cast)
                .map(p -> new Problem(p.getString(0), p.getString(1), p.getString(2), p.getString(3)))
                .toList();
        return new Snapshot(
                json.getString("location"),
                files(json.getJsonArray("yaml")),
                files(json.getJsonArray("values")),
                problems);
    }

    private static JsonArray files(List<TextFile> files) {
        JsonArray array = new JsonArray();
        files.forEach(file -> array.add(new JsonArray(List.of(file.path, file.name, file.text))));
        return array;
    }

    private static List<TextFile> files(JsonArray array) {
        return array.stream()
                .map(JsonArray.class::cast)
                .map(file -> new TextFile(file.getString(0), file.getString(1), file.getString(2)))
                .toList();
    }
}
