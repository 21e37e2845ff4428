package io.nexusd.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FlowTest {
    private static final int WINDOW = 8;
    private final Tally quick = new Tally(1);
    private final Tally slow = new Tally(1);
    private final List<Integer> woken = new ArrayList<>();
    private final Flow flow = new Flow(WINDOW, List.of(quick, slow), 1, woken::add);

    @BeforeEach
    void begin() {
        quick.begin(1);
        slow.begin(1);
    }

    private static void receive(Tally tally, int from, int to) {
        byte[] payload = new byte[Stamp.BYTES];
        for (int i = from; i < to; i++) {
            Stamp.write(payload, 0, 0, 1, 0, i);
            tally.onMessage(Stamp.intendedNs(payload, 0), Stamp.rest(payload, 0), 1000);
        }
    }

    @Test
    void shouldWaitForTheSlowestSubscriber() {
        flow.published(0, WINDOW);
        receive(quick, 0, WINDOW);
        assertThat(flow.room()).isZero();
        assertThat(flow.park(0)).isTrue();
        receive(slow, 0, 1);
        flow.onProgress();
        assertThat(woken).isEmpty();
        receive(slow, 1, 2);
        flow.onProgress();
        assertThat(woken).containsExactly(0);
        assertThat(flow.room()).isEqualTo(2);
        assertThat(flow.park(0)).isFalse();
    }

    @Test
    void shouldNotWaitForWhatIsDroppedOrWrittenOff() {
        flow.published(0, WINDOW);
        receive(quick, 0, WINDOW);
        slow.onLosses(3, 1);
        assertThat(flow.room()).isEqualTo(4);
        flow.writeOff();
        assertThat(flow.open()).isZero();
        assertThat(slow.received() + slow.dropped() + slow.expired()).isEqualTo(4);
    }

    @Test
    void shouldCountWhatComesTwiceOrLateAndNothingOfOtherPhases() {
        receive(quick, 0, 5);
        receive(quick, 3, 4);
        assertThat(quick.outOfOrder()).isEqualTo(1);
        quick.begin(2);
        receive(quick, 5, 6);
        assertThat(quick.received()).isZero();
        assertThat(quick.isReached()).isTrue();
    }
}
