package io.nexusd.k8s;

import io.nexusd.lab.InvalidEdits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;

/** Makes ConfigMaps that must not be taken: those with a bad file, and those that only a directory can be. */
final class InvalidConfigMaps {
    private static final String YAML = "nexusd.yaml";

    /** One in so many is not about the contents of the YAML file. */
    private static final int OF_FILES = 8;

    private final Random random;
    private final InvalidEdits edits;

    /** The files of a ConfigMap and what is wrong with them. */
    record Edit(String kind, Map<String, byte[]> files) {
        @Override
        public String toString() {
            return kind;
        }
    }

    InvalidConfigMaps(Random random) throws IOException {
        this.random = random;
        edits = new InvalidEdits(random);
    }

    Edit next(String valid) {
        return switch (random.nextInt(OF_FILES)) {
            case 0 -> files(valid);
            default -> {
                InvalidEdits.Edit edit = edits.next(valid);
                yield new Edit(edit.toString(), edit.content() == null ? Map.of() : Map.of(YAML, edit.content()));
            }
        };
    }

    private Edit files(String valid) {
        return switch (random.nextInt(4)) {
            case 0 -> edit("another name", Map.of("nexusd.yml", valid));
            case 1 -> edit("named like a key", Map.of(YAML, valid, "mesh.port", "5671"));
            case 2 -> edit("a wrong value in a file of its own", Map.of(YAML, valid, "NEXUSD_MESH_PORT", "seventy"));
            default -> edit("a file of no key", Map.of(YAML, valid, "NEXUSD_NO_SUCH_KEY", "1"));
        };
    }

    private static Edit edit(String kind, Map<String, String> texts) {
        Map<String, byte[]> files = new java.util.HashMap<>();
        texts.forEach((name, text) -> files.put(name, text.getBytes(StandardCharsets.UTF_8)));
        return new Edit(kind, files);
    }
}
