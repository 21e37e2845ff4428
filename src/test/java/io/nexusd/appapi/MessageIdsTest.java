package io.nexusd.appapi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MessageIdsTest {
    @Test
    void shouldMakeUuidsThatSortInTheOrderOfTheirMaking() {
        AtomicLong newest = new AtomicLong();
        MessageIds ids = new MessageIds(newest, 1);
        MessageIds ofAnotherLoop = new MessageIds(newest, 2);
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            // A clock that stands still, goes on, and is set back.
            made.add((i % 3 == 0 ? ofAnotherLoop : ids)
                    .next(i < 10_000 ? 1_700_000_000_000L + i / 6_000 : 1_600_000_000_000L));
        }
        assertThat(made).doesNotHaveDuplicates().isSorted();
        UUID uuid = UUID.fromString(made.get(0));
        assertThat(uuid.version()).isEqualTo(7);
        assertThat(uuid.variant()).isEqualTo(2);
        assertThat(uuid.getMostSignificantBits() >>> 16).isEqualTo(1_700_000_000_000L);
    }
}
