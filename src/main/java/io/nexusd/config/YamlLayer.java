package io.nexusd.config;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads the YAML file into raw values. Only the node tree is used, never constructed values, so {@code 00123}, {@code 1.10},
 * {@code yes} and {@code 12:30} keep their text, and tags create nothing.
 */
final class YamlLayer {
    private static final int MAX_DEPTH = 10;
    private static final Set<Tag> PLAIN_TAGS =
            Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.NULL, Tag.TIMESTAMP, Tag.MERGE, Tag.SEQ, Tag.MAP);

    private final String source;
    private final Map<Key<?>, RawValue> values = new LinkedHashMap<>();
    private final Map<String, Integer> linesByPath = new HashMap<>();
    private final List<Problem> problems = new ArrayList<>();

    private YamlLayer(String source) {
        this.source = source;
    }

    /** Reads the text of the file at {@code path}. */
    static Layer read(String text, String path) {
        YamlLayer layer = new YamlLayer("file " + path);
        layer.read(text);
        return new Layer(layer.values, layer.problems);
    }

    private void read(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setNestingDepthLimit(MAX_DEPTH);
        // An alias of a list or mapping has no use here, and a few lines of them unfold into gigabytes.
        options.setMaxAliasesForCollections(0);
        options.setAllowRecursiveKeys(false);
        options.setCodePointLimit(FileSource.MAX_BYTES);
        try {
            Node root = new Yaml(options).compose(new StringReader(text));
            if (root == null || isNull(root)) {
                return;
            }
            if (root instanceof MappingNode mapping) {
                section("", mapping);
            } else {
                problem("configuration", "", root, "is not a mapping; write keys such as 'mesh.port: 5671'");
            }
        } catch (MarkedYAMLException e) {
            String line = e.getProblemMark() == null
                    ? ""
                    : " line " + (e.getProblemMark().getLine() + 1);
            String cause = e.getProblem() == null ? e.getContext() : e.getProblem();
            problems.add(new Problem(
                    "configuration", "", source + line, "is not valid YAML: " + Show.plain(String.valueOf(cause))));
        } catch (YAMLException e) {
            problems.add(new Problem(
                    "configuration", "", source, "is not valid YAML: " + Show.plain(String.valueOf(e.getMessage()))));
        }
    }

    private void section(String prefix, MappingNode mapping) {
        for (NodeTuple tuple : mapping.getValue()) {
            if (tuple.getKeyNode() instanceof ScalarNode name
                    && !name.getValue().isEmpty()) {
                entry(prefix.isEmpty() ? name.getValue() : prefix + "." + name.getValue(), name, tuple.getValueNode());
            } else {
                problem(
                        prefix.isEmpty() ? "configuration" : prefix,
                        "",
                        tuple.getKeyNode(),
                        "has a key that is not a word");
            }
        }
    }

    private void entry(String path, ScalarNode name, Node value) {
        Key<?> key = Keys.BY_PATH.get(path);
        if (key == null && !Keys.SECTIONS.contains(path)) {
            problem(path, "", name, "is not a key" + suggestion(path));
            return;
        }
        Integer earlier = linesByPath.putIfAbsent(path, line(name));
        if (earlier != null) {
            problem(path, "", name, "is set twice, first in line " + earlier + "; keep one");
        } else if (isNull(value)) {
            // "mesh:" with every key commented out, or "peers.static:" with nothing behind it: not set.
            return;
        } else if (key == null) {
            subsection(path, value);
        } else {
            value(key, value);
        }
    }

    private String suggestion(String path) {
        if (problems.size() > Evaluation.MAX_PROBLEMS) {
            return "";
        }
        String near = Suggestion.near(path, Keys.BY_PATH.keySet());
        return near.isEmpty() ? Suggestion.near(path, Keys.SECTIONS) : near;
    }

    private void subsection(String path, Node value) {
        if (value instanceof MappingNode mapping) {
            section(path, mapping);
        } else {
            problem(path, shown(value), value, "is a section; write its keys below it, indented");
        }
    }

    private void value(Key<?> key, Node value) {
        String path = key.path();
        if (!PLAIN_TAGS.contains(value.getTag())) {
            problem(
                    path,
                    "",
                    value,
                    "has the tag " + Show.plain(value.getTag().toString()) + "; write the value without one");
            return;
        }
        text(key, value).ifPresent(text -> values.put(key, new RawValue(path, text, source, place(value), false)));
    }

    private Optional<String> text(Key<?> key, Node value) {
        if (value instanceof ScalarNode scalar) {
            return Optional.of(scalar.getValue());
        }
        if (value instanceof SequenceNode sequence && key.type().isList()) {
            boolean scalars = sequence.getValue().stream().allMatch(ScalarNode.class::isInstance);
            if (scalars) {
                return Optional.of(sequence.getValue().stream()
                        .map(item -> ((ScalarNode) item).getValue())
                        .collect(Collectors.joining(",")));
            }
        }
        String expected = key.type().isList() ? "a list of texts or one text" : "a single value";
        problem(
                key.path(),
                shown(value),
                value,
                "must be " + expected + ": " + key.type().rule());
        return Optional.empty();
    }

    private void problem(String path, String value, Node at, String rule) {
        problems.add(new Problem(path, value, place(at), rule));
    }

    private String place(Node node) {
        return source + " line " + line(node);
    }

    private static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    private static String shown(Node node) {
        return switch (node.getNodeId()) {
            case scalar -> ((ScalarNode) node).getValue();
            case sequence -> "(a list)";
            case mapping -> "(a mapping)";
            case anchor -> "(an alias)";
        };
    }

    private static boolean isNull(Node node) {
        return node instanceof ScalarNode scalar
                && scalar.getScalarStyle() == ScalarStyle.PLAIN
                && Set.of("", "~", "null").contains(scalar.getValue());
    }
}
