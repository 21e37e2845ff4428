package io.nexusd.dialer;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.dialer.Farewells.Farewell;
import io.nexusd.model.NodeId;
import org.junit.jupiter.api.Test;

class FarewellsTest {
    private final Farewells<String> farewells = new Farewells<>();
    private final NodeId id = NodeId.random();

    @Test
    void shouldGiveUpWhoStaysAway() {
        Farewell<String> farewell = farewells.left(id, "link");
        assertThat(farewells.isOver(id, farewell)).isTrue();
        assertThat(farewells.isBackOverOldLink(id, "link"))
                .as("a link of a new time")
                .isFalse();
    }

    @Test
    void shouldNotGiveUpWhoIsBackInTime() {
        Farewell<String> farewell = farewells.left(id, "old");
        assertThat(farewells.isBackOverOldLink(id, "new")).isFalse();
        assertThat(farewells.isOver(id, farewell)).isFalse();
    }

    @Test
    void shouldTellTheLinkOfTheTimeBefore() {
        farewells.left(id, "link");
        assertThat(farewells.isBackOverOldLink(id, "link")).isTrue();
        farewells.left(id, null);
        assertThat(farewells.isBackOverOldLink(id, null)).as("no link at all").isFalse();
    }

    @Test
    void shouldNotTakeAnEarlierFarewellForALaterOne() {
        Farewell<String> first = farewells.left(id, "link");
        farewells.isBackOverOldLink(id, "link");
        Farewell<String> second = farewells.left(id, "link");
        assertThat(farewells.isOver(id, first)).isFalse();
        assertThat(farewells.isOver(id, second)).isTrue();
    }
}
