package io.nexusd.bus;

import io.nexusd.bus.BusCalls.End;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AnnotationNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldNode;

/** The comparison of the {@link Flow} that the constants of the bus declare with the calls in compiled code. */
final class FlowCheck {
    /** A constant with what it declares. */
    private record Declared(String constant, boolean isQuery, boolean hasFlow, Set<String> from, Set<String> to) {
        Set<String> components(End end) {
            return end == End.FROM ? from : to;
        }

        String verb(End end) {
            if (end == End.FROM) {
                return isQuery ? "asks" : "sends";
            }
            return isQuery ? "answers" : "receives";
        }

        String negated(End end) {
            return "does not " + verb(end).replaceFirst("s$", "");
        }
    }

    private final BusCalls calls;
    private final List<Declared> declared = new ArrayList<>();

    /** Reads the compiled classes below a package; see {@link BusCalls}. */
    FlowCheck(Path directory, String root) {
        calls = new BusCalls(directory, root);
        for (ClassNode type : calls.classes()) {
            for (FieldNode field : type.fields) {
                if (BusCalls.isAddress(field.desc) && (field.access & Opcodes.ACC_STATIC) != 0) {
                    declared.add(declared(type, field));
                }
            }
        }
    }

    /** A line for each difference; none where declarations and code agree. */
    List<String> differences() {
        List<String> differences = new ArrayList<>();
        for (Declared one : declared) {
            if (!one.hasFlow()) {
                differences.add(one.constant() + " has no @Flow");
                continue;
            }
            compare(one, End.FROM, differences);
            compare(one, End.TO, differences);
            if (one.isQuery() && one.to().size() != 1) {
                differences.add(one.constant() + ": a query is answered by one component, not by " + one.to());
            }
        }
        differences.addAll(calls.problems());
        return differences;
    }

    private void compare(Declared one, End end, List<String> differences) {
        Map<String, Set<String>> found = calls.components(one.constant(), end);
        String attribute = end == End.FROM ? "from" : "to";
        if (found.isEmpty()) {
            differences.add(one.constant() + ": no component " + one.verb(end) + " it");
            return;
        }
        for (String component : one.components(end)) {
            if (!found.containsKey(component)) {
                differences.add(one.constant() + ": @Flow(" + attribute + ") names " + component + ", which "
                        + one.negated(end) + " it");
            }
        }
        found.forEach((component, places) -> {
            if (!one.components(end).contains(component)) {
                differences.add(one.constant() + ": " + component + " " + one.verb(end) + " it in "
                        + String.join(", ", places) + ", but @Flow(" + attribute + ") does not name it");
            }
        });
    }

    /** The rows that a table of all addresses has, in the order of the source, without remarks. */
    List<String> rows() {
        return declared.stream()
                .map(one -> "| `" + one.constant() + "` | " + (one.isQuery() ? "query" : "one way") + " | "
                        + String.join(", ", one.from()) + " | " + String.join(", ", one.to()) + " |")
                .toList();
    }

    private static Declared declared(ClassNode type, FieldNode field) {
        String constant = BusCalls.simpleName(type.name) + "." + field.name;
        boolean isQuery = field.desc.equals(Type.getDescriptor(Query.class));
        List<AnnotationNode> annotations = field.visibleAnnotations == null ? List.of() : field.visibleAnnotations;
        return annotations.stream()
                .filter(annotation -> annotation.desc.equals(Type.getDescriptor(Flow.class)))
                .map(flow -> new Declared(constant, isQuery, true, components(flow, "from"), components(flow, "to")))
                .findFirst()
                .orElse(new Declared(constant, isQuery, false, Set.of(), Set.of()));
    }

    private static Set<String> components(AnnotationNode flow, String attribute) {
        Set<String> components = new TreeSet<>();
        // Names and values in turn; a constant of an enum is its type and its name.
        List<?> constants = (List<?>) flow.values.get(1 + flow.values.indexOf(attribute));
        for (Object constant : constants) {
            components.add(BusCalls.name(Component.valueOf(((String[]) constant)[1])));
        }
        return components;
    }
}
