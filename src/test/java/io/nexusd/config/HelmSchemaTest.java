package io.nexusd.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Holds the property {@code config} of the chart's schema to the table of keys; a failure prints it as it should be. */
class HelmSchemaTest {
    private static final Path SCHEMA = Path.of("deploy", "helm", "nexusd", "values.schema.json");

    /** Set by the environment of the pod, which is stronger than the file. */
    private static final Set<String> OF_THE_POD = Set.of("node.name", "node.advertise");

    /** Named by the Services and the pod spec, where 0 is no port. */
    private static final Set<String> PORTS = Set.of("mesh.port", "app.port", "admin.port");

    private static final Pattern RANGE = Pattern.compile("an integer from (\\d+) to (\\d+)( or a size .*)?");
    private static final String SIZE = "^[0-9]+ ?([KMGTkmgt]([Ii]?[Bb]|[Ii])?|[Bb])?$";

    @Test
    void shouldHaveEveryKeyWithItsTypeAndRange() throws IOException {
        JsonObject config = new JsonObject(Files.readString(SCHEMA))
                .getJsonObject("properties")
                .getJsonObject("config");
        JsonObject expected = expected();
        assertThat(config)
                .withFailMessage(() -> "config in " + SCHEMA + " must be:\n\n" + expected.encodePrettily() + "\n")
                .isEqualTo(expected);
    }

    private static JsonObject expected() {
        JsonObject root = section();
        for (Key<?> key : Keys.ALL) {
            if (!OF_THE_POD.contains(key.path())) {
                put(root, key.path(), schema(key).put("description", key.effect()));
            }
        }
        return root;
    }

    private static JsonObject section() {
        return new JsonObject()
                .put("type", "object")
                .put("additionalProperties", false)
                .put("properties", new JsonObject());
    }

    private static void put(JsonObject section, String path, JsonObject schema) {
        JsonObject properties = section.getJsonObject("properties");
        int dot = path.indexOf('.');
        if (dot < 0) {
            properties.put(path, schema);
        } else {
            String name = path.substring(0, dot);
            if (!properties.containsKey(name)) {
                properties.put(name, section());
            }
            put(properties.getJsonObject(name), path.substring(dot + 1), schema);
        }
    }

    private static JsonObject schema(Key<?> key) {
        String rule = key.type().rule();
        Matcher range = RANGE.matcher(rule);
        if (range.matches()) {
            JsonObject number = new JsonObject()
                    .put("type", "integer")
                    .put("minimum", PORTS.contains(key.path()) ? 1 : Long.parseLong(range.group(1)))
                    .put("maximum", Long.parseLong(range.group(2)));
            return range.group(3) == null
                    ? number
                    : number.put("type", new JsonArray().add("integer").add("string"))
                            .put("pattern", SIZE);
        }
        if (rule.equals("true or false")) {
            return new JsonObject().put("type", "boolean");
        }
        if (rule.startsWith("one of ")) {
            JsonArray words = new JsonArray();
            Arrays.stream(rule.substring("one of ".length()).split(", "))
                    .forEach(word -> words.add(
                            word.equals("true") || word.equals("false") ? (Object) Boolean.valueOf(word) : word));
            return new JsonObject().put("enum", words);
        }
        return key.type().isList()
                ? new JsonObject()
                        .put("type", new JsonArray().add("string").add("array"))
                        .put("items", new JsonObject().put("type", "string"))
                : new JsonObject().put("type", "string");
    }
}
