package io.nexusd.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The name of this host, found without DNS, which may hang where a name is all that is wanted. */
final class HostName {
    private static final int MAX_BYTES = 1024;
    private static final List<Path> FILES = List.of(Path.of("/proc/sys/kernel/hostname"), Path.of("/etc/hostname"));

    private HostName() {}

    /** Returns the first usable name of HOSTNAME, COMPUTERNAME and the kernel's; {@code localhost} when there is none. */
    static String find(Map<String, String> environment) {
        ValueType<String> type = Keys.NODE_NAME.type();
        for (String variable : List.of("HOSTNAME", "COMPUTERNAME")) {
            Optional<String> name =
                    type.parse(environment.getOrDefault(variable, "").strip()).value();
            if (name.isPresent()) {
                return name.get();
            }
        }
        for (Path file : FILES) {
            Optional<String> name = type.parse(firstLine(file)).value();
            if (name.isPresent()) {
                return name.get();
            }
        }
        return "localhost";
    }

    private static String firstLine(Path file) {
        if (!Files.isRegularFile(file)) {
            return "";
        }
        try (var in = Files.newInputStream(file)) {
            String text = new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
            return text.lines().findFirst().orElse("").strip();
        } catch (IOException e) {
            return "";
        }
    }
}
