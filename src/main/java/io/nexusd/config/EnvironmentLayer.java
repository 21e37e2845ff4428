package io.nexusd.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads environment variables, or files named like them, into raw values. An empty one counts as not set. */
final class EnvironmentLayer {
    static final String PREFIX = "NEXUSD_";
    static final String CONFIG = "NEXUSD_CONFIG";

    /** Read by the start script or by the loader, not keys. */
    private static final Set<String> NOT_KEYS = Set.of(CONFIG, "NEXUSD_JAR", "NEXUSD_JAVA_OPTS");

    /** Kubernetes sets these for every Service of the namespace, such as "nexusd" and "nexusd-lb". No key has such a name. */
    private static final Pattern SERVICE_LINK_NAME = Pattern.compile(
            "NEXUSD(_.+)?_" + "(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

    /** Of the form {@code <SERVICE>_PORT} only the value tells a link from a misspelt key. */
    private static final Pattern SERVICE_LINK_VALUE = Pattern.compile("(tcp|udp|sctp)://.*");

    private EnvironmentLayer() {}

    /**
     * Reads all known names.
     *
     * @param variables name to text
     * @param sourceOf makes the source of a name, such as {@code environment MESH_PORT}
     */
    static Layer read(Map<String, String> variables, Function<String, String> sourceOf) {
        Map<String, String> set = new TreeMap<>();
        variables.forEach((name, text) -> {
            if (!text.isBlank()) {
                set.put(name, text.strip());
            }
        });
        Map<Key<?>, RawValue> values = new HashMap<>();
        Set<String> known = new TreeSet<>();
        for (Key<?> key : Keys.ALL) {
            List<String> names = new ArrayList<>(List.of(key.environmentName()));
            names.addAll(key.plainNames());
            known.addAll(names);
            names.stream().filter(set::containsKey).findFirst().ifPresent(name -> {
                String source = sourceOf.apply(name);
                boolean borrowed = !name.startsWith(PREFIX) || isServiceLink(name, set.get(name));
                values.put(key, new RawValue(name, set.get(name), source, source, borrowed));
            });
        }
        List<Problem> problems = new ArrayList<>();
        List<String> prefixed =
                known.stream().filter(name -> name.startsWith(PREFIX)).toList();
        set.keySet().stream()
                .filter(name -> name.startsWith(PREFIX)
                        && !known.contains(name)
                        && !NOT_KEYS.contains(name)
                        && !isServiceLink(name, set.get(name)))
                .forEach(name -> {
                    String rule = "is not the name of a key" + Suggestion.near(name, prefixed);
                    problems.add(new Problem(name, "", sourceOf.apply(name), rule));
                });
        return new Layer(values, problems);
    }

    /** Tells whether a file of this name in a configuration directory is meant for {@link #read}. */
    static boolean isName(String name) {
        return name.startsWith(PREFIX)
                || StatefulSetPeers.NAMES.contains(name)
                || Keys.ALL.stream().anyMatch(key -> key.plainNames().contains(name));
    }

    /** Tells whether Kubernetes has set this for a Service of the namespace. */
    static boolean isServiceLink(String name, String text) {
        return SERVICE_LINK_NAME.matcher(name).matches()
                || (name.endsWith("_PORT") && SERVICE_LINK_VALUE.matcher(text).matches());
    }
}
