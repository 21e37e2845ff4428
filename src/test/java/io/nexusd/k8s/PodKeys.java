package io.nexusd.k8s;

import io.nexusd.config.KeyValues;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.LiveFile;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What the keys of a pod's configuration can be changed to, and back to, and which of them its ConfigMap has no say in. */
final class PodKeys {
    static final Map<String, String> PORTS = Map.of("mesh.port", "5771", "app.port", "5772", "admin.port", "9190");

    private PodKeys() {}

    /** Values to change to which leave the pods in reach of each other. */
    static Map<String, String> fitting() {
        Map<String, String> fitting = new HashMap<>(PORTS);
        List.of("mesh.bind", "app.bind", "admin.bind").forEach(key -> fitting.put(key, "::"));
        fitting.put("discovery.multicast.interface", "mesh");
        // One pod by its name as well, and a name that is nobody's.
        fitting.put("peers.static", "nexusd-0.nexusd-headless:5671,nobody.nexusd-headless:5671");
        fitting.put("peers.dns", "nexusd-headless:5671,nexusd-headless:" + PORTS.get("mesh.port"));
        // Nothing expires while links are dialed anew.
        fitting.put("delivery.default-message-ttl-ms", "60000");
        fitting.put("log.level", "DEBUG");
        return fitting;
    }

    /** The values that these keys have in the manifest, or by default. */
    static Map<String, String> back(Set<String> keys, Map<String, String> usual) {
        Map<String, String> values = new LinkedHashMap<>();
        keys.forEach(key -> values.put(key, usual.getOrDefault(key, KeyValues.defaultText(key))));
        return values;
    }

    /** Keys that the environment of the pod sets, which is stronger than its files. */
    static Set<String> setByThePodSpec(LabDaemon daemon) {
        Set<String> keys = new TreeSet<>();
        LiveFile.shown(daemon).getJsonObject("keys").forEach(key -> {
            if (((JsonObject) key.getValue()).getString("source").startsWith("environment")) {
                keys.add(key.getKey());
            }
        });
        return keys;
    }
}
