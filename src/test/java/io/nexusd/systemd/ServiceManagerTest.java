package io.nexusd.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceManagerTest {
    private static final long PID = 4711;

    @Test
    void shouldBeThereOnlyWhereThereIsASocket() {
        assertThat(ServiceManager.of(Map.of(), PID)).isEmpty();
        assertThat(ServiceManager.of(Map.of("NOTIFY_SOCKET", "", "WATCHDOG_USEC", "1000000"), PID))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/run/systemd/notify", "@abstract"})
    void shouldTakeAPathOrAnAbstractName(String socket) {
        assertThat(ServiceManager.of(Map.of("NOTIFY_SOCKET", socket), PID)).contains(new ServiceManager(socket, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"vsock:2:1234", "vsock-stream:2:1234", "run/notify", "@", "/"})
    void shouldLeaveAnyOtherSocketAlone(String socket) {
        assertThat(ServiceManager.of(Map.of("NOTIFY_SOCKET", socket), PID)).isEmpty();
    }

    @Test
    void shouldKnowTheTimeOfTheWatchdog() {
        assertThat(watchdogUs("30000000", "")).isEqualTo(30_000_000);
        assertThat(watchdogUs("30000000", "4711")).isEqualTo(30_000_000);
    }

    @Test
    void shouldHaveNoWatchdogThatIsForAnotherProcess() {
        assertThat(watchdogUs("30000000", "1")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "30s", "99999999999999999999"})
    void shouldHaveNoWatchdogWithoutATime(String us) {
        assertThat(watchdogUs(us, "4711")).isZero();
    }

    private static long watchdogUs(String us, String pid) {
        return ServiceManager.of(Map.of("NOTIFY_SOCKET", "/n", "WATCHDOG_USEC", us, "WATCHDOG_PID", pid), PID)
                .orElseThrow()
                .watchdogUs();
    }
}
