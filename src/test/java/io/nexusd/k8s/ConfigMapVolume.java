package io.nexusd.k8s;

import io.fabric8.kubernetes.api.model.ConfigMap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A ConfigMap as the kubelet mounts it: the files are links into {@code ..data}, which is a link to a directory with a time in its
 * name. An update writes another such directory and puts another {@code ..data} in the place of the old one, in one step.
 */
final class ConfigMapVolume {
    private static final AtomicInteger VERSIONS = new AtomicInteger();

    private final Path directory;

    ConfigMapVolume(Path directory) {
        this.directory = directory;
    }

    Path directory() {
        return directory;
    }

    void write(ConfigMap map) {
        Map<String, byte[]> data = ConfigMaps.files(map);
        try {
            Files.createDirectories(directory);
            Path data0 = directory.resolve("..data");
            Path old = Files.exists(data0) ? data0.toRealPath() : null;
            Path fresh = directory.resolve("..2026_11_25_00_00_00." + VERSIONS.incrementAndGet());
            Files.createDirectory(fresh);
            for (Map.Entry<String, byte[]> file : data.entrySet()) {
                Files.write(fresh.resolve(file.getKey()), file.getValue());
            }
            Path link = directory.resolve("..data_tmp");
            Files.createSymbolicLink(link, fresh.getFileName());
            Files.move(link, data0, StandardCopyOption.ATOMIC_MOVE);
            for (String name : data.keySet()) {
                if (!Files.isSymbolicLink(directory.resolve(name))) {
                    Files.createSymbolicLink(directory.resolve(name), Path.of("..data", name));
                }
            }
            removeStale(data);
            if (old != null) {
                delete(old);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void removeStale(Map<String, byte[]> data) throws IOException {
        try (Stream<Path> links = Files.list(directory)) {
            for (Path link : links.toList()) {
                String name = link.getFileName().toString();
                if (!name.startsWith("..") && !data.containsKey(name)) {
                    Files.delete(link);
                }
            }
        }
    }

    static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        }
    }
}
