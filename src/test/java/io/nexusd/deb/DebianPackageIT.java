package io.nexusd.deb;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.lab.DebianPackage;
import io.nexusd.lab.DebianPackage.Entry;
import io.nexusd.lab.Shell;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The Debian package, read back. That it works when it is installed is for {@code bin/nexusd-deb-test}. */
class DebianPackageIT {
    private static DebianPackage deb;

    @BeforeAll
    static void read() {
        deb = DebianPackage.read();
    }

    @Test
    void shouldBeAPackageForEveryArchitectureThatNeedsAJavaRuntime() {
        assertThat(deb.members()).containsExactly("debian-binary", "control.tar.gz", "data.tar.gz");
        String control = deb.control().get("/control").text();
        assertThat(control.lines())
                .contains("Package: nexusd", "Architecture: all")
                .anyMatch(line -> line.startsWith("Depends: ") && line.contains("java17-runtime-headless"))
                .anyMatch(line -> line.matches("Version: \\d.*"))
                .anyMatch(line -> line.matches("Installed-Size: \\d{5}"));
        assertThat(deb.control().get("/triggers").text()).isEqualTo("interest-noawait /usr/lib/jvm\n");
    }

    @ParameterizedTest
    @CsvSource({
        "bin/nexusd,                    /usr/lib/nexusd/nexusd,                   755",
        "bin/nexusd-cli,                /usr/lib/nexusd/nexusd-cli,               755",
        "bin/nexusd-archive,            /usr/lib/nexusd/nexusd-archive,           755",
        "target/nexusd.jar,             /usr/lib/nexusd/nexusd.jar,               644",
        "conf/nexusd.yaml,              /etc/nexusd/nexusd.yaml,                  644",
        "deploy/debian/nexusd.default,  /etc/default/nexusd,                      644",
        "deploy/debian/nexusd.service,  /usr/lib/systemd/system/nexusd.service,   644",
        "deploy/debian/copyright,       /usr/share/doc/nexusd/copyright,          644",
    })
    void shouldHaveTheFilesOfTheProjectAsTheyAre(Path source, String path, String mode) throws IOException {
        Entry entry = deb.data(path);
        assertThat(entry.content()).isEqualTo(Files.readAllBytes(source));
        assertThat(Integer.toOctalString(entry.mode())).isEqualTo(mode);
    }

    @Test
    void shouldKeepWhatAnAdministratorHasEdited() {
        assertThat(deb.control().get("/conffiles").text().lines())
                .containsExactlyInAnyOrder("/etc/nexusd/nexusd.yaml", "/etc/default/nexusd");
    }

    @Test
    void shouldBelongToRootAndBeWritableByNobodyElse() {
        assertThat(deb.data()).allSatisfy((path, entry) -> {
            assertThat(entry.owner()).as(path).isEqualTo("root:root");
            assertThat(entry.link().isEmpty() ? entry.mode() & 0022 : 0)
                    .as(path)
                    .isZero();
            assertThat(!entry.isDirectory() || (entry.mode() & 0555) == 0555)
                    .as(path)
                    .isTrue();
        });
    }

    @Test
    void shouldPutThePrograms() {
        for (String program : List.of("nexusd", "nexusd-cli")) {
            String target = deb.data("/usr/bin/" + program).link();
            assertThat(deb.data())
                    .containsKey(Path.of("/usr/bin", target).normalize().toString());
        }
    }

    @Test
    void shouldHaveTheNativeSocketsOfEachProcessor() throws IOException {
        for (String processor : List.of("x86_64", "aarch_64", "riscv64")) {
            Entry library = deb.data("/usr/lib/nexusd/native/libnetty_transport_native_epoll_" + processor + ".so");
            assertThat(library.content()).startsWith(0x7f, 'E', 'L', 'F');
        }
    }

