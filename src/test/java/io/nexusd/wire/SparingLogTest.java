package io.nexusd.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SparingLogTest {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();
    private final List<Long> untold = new CopyOnWriteArrayList<>();
    private final AtomicInteger told = new AtomicInteger();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void shouldTellSomeLinesAndThenHowManyWereLeftUntold() {
        SparingLog log = new SparingLog(vertx, 3, 50, untold::add);
        offer(log, 10);
        await().atMost(LONG_ENOUGH).until(() -> untold.equals(List.of(7L)));
        assertThat(told).hasValue(3);
    }

    @Test
    void shouldCountTheLineAboutTheRestAsOneOfTheNextWindow() {
        AtomicInteger afterRest = new AtomicInteger(-1);
        SparingLog[] log = new SparingLog[1];
        log[0] = new SparingLog(vertx, 1, 50, left -> {
            untold.add(left);
            afterRest.compareAndSet(-1, log[0].admits() ? 1 : 0);
        });
        offer(log[0], 5);
        await().atMost(LONG_ENOUGH).until(() -> !untold.isEmpty());
        assertThat(untold.get(0)).isEqualTo(4);
        assertThat(afterRest).hasValue(0);
    }

    private void offer(SparingLog log, int lines) {
        AtomicInteger left = new AtomicInteger(1);
        loop.runOnContext(v -> {
            for (int i = 0; i < lines; i++) {
                if (log.admits()) {
                    told.incrementAndGet();
                }
            }
            left.set(0);
        });
        await().atMost(LONG_ENOUGH).until(() -> left.get() == 0);
    }
}
