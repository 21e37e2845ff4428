package io.nexusd.bus;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.nexusd.model.NodeId;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Holds the records of the bus to the rule of {@link Bus}: collections are copied in the compact constructor, unless they are
 * immutable already, and everything else is immutable. Records of the model that they contain are held to it too.
 */
class RecordsTest {
    /** Immutable, but neither records nor enums. */
    private static final Set<Class<?>> VALUES = Set.of(
            String.class,
            Boolean.class,
            Integer.class,
            Long.class,
            Double.class,
            OptionalInt.class,
            OptionalLong.class,
            ByteString.class);

    private static final Set<Class<?>> COLLECTIONS = Set.of(List.class, Set.class, Map.class);

    private record KeepsItsList(List<String> texts) {}

    private record KeepsItsMap(NodeId id, Map<String, Long> numbers) {}

    private record HasAnArray(byte[] bytes) {}

    private record ListsBuilders(List<StringBuilder> builders) {
        ListsBuilders {
            builders = List.copyOf(builders);
        }
    }

    private record CopiesAlways(List<String> texts) {
        CopiesAlways {
            texts = new ArrayList<>(texts).stream().toList();
        }
    }

    private record Right(Optional<NodeId> id, Set<String> texts, Map<String, Long> numbers) {
        Right {
            texts = Set.copyOf(texts);
            numbers = Map.copyOf(numbers);
        }
    }

    @Test
    void shouldCopyTheCollectionsOfEveryRecordAndHoldNothingMutable() throws IOException {
        Set<Class<?>> records = new LinkedHashSet<>();
        List<String> problems = new ArrayList<>();
        for (Class<?> type : busRecords()) {
            checkTypes(type, records, problems);
        }
        records.forEach(type -> checkCopies(type, problems));
        assertThat(records)
                .as("records that were checked")
                .contains(Routing.Publish.class, Links.Member.class, io.nexusd.model.Envelope.class)
                .hasSizeGreaterThan(90);
        assertThat(problems).isEmpty();
    }

    @Test
    void shouldFindRecordsThatBreakTheRule() {
        assertThat(problems(Right.class)).isEmpty();
        assertThat(problems(KeepsItsList.class)).containsExactly("KeepsItsList.texts is not copied");
        assertThat(problems(KeepsItsMap.class)).containsExactly("KeepsItsMap.numbers is not copied");
        assertThat(problems(CopiesAlways.class))
                .containsExactly("CopiesAlways.texts is copied although it is immutable");
        assertThat(problems(HasAnArray.class)).containsExactly("HasAnArray.bytes is a byte[], which may change");
        assertThat(problems(ListsBuilders.class))
                .containsExactly("ListsBuilders.builders is a java.lang.StringBuilder, which may change");
    }

    private static List<String> problems(Class<?> type) {
        List<String> problems = new ArrayList<>();
        checkTypes(type, new HashSet<>(), problems);
        if (problems.isEmpty()) {
            checkCopies(type, problems);
        }
        return problems;
    }

