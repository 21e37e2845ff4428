package io.nexusd.admin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AttendanceTest {
    private final Attendance attendance = new Attendance();

    @Test
    void shouldExpectNobodyWhoWasNeverThere() {
        call(100);
        assertThat(attendance.stuck()).isEmpty();
    }

    @Test
    void shouldTakeARoomForStuckThatLeavesSeveralCallsInARowUnanswered() {
        attendance.present("routing");
        attendance.present("dialer");
        for (int i = 0; i <= Attendance.UNANSWERED_CALLS; i++) {
            assertThat(attendance.stuck()).isEmpty();
            attendance.called();
            attendance.present("dialer");
        }
        assertThat(attendance.stuck()).containsExactly("routing");
        attendance.present("routing");
        assertThat(attendance.stuck()).isEmpty();
        assertThat(attendance.rooms()).containsExactly("dialer", "routing");
    }

    @Test
    void shouldNotCountCallsThatWereAnsweredInBetween() {
        attendance.present("gossip");
        for (int i = 0; i < 10; i++) {
            call(Attendance.UNANSWERED_CALLS);
            attendance.present("gossip");
        }
        assertThat(attendance.stuck()).isEmpty();
    }

    private void call(int times) {
        for (int i = 0; i < times; i++) {
            attendance.called();
        }
    }
}
