package io.nexusd.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransitTimeTest {
    private static final long MS = 1_000_000;
    private static final long AHEAD = 7_000 * MS;

    private final TransitTime transit = new TransitTime();
    private long nowNs = 1_000 * MS;
    private long aheadNs = AHEAD;

    /** A beat whose echo returned after a round trip, written half of that ago. */
    private void beat(long roundTripMs) {
        long sentNs = nowNs + aheadNs - roundTripMs * MS / 2;
        transit.measure(roundTripMs * MS, sentNs, nowNs);
        transit.ofFrame(sentNs, nowNs);
    }

    private long frameMs(long transitMs) {
        return Math.round(transit.ofFrame(nowNs + aheadNs - transitMs * MS, nowNs) / (double) MS);
    }

    @Test
    void shouldKnowNothingBeforeTheFirstMeasurement() {
        assertThat(frameMs(3_000)).isZero();
        nowNs += 100 * MS;
        assertThat(frameMs(-3_000)).isZero();
    }

    @Test
    void shouldFollowASlowLink() {
        beat(2);
        for (int transitMs = 1; transitMs < 4_000; transitMs += 90) {
            nowNs += 100 * MS;
            assertThat(frameMs(transitMs)).isEqualTo(transitMs);
        }
        nowNs += 10 * MS;
        assertThat(frameMs(3)).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(longs = {10_000, -10_000, 3_600_000, -3_600_000, 1_500, -1_500})
    void shouldDiscardWhatWasMeasuredBeforeThePeersClockWasSet(long stepMs) {
        for (int i = 0; i < 10; i++) {
            nowNs += 900 * MS;
            beat(4);
            nowNs += 100 * MS;
            assertThat(frameMs(20)).isEqualTo(20);
        }
        nowNs += 500 * MS;
        aheadNs += stepMs * MS;
        for (int i = 0; i < 5; i++) {
            nowNs += 100 * MS;
            assertThat(frameMs(20)).isEqualTo(20);
        }
        beat(4);
        nowNs += 100 * MS;
        assertThat(frameMs(50)).isEqualTo(50);
    }

    @Test
    void shouldBelieveTheNextBeatAfterAStepThatNoFrameShowed() {
        beat(4);
        aheadNs -= 10_000 * MS;
        nowNs += 1_000 * MS;
        beat(40);
        nowNs += 100 * MS;
        assertThat(frameMs(30)).isEqualTo(30);
    }
}
