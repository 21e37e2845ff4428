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
import java.util.stream.Stream;

/**
 * Reads environment variables, or files named like them, into raw values. An empty one counts as not set. The environment is
 * shared with other software, so an unknown name in it is a warning; in a configuration directory it is an error.
 */
final class EnvironmentLayer {
    static final String PREFIX = "NEXUSD_";
    static final String CONFIG = "NEXUSD_CONFIG";

    /** Read by the loader, by the scripts in {@code bin}, or by the command line client; not keys. */
    private static final Set<String> NOT_KEYS = Set.of(CONFIG, "NEXUSD_JAR", "NEXUSD_JAVA_OPTS", "NEXUSD_CLI_HISTORY");

    /** Kubernetes sets these for every Service of the namespace, such as "nexusd" and "nexusd-lb". No key has such a name. */
    private static final Pattern SERVICE_LINK_NAME = Pattern.compile(
            "NEXUSD(_.+)?_" + "(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

    /** Of the form {@code <SERVICE>_PORT} only the value tells a link from a port or a misspelt key. */
    private static final Pattern SERVICE_LINK_VALUE = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://.*");

    /** Further warnings are only counted. */
    private static final int MAX_WARNINGS = 20;

    private final Map<String, String> set = new TreeMap<>();
    private final Function<String, String> sourceOf;
    private final Map<Key<?>, RawValue> values = new HashMap<>();
    private final Set<String> known = new TreeSet<>();
    private final Set<String> links = new TreeSet<>();
    /** Names that another name of the same key overrides, with a sentence on it. */
    private final Map<String, String> overridden = new TreeMap<>();

    private EnvironmentLayer(Map<String, String> variables, Function<String, String> sourceOf) {
        this.sourceOf = sourceOf;
        variables.forEach((name, text) -> {
            if (!text.isBlank()) {
                set.put(name, text.strip());
            }
        });
    }

    /** Reads the environment of the process. */
    static Layer read(Map<String, String> variables) {
        EnvironmentLayer layer = new EnvironmentLayer(variables, name -> "environment " + name);
        layer.read(true);
        return new Layer(layer.values, List.of(), limited(layer.warnings()));
    }

    /**
     * Reads the files of a configuration directory.
     *
     * @param texts name to text
     * @param sourceOf makes the source of a name, such as {@code file /etc/nexusd/MESH_PORT}
     */
    static Layer readFiles(Map<String, String> texts, Function<String, String> sourceOf) {
        EnvironmentLayer layer = new EnvironmentLayer(texts, sourceOf);
        layer.read(false);
        List<Problem> problems = layer.unknown()
                .map(name -> layer.problem(name, "is not the name of a key" + Suggestion.near(name, layer.prefixed())))
                .toList();
        return new Layer(layer.values, problems);
    }

    private void read(boolean hasServiceLinks) {
        for (Key<?> key : Keys.ALL) {
            List<String> names = new ArrayList<>(List.of(key.environmentName()));
            names.addAll(key.plainNames());
            known.addAll(names);
            names.stream()
                    .filter(set::containsKey)
                    .filter(name -> !hasServiceLinks || !isServiceLink(name))
                    .findFirst()
                    .ifPresent(name -> {
                        String source = sourceOf.apply(name);
                        values.put(key, new RawValue(name, set.get(name), source, source, !name.startsWith(PREFIX)));
                        noteOverridden(key, name, names, hasServiceLinks);
                    });
            if (hasServiceLinks) {
                names.stream().filter(this::isServiceLink).forEach(links::add);
            }
        }
    }

    /** Notes the names of a key that are set to something else than the name that decides. */
    private void noteOverridden(Key<?> key, String decides, List<String> names, boolean hasServiceLinks) {
        for (String name : names) {
            boolean isSet = name.startsWith(PREFIX) && set.containsKey(name);
            boolean isLink = hasServiceLinks && isServiceLink(name);
            if (isSet && !isLink && !set.get(name).equals(set.get(decides))) {
                String why =
                        "does not set " + key.path() + ", because " + decides + ", which is set too, has precedence";
                overridden.merge(name, why, (one, two) -> one + "; " + two);
            }
        }
    }

    private List<Problem> warnings() {
        Stream<Problem> ignored = links.stream()
                .map(name -> problem(
                        name,
                        "is a link that Kubernetes sets for a Service of that name, not a port, and is ignored;"
                                + " enableServiceLinks: false in the pod leaves such variables out"));
        Stream<Problem> strangers = unknown()
                .map(name -> problem(
                        name, "is not the name of a key and is ignored" + Suggestion.nearest(name, prefixed())));
        Stream<Problem> weaker = overridden.entrySet().stream().map(entry -> problem(entry.getKey(), entry.getValue()));
        return Stream.of(ignored, weaker, strangers).flatMap(each -> each).toList();
    }

    /** Names that look like those of keys and are neither keys nor known to be somebody else's. */
    private Stream<String> unknown() {
        return set.keySet().stream()
                .filter(name -> name.startsWith(PREFIX)
                        && !known.contains(name)
                        && !NOT_KEYS.contains(name)
                        && !SERVICE_LINK_NAME.matcher(name).matches()
                        && !isServiceLink(name));
    }

    private List<String> prefixed() {
        return known.stream().filter(name -> name.startsWith(PREFIX)).toList();
    }

    private boolean isServiceLink(String name) {
        return name.endsWith("_PORT")
                && SERVICE_LINK_VALUE.matcher(set.getOrDefault(name, "")).matches();
    }

    private Problem problem(String name, String rule) {
        return new Problem(name, "", sourceOf.apply(name), rule);
    }

    private static List<Problem> limited(List<Problem> warnings) {
        if (warnings.size() <= MAX_WARNINGS) {
            return warnings;
        }
        List<Problem> first = new ArrayList<>(warnings.subList(0, MAX_WARNINGS));
        first.add(new Problem(
                "environment",
                "",
                "",
                "has " + (warnings.size() - MAX_WARNINGS) + " more variables beginning with " + PREFIX
                        + " that are ignored"));
        return first;
    }

    /** Tells whether a file of this name in a configuration directory is meant for {@link #readFiles}. */
    static boolean isName(String name) {
        return name.startsWith(PREFIX)
                || StatefulSetPeers.NAMES.contains(name)
                || Keys.ALL.stream().anyMatch(key -> key.plainNames().contains(name));
    }
}
