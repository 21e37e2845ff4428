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

    /** Read by the start scripts or by the loader, not keys. */
    private static final Set<String> NOT_KEYS = Set.of(CONFIG, "NEXUSD_JAR", "NEXUSD_HOME", "NEXUSD_JAVA_OPTS");

    /**
     * Kubernetes sets these for every Service of the namespace. A Service called "nexusd-app" makes NEXUSD_APP_PORT, so the
     * names alone do not tell; its value is a URL then.
     */
    private static final Pattern SERVICE_LINK_NAME = Pattern.compile("NEXUSD_(PORT|SERVICE|LB|HEADLESS)(_.*)?"
            + "|.*_SERVICE_HOST|.*_SERVICE_PORT(_.*)?|.*_PORT_[0-9]+_(TCP|UDP|SCTP)(_.*)?");

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
            if (!text.isBlank() && !isServiceLink(name, text)) {
                set.put(name, text.strip());
            }
        });
        Map<Key<?>, RawValue> values = new HashMap<>();
        Set<String> known = new TreeSet<>(NOT_KEYS);
        for (Key<?> key : Keys.ALL) {
            List<String> names = new ArrayList<>(List.of(key.environmentName()));
            names.addAll(key.plainNames());
            known.addAll(names);
            names.stream().filter(set::containsKey).findFirst().ifPresent(name -> {
                String source = sourceOf.apply(name);
                values.put(key, new RawValue(name, set.get(name), source, source, !name.startsWith(PREFIX)));
            });
        }
        List<Problem> problems = new ArrayList<>();
        set.keySet().stream()
                .filter(name -> name.startsWith(PREFIX) && !known.contains(name))
                .forEach(name -> {
                    String rule = "is not the name of a key" + Suggestion.near(name, known);
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

    static boolean isServiceLink(String name, String text) {
        return SERVICE_LINK_NAME.matcher(name).matches()
                || (name.endsWith("_PORT")
                        && SERVICE_LINK_VALUE.matcher(text.strip()).matches());
    }
}
