package io.nexusd.appapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nexusd.bus.MessageCounts;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Routing.Numbered;
import io.nexusd.bus.Routing.Replayed;
import io.nexusd.bus.Routing.TopicReplay;
import io.nexusd.model.Envelope;
import io.nexusd.model.Envelopes;
import io.nexusd.model.Settings;
import io.nexusd.proto.sidecar.GapRecoveryMode;
import io.nexusd.proto.sidecar.MessageEvent;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A subscription that leaves and comes back at any moment, against a model of the router: messages and answers are on their
 * way for any time, in order. Each message comes once, in order, or is told as missed, and the books balance.
 */
class ResumptionTest {
    private static final int SEEDS = 5_000;
    private static final int TOPICS = 3;
    private static final Settings.Delivery RULES = new TestSettings().build().delivery();

    /** The router: numbers messages, keeps the last few of each topic, and answers. */
    private static final class Router {
        final int kept;
        final Map<String, List<Envelope>> published = new HashMap<>();
        final Queue<Runnable> onTheWay = new ArrayDeque<>();

        Router(int kept) {
            this.kept = kept;
        }

        Replayed replay(Map<String, Long> after, boolean messages) {
            List<TopicReplay> topics = new ArrayList<>();
            after.forEach((topic, last) -> {
                List<Envelope> all = published.getOrDefault(topic, List.of());
                List<Numbered> found = new ArrayList<>();
                for (int i = Math.max(last.intValue(), all.size() - kept); messages && i < all.size(); i++) {
                    found.add(new Numbered(all.get(i), i + 1L));
                }
                topics.add(new TopicReplay(topic, last, found, all.size()));
            });
            return new Replayed(topics, List.of(), true);
        }
    }

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void shouldBringEachMessageOnceOrSayThatItIsMissing() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            registry.clear();
            run(seed);
        }
    }

    private void run(long seed) {
        Random random = new Random(seed);
        Meters meters = new Meters(registry);
        Router router = new Router(1 + random.nextInt(6));
        Subscription subscription = new Subscription(
                new Subscription.Wish("s", List.of("#"), "", false, false),
                new SubscriberBuffer(1 + random.nextInt(random.nextBoolean() ? 5 : 100), 1_000_000),
                new EventWriter(),
                meters);
        subscription.attach(null, 1, 0);
        Run run = new Run(random, meters, router, subscription);
        run.live = true;
        for (int step = 0; step < 80; step++) {
            run.step();
        }
        run.settle();
        long published = 0;
        for (Map.Entry<String, List<Envelope>> entry : router.published.entrySet()) {
            List<Long> got = run.received.getOrDefault(entry.getKey(), List.of());
            assertThat(got).as("seed %d %s", seed, entry.getKey()).isSorted().doesNotHaveDuplicates();
            published += entry.getValue().size();
        }
        long received = run.received.values().stream().mapToLong(List::size).sum();
        long toldDropped = subscription.buffer().dropped();
        // What was told as dropped may be in the history still, and come, or be missed, when the subscription is back.
        assertThat(received + run.toldMissed + toldDropped)
                .as("seed %d", seed)
                .isBetween(published, published + toldDropped);
        double targets = registry.counter("nexusd.messages.targets").count();
        double dropped = MessageCounts.of(registry, "dropped");
        assertThat(received + dropped).as("seed %d", seed).isEqualTo(targets);
    }

    /** One life of a subscription. */
    private static final class Run {
        final Random random;
        final Meters meters;
        final Router router;
        final Subscription subscription;
        final Map<String, List<Long>> received = new HashMap<>();
        long toldMissed;
        /** It has a stream that flows; not while it is away, nor while the router is being asked. */
        boolean live;

        boolean asking;
        Object current;
        int ids;

        Run(Random random, Meters meters, Router router, Subscription subscription) {
            this.random = random;
            this.meters = meters;
            this.router = router;
            this.subscription = subscription;
        }

        void step() {
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> publish();
                case 3, 4 -> arrive();
                case 5 -> read(random.nextInt(4));
                case 6 -> {
                    if (live || (asking && random.nextBoolean())) {
                        leave();
                    }
                }
                default -> {
                    if (!live && !asking) {
                        resume();
                    }
                }
            }
        }

        void settle() {
            if (!live && !asking) {
                resume();
            }
            while (!router.onTheWay.isEmpty()) {
                arrive();
            }
            if (!live) {
                resume();
                arrive();
            }
            read(Integer.MAX_VALUE);
        }

        private void publish() {
            String topic = "t" + random.nextInt(TOPICS);
            Envelope envelope = Envelopes.of(Integer.toString(ids++), topic);
            List<Envelope> all = router.published.computeIfAbsent(topic, t -> new ArrayList<>());
            all.add(envelope);
            long sequence = all.size();
            meters.targets(1);
            router.onTheWay.add(() -> offer(envelope, sequence));
        }

        private void offer(Envelope envelope, long sequence) {
            if (!live && !asking) {
                subscription.away().note(envelope.topic(), sequence);
            } else {
                SubscriberBuffer buffer = subscription.buffer();
                long droppedBefore = buffer.dropped();
                buffer.offer(
                        EncodedMessage.of(envelope, sequence, false),
                        RULES.backpressurePolicy(),
                        Envelope.NEVER,
                        0,
                        null,
                        0);
                meters.dropped(Meters.Dropped.QUEUE_FULL, buffer.dropped() - droppedBefore);
            }
        }

        private void arrive() {
            Runnable next = router.onTheWay.poll();
            if (next != null) {
                next.run();
            }
        }

        private void leave() {
            live = false;
            asking = false;
            Away away = subscription.away() == null ? new Away(false, Long.MAX_VALUE) : subscription.away();
            subscription.leave(away);
        }

        private void resume() {
            asking = true;
            Map<String, Long> after = new HashMap<>(subscription.away().lastByTopic());
            boolean replay = random.nextInt(4) > 0;
            GapRecoveryMode mode =
                    replay ? GapRecoveryMode.GAP_RECOVERY_REPLAY_BUFFER : GapRecoveryMode.GAP_RECOVERY_NONE;
            Object attempt = new Object();
            current = attempt;
            // The question travels no time here: what matters is what is on its way to the subscription.
            Replayed answer = router.replay(after, replay);
            router.onTheWay.add(() -> {
                if (asking && current == attempt) {
                    asking = false;
                    live = true;
                    toldMissed += new Resumption(subscription, mode, answer, meters).takeUp();
                    subscription.returned();
                }
            });
        }

        private void read(int count) {
            if (!live) {
                return;
            }
            for (int i = 0; i < count && !subscription.backlog().isEmpty(); i++) {
                Buffer frames = subscription.backlog().next(1, 0);
                MessageEvent event = parse(frames);
                if (event.hasReplayMessage()) {
                    note(
                            event.getReplayMessage().getTopic(),
                            event.getReplayMessage().getSequenceNumber());
                }
            }
            for (int i = 0; i < count && subscription.backlog().isEmpty(); i++) {
                EncodedMessage message = subscription.buffer().poll(0);
                if (message == null) {
                    return;
                }
                note(message.topic(), message.sequence());
            }
        }

        private void note(String topic, long sequence) {
            received.computeIfAbsent(topic, t -> new ArrayList<>()).add(sequence);
        }

        private static MessageEvent parse(Buffer frame) {
            try {
                return MessageEvent.parseFrom(frame.getBytes(5, frame.length()));
            } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        }
    }
}