    private static List<Class<?>> busRecords() throws IOException {
        Path directory = BusFlowTest.compiled(Bus.class).resolve("io/nexusd/bus");
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".class"))
                    .sorted()
                    .<Class<?>>map(name -> load("io.nexusd.bus." + name.replaceFirst("\\.class$", "")))
                    .filter(Class::isRecord)
                    .toList();
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, RecordsTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Looks at the types of all components, and at those of the records among them. */
    private static void checkTypes(Class<?> record, Set<Class<?>> records, List<String> problems) {
        if (records.add(record)) {
            for (RecordComponent component : record.getRecordComponents()) {
                checkType(component.getGenericType(), name(component), records, problems);
            }
        }
    }

    private static void checkType(Type type, String name, Set<Class<?>> records, List<String> problems) {
        if (type instanceof ParameterizedType generic
                && (COLLECTIONS.contains(generic.getRawType()) || generic.getRawType() == Optional.class)) {
            for (Type argument : generic.getActualTypeArguments()) {
                checkType(argument, name, records, problems);
            }
        } else if (type instanceof Class<?> plain && plain.isRecord()) {
            checkTypes(plain, records, problems);
        } else if (!(type instanceof Class<?> plain
                && (plain.isPrimitive() || plain.isEnum() || VALUES.contains(plain)))) {
            problems.add(name + " is a " + type.getTypeName() + ", which may change");
        }
    }

    /** Makes the record of mutable and of immutable collections, and looks at what it returns. */
    private static void checkCopies(Class<?> record, List<String> problems) {
        RecordComponent[] components = record.getRecordComponents();
        Object[] mutable = Stream.of(components)
                .map(component -> sample(component.getGenericType()))
                .toArray();
        Object[] immutable = Stream.of(mutable).map(RecordsTest::immutable).toArray();
        Object ofMutable = make(record, mutable);
        Object ofImmutable = make(record, immutable);
        for (int i = 0; i < components.length; i++) {
            if (!COLLECTIONS.contains(components[i].getType())) {
                continue;
            }
            clear(mutable[i]);
            Object copy = get(components[i], ofMutable);
            if (!copy.equals(immutable[i]) || isMutable(copy)) {
                problems.add(name(components[i]) + " is not copied");
            } else if (get(components[i], ofImmutable) != immutable[i]) {
                problems.add(name(components[i]) + " is copied although it is immutable");
            }
        }
    }

    /** A value of the type; collections are mutable and have one element. */
    private static Object sample(Type type) {
        if (type instanceof ParameterizedType generic) {
            List<Object> arguments = Arrays.stream(generic.getActualTypeArguments())
                    .map(RecordsTest::sample)
                    .toList();
            if (generic.getRawType() == Optional.class) {
                return Optional.of(arguments.get(0));
            } else if (generic.getRawType() == List.class) {
                return new ArrayList<>(arguments);
            } else if (generic.getRawType() == Set.class) {
                return new HashSet<>(arguments);
            }
            return new HashMap<>(Map.of(arguments.get(0), arguments.get(1)));
        }
        Class<?> plain = (Class<?>) type;
        if (plain.isRecord()) {
            return make(
                    plain,
                    Stream.of(plain.getRecordComponents())
                            .map(component -> sample(component.getGenericType()))
                            .toArray());
        } else if (plain.isEnum()) {
            return plain.getEnumConstants()[0];
        } else if (plain == boolean.class || plain == Boolean.class) {
            return true;
        } else if (plain == int.class || plain == Integer.class) {
            return 1;
        } else if (plain == long.class || plain == Long.class) {
            return 1L;
        } else if (plain == double.class || plain == Double.class) {
            return 1.0;
        } else if (plain == OptionalInt.class) {
            return OptionalInt.of(1);
        } else if (plain == OptionalLong.class) {
            return OptionalLong.of(1);
        } else if (plain == ByteString.class) {
            return ByteString.copyFromUtf8("bytes");
        }
        assertThat(plain).as("a type of which there is no sample here").isEqualTo(String.class);
        return "text";
    }

    private static Object immutable(Object value) {
        if (value instanceof List<?> list) {
            return List.copyOf(list);
        } else if (value instanceof Set<?> set) {
            return Set.copyOf(set);
        }
        return value instanceof Map<?, ?> map ? Map.copyOf(map) : value;
    }

    private static void clear(Object collection) {
        if (collection instanceof Map<?, ?> map) {
            map.clear();
        } else {
            ((Collection<?>) collection).clear();
        }
    }

    private static boolean isMutable(Object collection) {
        try {
            clear(collection);
            return true;
        } catch (UnsupportedOperationException e) {
            return false;
        }
    }

    private static Object make(Class<?> record, Object[] values) {
        try {
            Class<?>[] types = Stream.of(record.getRecordComponents())
                    .map(RecordComponent::getType)
                    .toArray(Class<?>[]::new);
            Constructor<?> canonical = record.getDeclaredConstructor(types);
            canonical.setAccessible(true);
            return canonical.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(record.getName(), e);
        }
    }

    private static Object get(RecordComponent component, Object record) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(name(component), e);
        }
    }

    private static String name(RecordComponent component) {
        return component.getDeclaringRecord().getSimpleName() + "." + component.getName();
    }
}
