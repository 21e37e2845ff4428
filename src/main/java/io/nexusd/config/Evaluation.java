package io.nexusd.config;

import io.nexusd.config.Snapshot.TextFile;
import io.nexusd.config.Values.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns flags, environment and the text of the files into values: the strongest source of each key wins, and everything
 * wrong in any of them is collected.
 */
final class Evaluation {
    static final int MAX_PROBLEMS = 100;

    /** The source of a value that nobody has set. */
    static final String DEFAULT = "default";

    /** Flags and environment, the first layers, were decoded by the virtual machine, in the character set of the locale. */
    private static final int DECODED_BY_LOCALE = 2;

    /**
     * Either all values, or at least one problem.
     *
     * @param warnings what is ignored and stops nothing
     */
    record Result(Optional<EffectiveConfig> config, List<Problem> problems, List<Problem> warnings) {
        static Result failed(Problem problem) {
            return new Result(Optional.empty(), List.of(problem), List.of());
        }
    }

    private final Inputs inputs;
    private final Map<String, String> valueFiles = new HashMap<>();
    private final Map<String, String> pathsByName = new HashMap<>();
    private final List<Layer> layers = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();

    private Evaluation(Inputs inputs, Snapshot snapshot) {
        this.inputs = inputs;
        problems.addAll(snapshot.problems());
        for (TextFile file : snapshot.values()) {
            valueFiles.put(file.name(), file.text());
            pathsByName.put(file.name(), file.path());
        }
        layers.add(FlagLayer.read(inputs.flags()));
        layers.add(EnvironmentLayer.read(inputs.environment()));
        layers.add(EnvironmentLayer.readFiles(valueFiles, name -> "file " + pathsByName.get(name)));
        for (TextFile file : snapshot.yaml()) {
            layers.add(YamlLayer.read(file.text(), file.path()));
        }
        layers.forEach(layer -> problems.addAll(layer.problems()));
    }

    static Result evaluate(Inputs inputs, Snapshot snapshot) {
        Evaluation evaluation = new Evaluation(inputs, snapshot);
        Values values = evaluation.values();
        evaluation.problems.addAll(CrossRules.check(values));
        List<Problem> warnings = evaluation.layers.stream()
                .flatMap(layer -> layer.warnings().stream())
                .toList();
        if (evaluation.problems.isEmpty()) {
            return new Result(Optional.of(EffectiveConfig.of(inputs, values, snapshot)), List.of(), warnings);
        }
        return new Result(Optional.empty(), limited(evaluation.problems), warnings);
    }

    private Values values() {
        Map<Key<?>, Value<?>> byKey = new LinkedHashMap<>();
        for (Key<?> key : Keys.ALL) {
            value(key).ifPresent(value -> byKey.put(key, value));
        }
        Value<?> meshPort = byKey.get(Keys.MESH_PORT);
        if (meshPort != null) {
            listStatefulSet((Integer) meshPort.value()).ifPresent(peers -> byKey.put(Keys.PEERS_STATIC, peers));
        }
        return new Values(byKey);
    }

    /** The value of the strongest layer that has one; weaker ones are checked too, for a mistake there is still one. */
    private <T> Optional<Value<T>> value(Key<T> key) {
        Value<T> inForce = null;
        boolean found = false;
        for (int i = 0; i < layers.size(); i++) {
            RawValue raw = layers.get(i).values().get(key);
            if (raw == null || (found && raw.borrowed())) {
                continue;
            }
            Optional<Value<T>> value =
                    i < DECODED_BY_LOCALE && Undecoded.isIn(raw.text()) ? undecoded(key, raw) : parse(key, raw);
            if (!found) {
                found = true;
                inForce = value.orElse(null);
            }
        }
        return found ? Optional.ofNullable(inForce) : Optional.of(defaultOf(key));
    }

    private <T> Optional<Value<T>> parse(Key<T> key, RawValue raw) {
        String text = raw.text().strip();
        Parsed<T> parsed = key.type().parse(text);
        if (parsed.value().isEmpty()) {
            String reason = key.secret() ? "is not allowed" : parsed.problem();
            String shown = text.isEmpty() ? "(empty)" : key.shown(text);
            problems.add(new Problem(
                    key.path(),
                    shown,
                    raw.place(),
                    reason + "; must be " + key.type().rule()));
        }
        return parsed.value().map(value -> new Value<>(value, key.type().text(value), raw.source()));
    }

    private <T> Optional<Value<T>> undecoded(Key<T> key, RawValue raw) {
        problems.add(new Problem(key.path(), key.shown(raw.text()), raw.place(), Undecoded.RULE));
        return Optional.empty();
    }

    private <T> Value<T> defaultOf(Key<T> key) {
        String text = key == Keys.NODE_NAME ? HostName.find(inputs.environment()) : key.defaultText();
        T value = key.type().parse(text).value().orElseThrow();
        return new Value<>(value, key.type().text(value), DEFAULT);
    }

    /** Where a stronger source lists static peers, or one of the names is not set, this says nothing. */
    private Optional<Value<?>> listStatefulSet(int meshPort) {
        boolean fromEnvironment = isSet(inputs.environment(), StatefulSetPeers.REPLICA_COUNT);
        int strongest = fromEnvironment ? 2 : 3;
        if (layers.subList(0, strongest).stream()
                .anyMatch(layer -> layer.values().containsKey(Keys.PEERS_STATIC))) {
            return Optional.empty();
        }
        return StatefulSetPeers.of(this::statefulSetName, meshPort).flatMap(result -> {
            problems.addAll(result.problems());
            return Keys.PEERS_STATIC
                    .type()
                    .parse(result.peers())
                    .value()
                    .map(peers -> new Value<>(peers, Keys.PEERS_STATIC.type().text(peers), result.source()));
        });
    }

    private RawValue statefulSetName(String name) {
        boolean fromFile = !isSet(inputs.environment(), name) && isSet(valueFiles, name);
        String text = (fromFile ? valueFiles : inputs.environment()).getOrDefault(name, "");
        return RawValue.of(name, text.strip(), fromFile ? "file " + pathsByName.get(name) : "environment " + name);
    }

    private static boolean isSet(Map<String, String> texts, String name) {
        return !texts.getOrDefault(name, "").isBlank();
    }

    private static List<Problem> limited(List<Problem> problems) {
        if (problems.size() <= MAX_PROBLEMS) {
            return List.copyOf(problems);
        }
        List<Problem> first = new ArrayList<>(problems.subList(0, MAX_PROBLEMS));
        first.add(new Problem(
                "configuration",
                "",
                "",
                "has " + (problems.size() - MAX_PROBLEMS) + " more problems than are shown here"));
        return List.copyOf(first);
    }
}
