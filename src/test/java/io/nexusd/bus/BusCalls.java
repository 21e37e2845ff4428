package io.nexusd.bus;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.LineNumberNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TypeInsnNode;
import org.objectweb.asm.tree.VarInsnNode;
import org.objectweb.asm.tree.analysis.Analyzer;
import org.objectweb.asm.tree.analysis.AnalyzerException;
import org.objectweb.asm.tree.analysis.Frame;
import org.objectweb.asm.tree.analysis.SourceInterpreter;
import org.objectweb.asm.tree.analysis.SourceValue;

/**
 * The calls of {@link Bus} in compiled code. Data flow within a method finds the constant that each call gets as its address. A call
 * in a component counts for that component; a call in a shared package counts for the components from which its method is reached.
 * What cannot be followed in this way is a problem, not a guess.
 */
final class BusCalls {
    /** The two ends of an address or query. */
    enum End {
        FROM,
        TO
    }

    private static final String BUS = Type.getInternalName(Bus.class);
    private static final Set<String> ADDRESSES =
            Set.of(Type.getDescriptor(Address.class), Type.getDescriptor(Query.class));
    private static final Map<String, End> ENDS =
            Map.of("publish", End.FROM, "request", End.FROM, "on", End.TO, "answer", End.TO);

    /** A call whose constant is known. */
    private record Call(String constant, End end, String method, String place) {}

    private final String root;
    private final List<ClassNode> classes = new ArrayList<>();
    private final List<Call> calls = new ArrayList<>();
    /** By method, the methods that call it or refer to it. */
    private final Map<String, Set<String>> callers = new HashMap<>();
    /** By constant and end, the places by component. */
    private final Map<String, Map<End, Map<String, Set<String>>>> uses = new TreeMap<>();

    private final List<String> problems = new ArrayList<>();

    /**
     * Reads the compiled classes below a package.
     *
     * @param directory the root of compiled classes
     * @param root the package below which the components are
     */
    BusCalls(Path directory, String root) {
        this.root = root.replace('.', '/') + "/";
        load(directory);
        for (ClassNode type : classes) {
            for (MethodNode method : type.methods) {
                readCallers(type, method);
                if (concernsBus(method)) {
                    readCalls(type, method);
                }
            }
        }
        calls.forEach(this::attribute);
    }

    List<ClassNode> classes() {
        return classes;
    }

    /** The components at one end of a constant, each with the places of its calls. */
    Map<String, Set<String>> components(String constant, End end) {
        return uses.getOrDefault(constant, Map.of()).getOrDefault(end, Map.of());
    }

    /** Uses of the bus that cannot be attributed. */
    List<String> problems() {
        return problems;
    }

    static boolean isAddress(String descriptor) {
        return ADDRESSES.contains(descriptor);
    }

    /** A class without its package, such as {@code Links}. */
    static String simpleName(String internalName) {
        return internalName.substring(1 + Math.max(internalName.lastIndexOf('/'), internalName.lastIndexOf('$')));
    }

