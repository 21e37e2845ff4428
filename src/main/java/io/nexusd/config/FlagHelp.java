package io.nexusd.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The words of {@code --help}. */
final class FlagHelp {
    private static final Map<String, String> HEADINGS = Map.of(
            "cluster", "Cluster:",
            "node", "This node:",
            "mesh", "Listening for other nodes:",
            "app", "Listening for applications:",
            "admin", "Probes and metrics:",
            "discovery", "Finding nodes by multicast:",
            "peers", "Finding nodes by name:",
            "delivery", "Delivery:",
            "history", "History and resuming:",
            "log", "Logging:");

    private FlagHelp() {}

    static String heading(String section) {
        return HEADINGS.getOrDefault(section, section + ":");
    }

    static String label(Key<?> key) {
        if (key.type().isList()) {
            return "HOST:PORT,...";
        }
        return key.unit().isEmpty() ? "VALUE" : key.unit().toUpperCase(Locale.ROOT);
    }

    static String description(List<Key<?>> keys) {
        Key<?> first = keys.get(0);
        String also = keys.stream()
                .skip(1)
                .map(key ->
                        " Sets " + key.path() + " too, unless " + key.flags().get(0) + " does.")
                .collect(Collectors.joining());
        List<String> names = new ArrayList<>(List.of(first.environmentName()));
        names.addAll(first.plainNames());
        String alone = first == Keys.MULTICAST_ENABLED ? " Alone it means true." : "";
        String text = first.effect() + also + alone + " Value: " + first.type().rule() + ". Default: "
                + first.shownDefault() + ". Environment: " + String.join(" or ", names) + ".";
        return text.replace("%", "%%");
    }

    /** Names the keys that have no flag, and what else a start script needs to know. */
    static String[] footer() {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add("Keys of the file and the environment without a flag:");
        for (Key<?> key : Keys.ALL) {
            if (key.flags().isEmpty()) {
                lines.add("  " + key.path() + " (" + key.environmentName() + "): " + key.effect() + " Default: "
                        + key.shownDefault() + ".");
            }
        }
        lines.add("");
        lines.add(
                "REPLICA_COUNT with SERVICE_NAME and POD_NAME in the environment list the static peers of a StatefulSet.");
        lines.add("Exit codes: 0 stopped as told, 1 failed, 2 wrong usage or configuration.");
        return lines.stream().map(line -> line.replace("%", "%%")).toArray(String[]::new);
    }
}
