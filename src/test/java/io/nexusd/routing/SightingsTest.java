package io.nexusd.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Inspection;
import io.nexusd.bus.Inspection.Seen;
import io.nexusd.bus.Inspection.TopicTraffic;
import io.nexusd.bus.Inspection.Watching;
import io.nexusd.model.Envelope;
import io.nexusd.model.Envelopes;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SightingsTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final List<Seen> shown = new CopyOnWriteArrayList<>();
    private final List<Promise<Void>> answers = new CopyOnWriteArrayList<>();
    private Vertx vertx;
    private Bus bus;
    private Context context;
    private Sightings sightings;

    @BeforeEach
    void start() throws Exception {
        vertx = Vertx.vertx();
        bus = new Bus(vertx);
        context = vertx.getOrCreateContext();
        onContext(() -> {
            sightings = new Sightings(vertx, bus);
            bus.answer(Inspection.SEEN, seen -> {
                Promise<Void> answer = Promise.promise();
                answers.add(answer);
                shown.add(seen);
                return answer.future();
            });
            return null;
        });
    }

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    private <T> T onContext(Callable<T> action) throws Exception {
        Promise<T> done = Promise.promise();
        context.runOnContext(v -> {
            try {
                done.complete(action.call());
            } catch (Exception e) {
                done.fail(e);
            }
        });
        return done.future().toCompletionStage().toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private void see(int messages) throws Exception {
        onContext(() -> {
            for (int i = 0; i < messages; i++) {
                sightings.saw(Envelopes.of("m", "a/b", "12345", 0, Envelope.NEVER), i % 2 == 1, 1, 0);
            }
            sightings.flush();
            return null;
        });
    }

    /** The word that somebody watches has arrived when a burst is shown. */
    private void watch() {
        bus.publish(Inspection.WATCHING, new Watching(true));
        await().atMost(LIMIT).until(() -> {
            see(1);
            return !shown.isEmpty();
        });
        shown.clear();
        answers.forEach(answer -> answer.tryComplete());
        answers.clear();
    }

    @Test
    void shouldShowNothingWhileNobodyWatches() throws Exception {
        see(10);
        watch();
        bus.publish(Inspection.WATCHING, new Watching(false));
        await().atMost(LIMIT).until(() -> {
            int before = shown.size();
            see(1);
            answers.forEach(answer -> answer.tryComplete());
            // Several turns of the bus, after which a burst would have come.
            see(0);
            return shown.size() == before;
        });
    }

    @Test
    void shouldCountWhatComesWhileTheWatcherDoesNotAnswer() throws Exception {
        watch();
        await().atMost(LIMIT).until(() -> {
            see(3);
            return shown.size() >= 4;
        });
        int unanswered = shown.size();
        see(5);
        see(7);
        assertThat(shown).as("no more than four bursts under way").hasSize(unanswered);
        answers.forEach(answer -> answer.tryComplete());
        await().atMost(LIMIT).until(() -> {
            see(1);
            return shown.size() > unanswered;
        });
        assertThat(shown.get(unanswered).missed()).isGreaterThanOrEqualTo(12);
    }

    @Test
    void shouldCountTopicsFromTheFirstQuestion() throws Exception {
        see(4);
        assertThat(onContext(() -> sightings.traffic()).topics()).isEmpty();
        see(3);
        assertThat(onContext(() -> sightings.traffic()).topics()).containsExactly(new TopicTraffic("a/b", 2, 1, 15));
    }

    @Test
    void shouldTellApartABoundedNumberOfTopics() throws Exception {
        onContext(() -> {
            sightings.traffic();
            for (int i = 0; i < 5000; i++) {
                sightings.saw(Envelopes.of("m", "t/" + i, "x", 0, Envelope.NEVER), false, 0, 0);
            }
            return null;
        });
        Inspection.Traffic traffic = onContext(() -> sightings.traffic());
        assertThat(traffic.topics()).hasSize(2000);
        assertThat(traffic.others().published()).isEqualTo(3000);
    }
}
