package io.nexusd.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the table of keys in README.md to the code; a failure prints the table as it should be. */
class ReadmeTableTest {
    private static final String HEADER = "| key | default | flag | environment | effect |";

    @Test
    void shouldShowEveryKeyAsItIs() throws IOException {
        List<String> shown = Files.readAllLines(Path.of("README.md")).stream()
                .dropWhile(line -> !line.equals("## Configuration"))
                .dropWhile(line -> !line.equals(HEADER))
                .takeWhile(line -> line.startsWith("|"))
                .toList();
        List<String> expected = table();
        assertThat(shown)
                .withFailMessage(() -> "The table in section Configuration of README.md must be:\n\n"
                        + String.join("\n", expected) + "\n")
                .isEqualTo(expected);
    }

    private static List<String> table() {
        List<String> lines = new ArrayList<>(List.of(HEADER, "|---|---|---|---|---|"));
        for (Key<?> key : Keys.ALL) {
            String fallback = key.defaultNote().isEmpty() ? code(key.defaultText()) : key.defaultNote();
            String flags = key.flags().stream().map(ReadmeTableTest::code).collect(Collectors.joining(", "));
            String environment = Stream.concat(Stream.of(key.environmentName()), key.plainNames().stream())
                    .map(ReadmeTableTest::code)
                    .collect(Collectors.joining(", "));
            lines.add(Stream.of(code(key.path()), fallback, flags, environment, key.effect())
                    .map(cell -> cell.replace("|", "\\|"))
                    .collect(Collectors.joining(" | ", "| ", " |"))
                    .replace("|  |", "| |"));
        }
        return lines;
    }

    private static String code(String text) {
        return "`" + text + "`";
    }
}
