package io.nexusd.k8s;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;

/** What is in ConfigMaps, as files and as settings. */
final class ConfigMaps {
    private ConfigMaps() {}

    /** Returns the ConfigMap with these files and no others, as {@code kubectl create configmap --from-file} puts them there. */
    static ConfigMap withFiles(ConfigMap old, Map<String, byte[]> files) {
        Map<String, String> texts = new HashMap<>();
        Map<String, String> binaries = new HashMap<>();
        files.forEach((name, content) -> {
            String text = new String(content, StandardCharsets.UTF_8);
            if (Arrays.equals(text.getBytes(StandardCharsets.UTF_8), content)) {
                texts.put(name, text);
            } else {
                binaries.put(name, Base64.getEncoder().encodeToString(content));
            }
        });
        return new ConfigMapBuilder(old)
                .withData(texts)
                .withBinaryData(binaries)
                .build();
    }

    static Map<String, byte[]> files(ConfigMap map) {
        Map<String, byte[]> files = new HashMap<>();
        map.getData().forEach((name, text) -> files.put(name, text.getBytes(StandardCharsets.UTF_8)));
        map.getBinaryData()
                .forEach((name, base64) -> files.put(name, Base64.getDecoder().decode(base64)));
        return files;
    }

    /** The settings of a nested file, by their whole paths. */
    static Map<String, String> settings(String yaml) {
        Map<String, String> settings = new LinkedHashMap<>();
        flatten("", new Yaml().<Map<String, Object>>load(yaml), settings);
        return settings;
    }

    private static void flatten(String prefix, Map<?, ?> nested, Map<String, String> into) {
        nested.forEach((name, value) -> {
            if (value instanceof Map<?, ?> deeper) {
                flatten(prefix + name + ".", deeper, into);
            } else {
                into.put(prefix + name, String.valueOf(value));
            }
        });
    }
}