    private void load(Path directory) {
        // Generated code knows nothing of the bus, and is half of all classes.
        Path generated = directory.resolve(root).resolve("proto");
        try (Stream<Path> files = Files.walk(directory.resolve(root))) {
            files.filter(file -> file.toString().endsWith(".class") && !file.startsWith(generated))
                    .sorted()
                    .map(BusCalls::read)
                    .forEach(classes::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ClassNode read(Path file) {
        try (InputStream bytes = Files.newInputStream(file)) {
            ClassNode type = new ClassNode();
            new ClassReader(bytes).accept(type, ClassReader.SKIP_FRAMES);
            return type;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void readCallers(ClassNode type, MethodNode method) {
        String caller = key(type.name, method.name, method.desc);
        for (AbstractInsnNode each : method.instructions) {
            if (each instanceof MethodInsnNode call && call.owner.startsWith(root)) {
                addCaller(key(call.owner, call.name, call.desc), caller);
            }
            for (Handle handle : handles(each)) {
                addCaller(key(handle.getOwner(), handle.getName(), handle.getDesc()), caller);
            }
        }
    }

    private void addCaller(String method, String caller) {
        callers.computeIfAbsent(method, m -> new HashSet<>()).add(caller);
    }

    private static boolean concernsBus(MethodNode method) {
        return Stream.of(method.instructions.toArray())
                .anyMatch(each -> isConstant(each)
                        || isBusCall(each)
                        || isCreation(each)
                        || handles(each).stream()
                                .anyMatch(handle -> handle.getOwner().equals(BUS)));
    }

    private void readCalls(ClassNode type, MethodNode method) {
        Frame<SourceValue>[] frames = frames(type, method);
        Set<AbstractInsnNode> found = new HashSet<>();
        List<AbstractInsnNode> constants = new ArrayList<>();
        for (AbstractInsnNode each : method.instructions) {
            String place = place(type, method, each);
            if (isConstant(each)) {
                constants.add(each);
            } else if (isBusCall(each)) {
                readCall(type, method, (MethodInsnNode) each, frames, found);
            } else if (isCreation(each) && !method.name.equals("<clinit>") && !isOfAddress(type)) {
                problems.add(place + ": an address that is no constant cannot be declared");
            }
            handles(each).stream()
                    .filter(handle -> handle.getOwner().equals(BUS) && takesAddress(handle.getDesc()))
                    .forEach(handle -> problems.add(
                            place + ": the reference Bus::" + handle.getName() + " hides the address, write a lambda"));
        }
        constants.stream()
                .filter(constant -> !found.contains(constant))
                .forEach(constant -> problems.add(place(type, method, constant) + ": " + name((FieldInsnNode) constant)
                        + " is not passed to a method of Bus here, write that call where the constant is"));
    }

    private void readCall(
            ClassNode type,
            MethodNode method,
            MethodInsnNode call,
            Frame<SourceValue>[] frames,
            Set<AbstractInsnNode> found) {
        String place = place(type, method, call);
        End end = ENDS.get(call.name);
        if (end == null) {
            problems.add(place + ": it is not known whether Bus." + call.name + " sends or receives");
            return;
        }
        if (type.name.equals(BUS) && method.name.equals(call.name)) {
            // An overload that calls the general one; its own callers count.
            return;
        }
        Frame<SourceValue> frame = frames[method.instructions.indexOf(call)];
        int arguments = Type.getArgumentTypes(call.desc).length;
        Set<AbstractInsnNode> sources = new HashSet<>();
        collect(frame.getStack(frame.getStackSize() - arguments), method, frames, sources);
        for (AbstractInsnNode source : sources) {
            if (isConstant(source)) {
                found.add(source);
                calls.add(new Call(name((FieldInsnNode) source), end, key(type.name, method.name, method.desc), place));
            } else {
                problems.add(place + ": the address of Bus." + call.name + " is no constant, write one in the call");
            }
        }
    }

    /** Follows a value through local variables and casts to the instructions that made it. */
    private static void collect(
            SourceValue value, MethodNode method, Frame<SourceValue>[] frames, Set<AbstractInsnNode> sources) {
        for (AbstractInsnNode source : value.insns) {
            if (!sources.add(source)) {
                continue;
            }
            Frame<SourceValue> frame = frames[method.instructions.indexOf(source)];
            SourceValue copied =
                    switch (source.getOpcode()) {
                        case Opcodes.ALOAD -> frame.getLocal(((VarInsnNode) source).var);
                        case Opcodes.ASTORE, Opcodes.CHECKCAST, Opcodes.DUP -> frame.getStack(frame.getStackSize() - 1);
                        default -> null;
                    };
            // A parameter has no instruction that made it, and stays as the instruction that loads it.
            if (copied != null && !copied.insns.isEmpty()) {
                sources.remove(source);
                collect(copied, method, frames, sources);
            }
        }
    }

    private void attribute(Call call) {
        Set<String> reached = new HashSet<>(Set.of(call.method()));
        Deque<String> open = new ArrayDeque<>(reached);
        Set<String> components = new TreeSet<>();
        while (!open.isEmpty()) {
            String method = open.poll();
            Optional<String> component = component(method);
            component.ifPresent(components::add);
            if (component.isEmpty()) {
                callers.getOrDefault(method, Set.of()).stream()
                        .filter(reached::add)
                        .forEach(open::add);
            }
        }
        if (components.isEmpty()) {
            problems.add(call.place() + ": " + call.constant() + " is used, but by no component");
        }
        for (String component : components) {
            uses.computeIfAbsent(call.constant(), c -> new TreeMap<>())
                    .computeIfAbsent(call.end(), e -> new TreeMap<>())
                    .computeIfAbsent(component, c -> new TreeSet<>())
                    .add(call.place());
        }
    }

    /** The component of a class or method, none in a shared package. */
    private Optional<String> component(String name) {
        String below = name.startsWith(root) ? name.substring(root.length()) : name;
        return Stream.of(Component.values())
                .map(BusCalls::name)
                .filter(component -> below.startsWith(component.replace('.', '/') + "/"))
                .findFirst();
    }

    /** The package of a component, below the root. */
    static String name(Component component) {
        return component.name().toLowerCase(Locale.ROOT).replace('_', '.');
    }

    private static Frame<SourceValue>[] frames(ClassNode type, MethodNode method) {
        try {
            return new Analyzer<>(new SourceInterpreter()).analyze(type.name, method);
        } catch (AnalyzerException e) {
            throw new IllegalStateException(type.name + "." + method.name, e);
        }
    }

    private static boolean isConstant(AbstractInsnNode each) {
        return each.getOpcode() == Opcodes.GETSTATIC && isAddress(((FieldInsnNode) each).desc);
    }

    private static boolean isBusCall(AbstractInsnNode each) {
        return each instanceof MethodInsnNode call && call.owner.equals(BUS) && takesAddress(call.desc);
    }

    private static boolean isCreation(AbstractInsnNode each) {
        return each.getOpcode() == Opcodes.NEW && isAddress("L" + ((TypeInsnNode) each).desc + ";");
    }

    private static boolean isOfAddress(ClassNode type) {
        return isAddress("L" + type.name + ";");
    }

    private static boolean takesAddress(String descriptor) {
        Type[] arguments = Type.getArgumentTypes(descriptor);
        return arguments.length > 0 && isAddress(arguments[0].getDescriptor());
    }

    /** The methods to which lambdas and method references lead. */
    private static List<Handle> handles(AbstractInsnNode each) {
        return each instanceof InvokeDynamicInsnNode dynamic
                ? Arrays.stream(dynamic.bsmArgs)
                        .filter(Handle.class::isInstance)
                        .map(Handle.class::cast)
                        .toList()
                : List.of();
    }

    private static String name(FieldInsnNode constant) {
        return simpleName(constant.owner) + "." + constant.name;
    }

    private static String key(String owner, String name, String descriptor) {
        return owner + "." + name + descriptor;
    }

    private static String place(ClassNode type, MethodNode method, AbstractInsnNode at) {
        AbstractInsnNode before = at;
        while (before != null && !(before instanceof LineNumberNode)) {
            before = before.getPrevious();
        }
        String line = before == null ? "" : ":" + ((LineNumberNode) before).line;
        return type.name.replace('/', '.') + "." + method.name.replaceFirst("^lambda\\$(\\w+)\\$\\d+$", "$1") + line;
    }
}
