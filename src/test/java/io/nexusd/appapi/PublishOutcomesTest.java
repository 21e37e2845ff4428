package io.nexusd.appapi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PublishOutcomesTest {
    private final PublishOutcomes outcomes = new PublishOutcomes();
    private final AtomicInteger runs = new AtomicInteger();

    @Test
    void shouldKnowNothingOfAPublishThatWentSmoothly() {
        assertThat(outcomes.take("m")).isNull();
    }

    @Test
    void shouldCountDropsAndForgetThemOnceTaken() {
        outcomes.of("m").noteDropped();
        outcomes.of("m").noteDropped();
        outcomes.of("other").noteDropped();

        PublishOutcomes.Outcome outcome = outcomes.take("m");
        outcome.whenReleased(runs::incrementAndGet);

        assertThat(outcome.dropped()).isEqualTo(2);
        assertThat(outcome.blocked()).isZero();
        assertThat(runs).hasValue(1);
        assertThat(outcomes.take("m")).isNull();
        assertThat(outcomes.take("other").dropped()).isEqualTo(1);
    }

    @Test
    void shouldRunTheActionOnceWhenTheLastSubscriberLetsGo() {
        outcomes.of("m").noteBlocked();
        outcomes.of("m").noteBlocked();
        PublishOutcomes.Outcome outcome = outcomes.take("m");
        outcome.whenReleased(runs::incrementAndGet);

        outcome.release(false);
        assertThat(runs).hasValue(0);
        outcome.release(true);

        assertThat(runs).hasValue(1);
        assertThat(outcome.blocked()).isEqualTo(2);
        assertThat(outcome.dropped()).isEqualTo(1);
    }

    @Test
    void shouldRunTheActionAtOnceWhenAllHaveLetGoAlready() {
        outcomes.of("m").noteBlocked();
        outcomes.of("m").release(false);

        outcomes.take("m").whenReleased(runs::incrementAndGet);

        assertThat(runs).hasValue(1);
    }
}
