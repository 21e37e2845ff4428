package io.nexusd.config;

import static io.nexusd.config.Samples.load;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds {@code conf/nexusd.yaml} to the table of keys. */
class ConfFileTest {
    private static final Path FILE = Path.of("conf", "nexusd.yaml");
    private static final Pattern LINE = Pattern.compile("( *)([a-z-]+):(?: (.+))?");

    /** A key of the file: what stands behind the colon and in the comment above it. */
    private record Documented(String value, String comment) {}

    @TempDir
    Path elsewhere;

    @Test
    void shouldHaveEveryKeyInOrderWithItsDefault() throws IOException {
        Map<String, Documented> documented = documented();
        assertThat(documented.keySet())
                .containsExactlyElementsOf(Keys.ALL.stream().map(Key::path).toList());
        documented.forEach((path, entry) -> {
            String text = Keys.BY_PATH.get(path).defaultText();
            // The port is treated otherwise when somebody sets it, so the file only says which one it is.
            boolean isLeftOut = path.equals("admin.port");
            assertThat(entry.value()).as(path).isEqualTo(isLeftOut ? "" : text);
            if (isLeftOut) {
                assertThat(entry.comment()).contains("Not set: " + text);
            }
        });
    }

    @Test
    void shouldExplainEveryKeyWithWhatIsAllowed() throws IOException {
        Map<String, Documented> documented = documented();
        for (Key<?> key : Keys.ALL) {
            String comment = documented.get(key.path()).comment();
            assertThat(comment).as(key.path()).isNotBlank();
            String rule = key.type().rule();
            if (rule.startsWith("an integer from ")) {
                String range = rule.substring("an integer from ".length()).replaceFirst(" or .*", "");
                assertThat(comment).as(key.path()).contains(range);
            }
            if (rule.startsWith("one of ")) {
                Arrays.stream(rule.substring("one of ".length()).split(", "))
                        .forEach(word -> assertThat(comment).as(key.path()).contains(word));
            }
            if (!key.defaultNote().isEmpty()) {
                assertThat(comment).as(key.path()).containsPattern("Not set: (the )?" + key.defaultNote());
            }
        }
    }

    @Test
    void shouldLoadAsTheDefaults() {
        Map<String, String> host = Map.of("HOSTNAME", "box");
        EffectiveConfig loaded =
                load(elsewhere, host, "--config", FILE.toAbsolutePath().toString());
        EffectiveConfig defaults = load(elsewhere, host);
        assertThat(loaded.settings()).isEqualTo(defaults.settings());
        assertThat(loaded.digest()).isEqualTo(defaults.digest());
        // What is found out at the start stays so: the file does not fix it.
        assertThat(Samples.entry(loaded, "node.name").source()).isEqualTo("default");
        assertThat(Samples.entry(loaded, "node.advertise").source()).isEqualTo("default");
        assertThat(loaded.isAdminPortDefault()).isTrue();
        assertThat(Samples.value(load(Path.of(""), Map.of("POD_NAME", "n-0")), "node.name"))
                .isEqualTo("n-0");
    }

    private static Map<String, Documented> documented() throws IOException {
        Map<String, Documented> documented = new LinkedHashMap<>();
        List<String> sections = new ArrayList<>();
        StringBuilder comment = new StringBuilder();
        for (String line : Files.readAllLines(FILE)) {
            Matcher matcher = LINE.matcher(line);
            if (line.strip().startsWith("#")) {
                comment.append(line.strip().substring(1)).append(' ');
                continue;
            }
            if (matcher.matches()) {
                int depth = matcher.group(1).length() / 2;
                sections = new ArrayList<>(sections.subList(0, depth));
                sections.add(matcher.group(2));
                String path = String.join(".", sections);
                if (!Keys.SECTIONS.contains(path)) {
                    String value = matcher.group(3) == null ? "" : matcher.group(3);
                    documented.put(path, new Documented(value, comment.toString()));
                }
            } else {
                assertThat(line).isBlank();
            }
            comment.setLength(0);
        }
        return documented;
    }
}
