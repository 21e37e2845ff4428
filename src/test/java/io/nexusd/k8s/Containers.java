package io.nexusd.k8s;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** From a container of a pod spec to the command line that runs it. */
final class Containers {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\(([A-Za-z_][A-Za-z0-9_.-]*)\\)");

    private Containers() {}

    /** The variables of a container in order; later ones may refer to earlier ones. */
    static Map<String, String> environment(
            Container container, Function<String, Map<String, String>> configMap, Map<String, String> fields) {
        Map<String, String> environment = new LinkedHashMap<>();
        container.getEnvFrom().forEach(from -> {
            String prefix = from.getPrefix() == null ? "" : from.getPrefix();
            configMap
                    .apply(from.getConfigMapRef().getName())
                    .forEach((name, value) -> environment.put(prefix + name, value));
        });
        for (EnvVar variable : container.getEnv()) {
            environment.put(variable.getName(), expand(value(variable, configMap, fields), environment));
        }
        return environment;
    }

    private static String value(
            EnvVar variable, Function<String, Map<String, String>> configMap, Map<String, String> fields) {
        if (variable.getValueFrom() == null) {
            return variable.getValue() == null ? "" : variable.getValue();
        }
        if (variable.getValueFrom().getFieldRef() != null) {
            String path = variable.getValueFrom().getFieldRef().getFieldPath();
            if (!fields.containsKey(path)) {
                throw new IllegalArgumentException("fieldPath " + path + " of " + variable.getName());
            }
            return fields.get(path);
        }
        var key = variable.getValueFrom().getConfigMapKeyRef();
        return configMap.apply(key.getName()).get(key.getKey());
    }

    /** Command and arguments as written, with {@code $(NAME)} in them replaced. */
    static List<String> command(Container container, Map<String, String> environment) {
        List<String> command = new ArrayList<>(container.getCommand());
        command.addAll(container.getArgs());
        return command.stream().map(word -> expand(word, environment)).toList();
    }

    private static String expand(String text, Map<String, String> environment) {
        // An unknown name stays as it is, as the kubelet leaves it.
        return REFERENCE
                .matcher(text)
                .replaceAll(match -> Matcher.quoteReplacement(environment.getOrDefault(match.group(1), match.group())));
    }

    /** The beginning of a command line that runs what follows in a container; it must be in a mount namespace of its own. */
    static List<String> runtime(
            Path root, boolean isReadOnly, long uid, long gid, String tmpSize, List<String> mounts) {
        try {
            Files.createDirectories(root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> command = new ArrayList<>(List.of(
                "sh",
                Path.of("src/test/resources/k8s/container.sh").toAbsolutePath().toString(),
                root.toString(),
                String.valueOf(isReadOnly),
                String.valueOf(uid),
                String.valueOf(gid),
                tmpSize));
        String java = System.getProperty("java.home");
        if (!java.startsWith("/usr/")) {
            command.add(java + ":" + java + ":ro");
        }
        command.addAll(mounts);
        command.add("--");
        return command;
    }

    /** Programs of the image {@code busybox} that this machine need not have. */
    static final String BUSYBOX = "/opt/busybox";

    static boolean isBusybox(Container container) {
        return container.getImage().startsWith("busybox:");
    }

    /** The environment that the container's image sets. */
    static Map<String, String> imageEnvironment(Container container) {
        Map<String, String> variables =
                isBusybox(container) ? new LinkedHashMap<>() : new LinkedHashMap<>(Dockerfile.environment());
        variables.put("PATH", isBusybox(container) ? BUSYBOX + ":/usr/bin:/bin" : path().replaceFirst("^PATH=", ""));
        return variables;
    }

    /** The PATH of the image: the JVM under test, and a shell. */
    static String path() {
        return "PATH=" + System.getProperty("java.home") + "/bin:/usr/local/bin:/usr/bin:/bin";
    }

    static long bytes(Quantity quantity) {
        return quantity.getNumericalAmount().longValueExact();
    }

    static int millis(Quantity quantity) {
        return quantity.getNumericalAmount()
                .multiply(java.math.BigDecimal.valueOf(1000))
                .intValueExact();
    }
}
