package io.nexusd.lab;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** The Debian package of the build, read back: what a {@code dpkg} would unpack. */
public final class DebianPackage {
    /**
     * A file, directory or symbolic link.
     *
     * @param mode permissions
     * @param owner user and group
     * @param link the target of a symbolic link, otherwise empty
     */
    public record Entry(int mode, String owner, boolean isDirectory, String link, byte[] content) {
        public String text() {
            return new String(content, StandardCharsets.UTF_8);
        }
    }

    private final List<String> members;
    private final Map<String, Entry> control;
    private final Map<String, Entry> data;

    private DebianPackage(List<String> members, Map<String, Entry> control, Map<String, Entry> data) {
        this.members = members;
        this.control = control;
        this.data = data;
    }

    /** The package under {@code target}, if there is one. */
    public static Optional<Path> built() {
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            return files.filter(file -> file.getFileName().toString().matches("nexusd_.*_all\\.deb"))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    public static DebianPackage read() {
        Needs.DEBIAN_PACKAGE.require();
        Map<String, byte[]> members = new LinkedHashMap<>();
        try (ArArchiveInputStream ar = new ArArchiveInputStream(Files.newInputStream(built().orElseThrow()))) {
            ArArchiveEntry entry = ar.getNextEntry();
            while (entry != null) {
                members.put(entry.getName(), ar.readAllBytes());
                entry = ar.getNextEntry();
            }
            return new DebianPackage(
                    List.copyOf(members.keySet()), tar(members.get("control.tar.gz")), tar(members.get("data.tar.gz")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Entry> tar(byte[] compressed) throws IOException {
        Map<String, Entry> entries = new LinkedHashMap<>();
        InputStream plain = new GZIPInputStream(new ByteArrayInputStream(compressed));
        try (TarArchiveInputStream tar = new TarArchiveInputStream(plain)) {
            TarArchiveEntry entry = tar.getNextEntry();
            while (entry != null) {
                // As dpkg takes it: from the root, without a slash behind directories.
                String path = entry.getName().replaceFirst("^\\./", "/").replaceFirst("(?<=.)/$", "");
                entries.put(
                        path,
                        new Entry(
                                entry.getMode() & 07777,
                                entry.getUserName() + ":" + entry.getGroupName(),
                                entry.isDirectory(),
                                entry.isSymbolicLink() ? entry.getLinkName() : "",
                                tar.readAllBytes()));
                entry = tar.getNextEntry();
            }
        }
        return entries;
    }

    /** The names of the outer archive's members, in order. */
    public List<String> members() {
        return members;
    }

    /** Control information by file name. */
    public Map<String, Entry> control() {
        return control;
    }

    /** What is installed, by absolute path. */
    public Map<String, Entry> data() {
        return data;
    }

    public Entry data(String path) {
        return Optional.ofNullable(data.get(path))
                .orElseThrow(() -> new AssertionError("no " + path + " in " + data.keySet()));
    }

    /** Unpacks what is installed below a directory. */
    public void unpack(Path root) throws IOException {
        for (Map.Entry<String, Entry> each : data.entrySet()) {
            Path path = root.resolve(each.getKey().substring(1));
            Entry entry = each.getValue();
            if (entry.isDirectory()) {
                Files.createDirectories(path);
            } else if (entry.link().isEmpty()) {
                Files.createDirectories(path.getParent());
                Files.write(path, entry.content());
                Files.setPosixFilePermissions(
                        path, PosixFilePermissions.fromString((entry.mode() & 0111) == 0 ? "rw-r--r--" : "rwxr-xr-x"));
            } else {
                Files.createDirectories(path.getParent());
                Files.createSymbolicLink(path, Path.of(entry.link()));
            }
        }
    }
}
