package io.nexusd.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    private static Table table() {
        return new Table("name", "uptime_ms=uptime", "topics", "id~")
                .row("node-1", Cell.duration(61_000), List.of("a/b", "c/#"), "0123456789abcdef")
                .row("n", null, List.of(), "f");
    }

    @Test
    void shouldAlignColumnsAndNumbers() {
        assertThat(table().lines(0, false))
                .containsExactly(
                        "name    uptime  topics   id",
                        "node-1   1m 1s  a/b c/#  0123456789abcdef",
                        "n            -  -        f");
    }

    @Test
    void shouldFitTheTerminalAtTheCostOfWhatMattersLeast() {
        assertThat(table().lines(35, false))
                .containsExactly(
                        "name    uptime  topics   id",
                        "node-1   1m 1s  a/b c/#  012345678…",
                        "n            -  -        f");
        for (int columns = 6; columns < 50; columns++) {
            int width = columns;
            assertThat(table().lines(columns, false))
                    .as("in " + columns + " columns")
                    .hasSize(3)
                    .allMatch(line -> line.length() <= width);
        }
        assertThat(table().lines(20, false))
                .as("what is right goes first")
                .first()
                .isEqualTo("name    uptime");
    }

    @Test
    void shouldLeaveAColumnOutBeforeAnAddressLosesItsPort() {
        Table table = new Table("endpoint", "state", "heard").row("127.0.0.1:25671", "alive", "234 ms ago");
        assertThat(table.lines(30, false)).last().isEqualTo("127.0.0.1:25671  alive");
        assertThat(table.lines(10, false)).last().isEqualTo("127.0.0.1…");
    }

    @Test
    void shouldBreakTextBetweenWords() {
        assertThat(Text.wrap("one two three", 7)).containsExactly("one two", "three");
        assertThat(Text.wrap("one unbreakable", 7)).containsExactly("one", "unbreakable");
        assertThat(Text.wrap("one two", 0)).containsExactly("one two");
    }

    @Test
    void shouldTellProgramsWhatPeopleAreToldRounded() {
        assertThat(table().objects())
                .containsExactly(
                        new JsonObject()
                                .put("name", "node-1")
                                .put("uptime_ms", 61_000L)
                                .put("topics", new JsonArray(List.of("a/b", "c/#")))
                                .put("id", "0123456789abcdef"),
                        new JsonObject()
                                .put("name", "n")
                                .put("topics", new JsonArray())
                                .put("id", "f"));
    }

    @Test
    void shouldNotLetWhatOthersSentDriveTheTerminal() {
        Table table = new Table("topic").row("red \u001b[31m\u202e");
        assertThat(table.lines(0, false)).last().isEqualTo("red \\u001b[31m\\u202e");
    }

    @Test
    void shouldCountWideAndCombiningCharactersAsTheTerminalDoes() {
        assertThat(Text.width("漢字")).isEqualTo(4);
        assertThat(Text.width("e\u0301")).isEqualTo(1);
        assertThat(Text.cut("漢字漢字", 5)).isEqualTo("漢字…");
        assertThat(new Table("a", "b").row("漢", "x").lines(0, false)).last().isEqualTo("漢  x");
    }

    @Test
    void shouldColourStatesWithoutShiftingColumns() {
        List<String> lines = new Table("state", "n").row(Cell.state("alive"), 1).lines(0, true);
        assertThat(lines).last().isEqualTo("\u001b[32malive\u001b[0m  1");
    }

    @Test
    void shouldShowValuesAsPeopleReadThem() {
        assertThat(List.of(
                        Text.duration(999), Text.duration(59_900), Text.duration(3_600_000), Text.duration(90_000_000)))
                .containsExactly("999 ms", "59.9 s", "1h 0m", "1d 1h");
        assertThat(List.of(Text.bytes(1023), Text.bytes(1536), Text.bytes(5L << 30)))
                .containsExactly("1023 B", "1.5 KiB", "5.0 GiB");
        assertThat(List.of(Text.millis(250), Text.millis(12_345))).containsExactly("0.25 ms", "12 ms");
        assertThat(List.of(Text.rate(0.25), Text.rate(12_345))).containsExactly("0.3", "12,345");
    }

    @Test
    void shouldSplitLinesAsAShellDoes() {
        assertThat(Words.split("  PUB a/b \"two words\" 'it''s' back\\ slash '' "))
                .containsExactly("PUB", "a/b", "two words", "its", "back slash", "");
        assertThat(Words.split("   ")).isEmpty();
    }
}
