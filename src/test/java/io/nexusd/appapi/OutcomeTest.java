package io.nexusd.appapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.bus.Routing.Delivered;
import io.nexusd.bus.Routing.FullQueues;
import io.vertx.core.Future;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutcomeTest {
    private final Outcome outcome = new Outcome();

    @Test
    void shouldAnswerAtOnceWhenEverythingWentSmoothly() {
        assertThat(outcome.offered().result()).isEqualTo(new Delivered(List.of()));
    }

    @Test
    void shouldTellWhatWasDroppedForWhichMessage() {
        outcome.noteDropped(3);
        outcome.noteDropped(1);
        outcome.noteDropped(3);

        assertThat(outcome.offered().result().full())
                .containsExactly(new FullQueues(1, 1, 0, 0), new FullQueues(3, 2, 0, 0));
    }

    @Test
    void shouldAnswerWhenTheLastSubscriberLetsGoAndCountWhatThatCost() {
        outcome.noteBlocked(0);
        outcome.noteBlocked(0);
        Future<Delivered> answer = outcome.offered();

        outcome.release(0, false);
        assertThat(answer.isComplete()).isFalse();
        outcome.release(0, true);

        assertThat(answer.result().full()).containsExactly(new FullQueues(0, 1, 2, 0));
    }

    @Test
    void shouldNotAnswerBeforeAllIsOfferedAlthoughSubscribersHaveLetGo() {
        outcome.noteBlocked(0);
        outcome.release(0, false);
        outcome.noteBlocked(1);

        Future<Delivered> answer = outcome.offered();
        assertThat(answer.isComplete()).isFalse();
        outcome.release(1, false);

        assertThat(answer.result().full()).containsExactly(new FullQueues(0, 0, 1, 0), new FullQueues(1, 0, 1, 0));
    }

    @Test
    void shouldWaitForWhatElseItIsToldOf() {
        outcome.await();
        Future<Delivered> answer = outcome.offered();
        assertThat(answer.isComplete()).isFalse();

        outcome.release();

        assertThat(answer.isComplete()).isTrue();
    }
}