    @Test
    void shouldHaveAManualPageForEachCommand() throws IOException {
        List<String> pages = new ArrayList<>();
        CommandPages.programs().forEach(program -> pages(program, pages));
        assertThat(pages)
                .contains("nexusd", "nexusd-bench", "nexusd-cli", "nexusd-cli-PUBLISH", "nexusd-cli-MESH-PEERS");
        assertThat(installed("/usr/share/man/man1/"))
                .containsExactlyInAnyOrderElementsOf(
                        pages.stream().map(page -> page + ".1.gz").toList());
        for (String page : pages) {
            assertThat(page(page))
                    .contains(".TH \"" + page.toUpperCase(java.util.Locale.ROOT).replace("-", "\\-") + "\" \"1\"");
        }
        assertThat(page("nexusd-cli-PUBLISH")).contains("Lifetime, milliseconds");
        assertThat(page("nexusd")).contains("NEXUSD_MESH_PORT", "NEXUSD_TRACING_ENDPOINT");
    }

    @Test
    void shouldCompleteCommandsAndOptionsInBash(@TempDir Path root) throws IOException {
        deb.unpack(root);
        assertThat(completed(root, "nexusd-cli", "PU")).containsExactlyInAnyOrder("PUB", "PUBLISH", "PUBSUB");
        assertThat(completed(root, "nexusd-cli", "MESH", "")).contains("PEERS", "STATUS", "TOPOLOGY");
        assertThat(completed(root, "nexusd-cli", "PUBLISH", "--re")).containsExactly("--retain");
        assertThat(completed(root, "nexusd", "--mesh")).containsExactly("--mesh-port");
    }

    @Test
    void shouldBeFoundByTheCompletionOfZsh() {
        for (String program : List.of("nexusd", "nexusd-cli")) {
            assertThat(deb.data("/usr/share/zsh/vendor-completions/_" + program).text())
                    .startsWith("#compdef " + program + "\n")
                    .contains("/usr/share/bash-completion/completions/" + program + "\n");
        }
    }

    @ParameterizedTest
    @CsvSource({"postinst", "prerm", "postrm"})
    void shouldHaveScriptsThatTheShellUnderstands(String name, @TempDir Path directory) throws IOException {
        Entry script = deb.control().get("/" + name);
        assertThat(script.mode()).isEqualTo(0755);
        Path file = Files.write(directory.resolve(name), script.content());
        Shell.run("sh", "-n", file.toString());
    }

    @Test
    void shouldHaveTheSumOfEachFile() throws Exception {
        Map<String, String> sums = new TreeMap<>();
        for (Map.Entry<String, Entry> each : deb.data().entrySet()) {
            if (!each.getValue().isDirectory() && each.getValue().link().isEmpty()) {
                byte[] sum =
                        MessageDigest.getInstance("MD5").digest(each.getValue().content());
                sums.put(each.getKey().substring(1), HexFormat.of().formatHex(sum));
            }
        }
        Map<String, String> written = new TreeMap<>();
        deb.control().get("/md5sums").text().lines().forEach(line -> {
            String[] words = line.split(" +", 2);
            written.put(words[1], words[0]);
        });
        assertThat(written).isEqualTo(sums);
    }

    private static void pages(CommandLine command, List<String> pages) {
        String page = command.getCommandSpec().qualifiedName("-");
        if (!pages.contains(page)) {
            pages.add(page);
        }
        command.getSubcommands().values().forEach(one -> pages(one, pages));
    }

    private static Stream<String> installed(String directory) {
        return deb.data().keySet().stream()
                .filter(path -> path.startsWith(directory))
                .map(path -> path.substring(directory.length()));
    }

    private static String page(String name) throws IOException {
        byte[] compressed = deb.data("/usr/share/man/man1/" + name + ".1.gz").content();
        return new String(
                new GZIPInputStream(new ByteArrayInputStream(compressed)).readAllBytes(), StandardCharsets.UTF_8);
    }

    /** What bash offers for the last word. */
    private static List<String> completed(Path root, String... words) {
        Path script = root.resolve("usr/share/bash-completion/completions/" + words[0]);
        String line = "exec 2>/dev/null; source " + script + "; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _complete_"
                + words[0] + "; printf '%s\\n' \"${COMPREPLY[@]}\"";
        List<String> command = new ArrayList<>(List.of("bash", "--norc", "-c", line, "bash"));
        command.addAll(List.of(words));
        return Shell.run(command.toArray(String[]::new))
                .lines()
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }
}
