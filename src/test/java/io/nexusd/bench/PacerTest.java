package io.nexusd.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

class PacerTest {
    private static final long START_NS = 1_000_000;

    @Test
    void shouldShareTheScheduleAmongPublishers() {
        Pacer.Schedule schedule = new Pacer.Schedule(START_NS, 1000, 3, 10);
        assertThat(schedule.total()).isEqualTo(10);
        assertThat(schedule.totalOf(0)).isEqualTo(4);
        assertThat(schedule.totalOf(1)).isEqualTo(3);
        assertThat(schedule.totalOf(2)).isEqualTo(3);
        assertThat(schedule.dueNs(0, 1)).isEqualTo(START_NS + 3_000_000);
        assertThat(schedule.dueNs(2, 0)).isEqualTo(START_NS + 2_000_000);
    }

    @Test
    void shouldSayHowManyAreDueWhateverWasSentBefore() {
        Pacer.Schedule schedule = new Pacer.Schedule(START_NS, 1000, 2, 10);
        assertThat(schedule.dueOf(0, START_NS)).isEqualTo(1);
        assertThat(schedule.dueOf(1, START_NS)).isZero();
        assertThat(schedule.dueOf(1, START_NS + 1_000_000)).isEqualTo(1);
        assertThat(schedule.dueOf(0, START_NS + 4_000_001)).isEqualTo(3);
        assertThat(schedule.dueOf(0, START_NS + 1_000_000_000)).isEqualTo(5);
    }

    @Test
    void shouldCallEachPublisherInTurnAndNeverEarly() throws InterruptedException {
        long startNs = System.nanoTime();
        Pacer.Schedule schedule = new Pacer.Schedule(startNs, 2000, 2, 50);
        ConcurrentLinkedQueue<Integer> called = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<Long> early = new ConcurrentLinkedQueue<>();
        long[] k = {0};
        new Pacer(schedule, publisher -> {
                    called.add(publisher);
                    if (System.nanoTime() < schedule.dueNs(k[0])) {
                        early.add(k[0]);
                    }
                    k[0]++;
                })
                .start()
                .join();
        assertThat(called).hasSize(100).startsWith(0, 1, 0, 1);
        assertThat(early).isEmpty();
    }
}
