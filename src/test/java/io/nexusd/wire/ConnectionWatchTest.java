package io.nexusd.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.wire.ConnectionWatch.Action;
import io.nexusd.wire.ConnectionWatch.Check;
import io.nexusd.wire.ConnectionWatch.Seen;
import org.junit.jupiter.api.Test;

class ConnectionWatchTest {
    private static final long MS = 1_000_000L;
    private static final ConnectionLimits LIMITS =
            new ConnectionLimits(10_000 * MS, 20_000 * MS, 30_000 * MS, 3_600_000 * MS, 100, 1000);

    private final ConnectionWatch watch = new ConnectionWatch(0);
    private long nowMs;
    private long heardMs;
    private long receivedBytes;
    private long flushedBytes;
    private boolean stuck;
    private boolean http2 = true;
    private boolean greeted = true;
    private boolean unfinished;
    private long unit;
    private boolean busy = true;

    @Test
    void shouldAskASilentClientAndCloseWhenItStaysSilent() {
        assertThat(next(Action.PING)).isEqualTo(10_000);
        assertThat(next(Action.CLOSE_SILENT)).isEqualTo(30_000);
    }

    @Test
    void shouldKeepAClientThatAnswers() {
        for (int i = 0; i < 1000; i++) {
            next(Action.PING);
            heardMs = nowMs + 1;
        }
        assertThat(nowMs).isGreaterThan(1000 * 10_000L);
    }

    @Test
    void shouldKeepAClientThatIsFrozenForLessThanTheTimeout() {
        next(Action.PING);
        for (int second = 0; second < 19; second++) {
            nowMs += 1000;
            assertThat(check().action()).isEqualTo(Action.NOTHING);
        }
        heardMs = nowMs;
        nowMs += 1000;
        assertThat(check().action()).isEqualTo(Action.NOTHING);
        assertThat(next(Action.PING)).isEqualTo(heardMs + 10_000);
    }

    @Test
    void shouldNotAskAClientThatSends() {
        for (int i = 0; i < 100; i++) {
            nowMs += 5_000;
            heardMs = nowMs - 1;
            assertThat(check().action()).isEqualTo(Action.NOTHING);
        }
    }

    @Test
    void shouldTakeBytesThatASlowNetworkAcknowledgesForASignOfLife() {
        stuck = true;
        for (int i = 0; i < 100; i++) {
            nowMs += 1000;
            flushedBytes += 1000;
            assertThat(check().action()).isEqualTo(Action.NOTHING);
        }
        // Nothing leaves any more.
        next(Action.PING);
        next(Action.CLOSE_SILENT);
    }

    @Test
    void shouldNotTakeWhatTheKernelBuffersForASignOfLife() {
        long pinged = 0;
        while (true) {
            nowMs += 1000;
            flushedBytes += 100;
            Check check = check();
            if (check.action() == Action.PING) {
                pinged++;
            }
            if (check.action() == Action.CLOSE_SILENT) {
                break;
            }
        }
        assertThat(pinged).isEqualTo(1);
        assertThat(nowMs).isEqualTo(30_000);
    }

    @Test
    void shouldAskAnewAfterThisProcessWasStopped() {
        next(Action.PING);
        nowMs += 600_000;
        assertThat(check().action()).isEqualTo(Action.PING);
        assertThat(next(Action.CLOSE_SILENT)).isEqualTo(10_000 + 600_000 + 20_000);
    }

    @Test
    void shouldCloseAConnectionThatDoesNotGreet() {
        greeted = false;
        while (nowMs < 29_000) {
            nowMs += 1000;
            heardMs = nowMs;
            receivedBytes++;
            assertThat(check().action()).isEqualTo(Action.NOTHING);
        }
        nowMs = 30_000;
        assertThat(check().action()).isEqualTo(Action.CLOSE_UNFINISHED);
    }

    @Test
    void shouldCloseWhatTricklesAndKeepWhatAdvances() {
        unfinished = true;
        for (int i = 0; i < 100; i++) {
            nowMs += 10_000;
            heardMs = nowMs;
            receivedBytes += 8 * 1024;
            assertThat(check().action()).isEqualTo(Action.NOTHING);
        }
        for (int i = 0; i < 100; i++) {
            nowMs += 10_000;
            heardMs = nowMs;
            unit++;
            assertThat(check().action()).isEqualTo(Action.NOTHING);
        }
        int checks = 0;
        while (check().action() == Action.NOTHING) {
            nowMs += 10_000;
            heardMs = nowMs;
            receivedBytes += 100;
            checks++;
        }
        assertThat(checks).isEqualTo(3);
    }

    @Test
    void shouldCloseAConnectionWithoutACall() {
        busy = false;
        while (nowMs < 3_600_000 - 10_000) {
            nowMs += 10_000;
            heardMs = nowMs;
            assertThat(check().action()).isEqualTo(Action.NOTHING);
        }
        nowMs = 3_600_000;
        heardMs = nowMs;
        assertThat(check().action()).isEqualTo(Action.CLOSE_IDLE);
    }

    @Test
    void shouldCloseAConnectionOfHttp1ThatTakesNothing() {
        http2 = false;
        stuck = true;
        assertThat(next(Action.CLOSE_SILENT)).isEqualTo(30_000);
    }

    /** Checks at the times that are asked for until something is to be done. */
    private long next(Action expected) {
        while (true) {
            Check check = check();
            if (check.action() != Action.NOTHING) {
                assertThat(check.action()).isEqualTo(expected);
                return nowMs;
            }
            assertThat(check.againNs()).isGreaterThan(nowMs * MS);
            nowMs = check.againNs() / MS;
        }
    }

    private Check check() {
        return watch.check(
                new Seen(heardMs * MS, receivedBytes, flushedBytes, stuck, http2, greeted, unfinished, unit, busy),
                LIMITS,
                nowMs * MS);
    }
}
