package io.nexusd.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.nexusd.model.Settings;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Holds what each key says it touches to the code: the rooms that read its value are those, no more and no fewer, and each of
 * them follows CONFIG_CHANGED. A new key, or a new reader of an old one, fails here until it is declared beside the key.
 */
class KeysTouchTest {
    private static JavaClasses production;

    @BeforeAll
    static void load() {
        production = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.nexusd");
    }

    @Test
    void shouldDeclareForEveryKeyTheRoomsThatReadIt() {
        Map<String, String> declared = new TreeMap<>();
        Keys.ALL.forEach(key -> declared.put(key.path(), String.join(", ", new TreeSet<>(key.rooms()))));
        Map<String, String> read = new TreeMap<>();
        readers().forEach((path, rooms) -> read.put(path, String.join(", ", rooms)));
        assertThat(read).isEqualTo(declared);
    }

    @Test
    void shouldTellEveryRoomThatIsTouchedOfChanges() {
        Set<String> listening = production.stream()
                .filter(type -> type.getFieldAccessesFromSelf().stream()
                        .anyMatch(access -> access.getTarget().getName().equals("CONFIG_CHANGED")))
                .map(KeysTouchTest::room)
                .collect(Collectors.toSet());
        Set<String> touched =
                Keys.ALL.stream().flatMap(key -> key.rooms().stream()).collect(Collectors.toSet());
        assertThat(listening).containsAll(touched);
    }

    /** The packages that call the accessor of each key in {@link Settings}, in the order of the keys. */
    private static Map<String, Set<String>> readers() {
        List<String> accessors = new ArrayList<>();
        accessors(Settings.class, accessors);
        assertThat(accessors).as("a value for each key, in their order").hasSize(Keys.ALL.size());
        Map<String, Set<String>> readers = new LinkedHashMap<>();
        for (int i = 0; i < accessors.size(); i++) {
            String accessor = accessors.get(i);
            Set<String> rooms = new TreeSet<>();
            for (JavaClass type : production) {
                boolean reads = type.getMethodCallsFromSelf().stream()
                                .map(KeysTouchTest::name)
                                .anyMatch(accessor::equals)
                        || type.getMethodReferencesFromSelf().stream()
                                .anyMatch(
                                        reference -> (reference.getTargetOwner().getName() + "."
                                                        + reference.getTarget().getName())
                                                .equals(accessor));
                if (reads && !Set.of("config", "model", "").contains(room(type))) {
                    rooms.add(room(type));
                }
            }
            readers.put(Keys.ALL.get(i).path(), rooms);
        }
        addIndirect(readers);
        return readers;
    }

    /** Whether multicast is on is asked of the settings as a whole, which look at three keys. */
    private static void addIndirect(Map<String, Set<String>> readers) {
        Set<String> askers = new TreeSet<>();
        for (JavaClass type : production) {
            if (type.getMethodCallsFromSelf().stream()
                    .anyMatch(call -> name(call).equals(Settings.class.getName() + ".multicastOn"))) {
                askers.add(room(type));
            }
        }
        List.of("discovery.multicast.enabled", "peers.static", "peers.dns")
                .forEach(path -> readers.get(path).addAll(askers));
        // The sockets are opened anew when anything of the section differs.
        readers.forEach((path, rooms) -> {
            if (path.startsWith("discovery.multicast.")) {
                assertThat(rooms).as(path).contains("discovery");
            }
        });
    }

    private static void accessors(Class<?> record, List<String> accessors) {
        for (RecordComponent component : record.getRecordComponents()) {
            if (component.getType().isRecord()) {
                accessors(component.getType(), accessors);
            } else {
                accessors.add(record.getName() + "." + component.getName());
            }
        }
    }

    private static String name(JavaMethodCall call) {
        return call.getTargetOwner().getName() + "." + call.getTarget().getName();
    }

    private static String room(JavaClass type) {
        String rest = type.getPackageName().replaceFirst("^io\\.nexusd\\.?", "");
        return rest.contains(".") ? rest.substring(0, rest.indexOf('.')) : rest;
    }
}
