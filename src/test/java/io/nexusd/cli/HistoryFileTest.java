package io.nexusd.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryFileTest {
    @TempDir
    Path dir;

    @Test
    void shouldTakeTheNamedFileAndOtherwiseOneInTheHomeDirectory() throws IOException {
        assertThat(HistoryFile.find("", dir.toString())).contains(dir.resolve(".nexusd_cli_history"));
        assertThat(HistoryFile.find(null, dir.toString())).contains(dir.resolve(".nexusd_cli_history"));
        Path named = dir.resolve("to/be/made/history");
        assertThat(HistoryFile.find(named.toString(), "/")).contains(named);
        Path there = Files.writeString(dir.resolve("there"), "");
        assertThat(HistoryFile.find(there.toString(), "/")).contains(there);
    }

    @Test
    void shouldDoWithoutWhereNoFileCanBeWritten() throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "");
        assertThat(HistoryFile.find(file.resolve("below/history").toString(), "/"))
                .isEmpty();
        assertThat(HistoryFile.find(null, file.toString())).isEmpty();
        assertThat(HistoryFile.find(dir.toString(), "/")).isEmpty();
        assertThat(HistoryFile.find("/dev/null", "/")).isEmpty();
    }
}
