package io.nexusd.appapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nexusd.bus.MessageCounts;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Routing.Handed;
import io.nexusd.bus.Routing.Numbered;
import io.nexusd.bus.Routing.Replayed;
import io.nexusd.bus.Routing.TopicReplay;
import io.nexusd.model.Envelope;
import io.nexusd.model.Envelopes;
import io.nexusd.model.Settings;
import io.nexusd.model.Settings.BackpressurePolicy;
import io.nexusd.proto.sidecar.GapRecoveryMode;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.wire.ServerCall;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever happens to a subscription and its streams, and whenever: what was for it is delivered, dropped or still waits. */
class SubscriptionTest {
    private static final int SEEDS = 1_000;
    private static final int STEPS = 80;

    @Test
    void shouldLeaveAStreamThatIsFoundClosedInAWrite() {
        Life life = new Life(new Random(1), false);
        life.open();
        life.publish("a", Envelope.NEVER);
        life.publish("a", Envelope.NEVER);
        life.arriveAll();
        life.stream.breaksInWrite = true;
        life.subscription.flush(life.nowNs);
        assertThat(life.subscription.call()).isNull();
        assertThat(life.subscription.view().delivered())
                .as("left with that write")
                .isEqualTo(2);
        life.publish("a", Envelope.NEVER);
        life.arriveAll();
        assertThat(life.subscription.away().missed()).isEqualTo(1);
        assertThat(life.unaccounted()).isZero();
    }

    @Test
    void shouldBalanceItsBooksWhateverHappens() {
        for (int seed = 1; seed <= SEEDS; seed++) {
            Life life = new Life(new Random(seed), seed % 4 == 0);
            life.open();
            for (int step = 0; step < STEPS; step++) {
                life.step();
                assertThat(life.unaccounted()).as("seed %d step %d", seed, step).isZero();
            }
            life.arriveAll();
            life.end();
            assertThat(life.unaccounted()).as("seed %d at its end", seed).isZero();
        }
    }

    /** A stream that takes what comes, unless it is slow or breaks. */
    private static final class FakeStream {
        final ServerCall call;
        boolean slow;
        boolean breaksInWrite;
        private Handler<Void> onClose;

        FakeStream() {
            HttpServerResponse response = proxy(HttpServerResponse.class, (method, arguments) -> switch (method) {
                case "closeHandler" -> {
                    onClose = handler(arguments[0]);
                    yield null;
                }
                case "writeQueueFull" -> slow;
                case "write" -> {
                    if (breaksInWrite) {
                        breaks();
                    }
                    yield Future.succeededFuture();
                }
                case "end" -> Future.succeededFuture();
                case "headWritten" -> true;
                case "trailers" -> io.vertx.core.MultiMap.caseInsensitiveMultiMap();
                default -> null;
            });
            call = new ServerCall(
                    proxy(HttpServerRequest.class, (method, arguments) -> method.equals("response") ? response : null),
                    1_000);
        }

        void breaks() {
            onClose.handle(null);
        }

        @SuppressWarnings("unchecked")
        private static Handler<Void> handler(Object argument) {
            return (Handler<Void>) argument;
        }

        private interface Behaviour {
            Object of(String method, Object[] arguments);
        }

        /** Returns what answers as the behaviour says; where that says nothing, the methods return it itself. */
        private static <T> T proxy(Class<T> type, Behaviour behaviour) {
            return type.cast(Proxy.newProxyInstance(
                    type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                        Object answer = behaviour.of(method.getName(), arguments);
                        return answer == null && method.getReturnType().isInstance(self) ? self : answer;
                    }));
        }
    }

    /** A subscription that comes, goes and ends, on streams of all kinds, next to a router whose words take their time. */
    private static final class Life {
        final Random random;
        final boolean shared;
        final SimpleMeterRegistry registry = new SimpleMeterRegistry();
        final Meters meters = new Meters(registry);
        final Queue<Runnable> onTheWay = new ArrayDeque<>();
        final Map<String, List<Numbered>> history = new HashMap<>();
        final Map<String, Long> lastByTopic = new HashMap<>();
        final int kept;
        Subscription subscription;
        FakeStream stream;
        long nowNs = 1_000_000_000L;
        private long handles;
        private int ids;
        /** Messages on their way to the subscription. */
        private long coming;

        private long handedOver;

        Life(Random random, boolean shared) {
            this.random = random;
            this.shared = shared;
            kept = 1 + random.nextInt(8);
        }

        void step() {
            nowNs += random.nextInt(1_000_000);
            switch (random.nextInt(14)) {
                case 0, 1, 2, 3 ->
                    publish("t" + random.nextInt(3), random.nextInt(3) > 0 ? Envelope.NEVER : nowNs + someTime());
                case 4, 5 -> arrive();
                case 6 -> subscription.flush(nowNs);
                case 7 -> subscription.tick(nowNs);
                case 8 -> {
                    stream.slow = !stream.slow;
                    subscription.flush(nowNs);
                }
                case 9 -> {
                    if (random.nextBoolean()) {
                        stream.breaks();
                    } else {
                        stream.breaksInWrite = true;
                    }
                }
                case 10, 11 -> resume();
                case 12 -> {
                    if (random.nextInt(4) == 0) {
                        end();
                        open();
                    } else if (random.nextBoolean()) {
                        subscription.setLimits(1 + random.nextInt(20), 1 + random.nextInt(2_000));
                    } else {
                        leave();
                    }
                }
                default -> {
                    if (subscription.call() != null && !shared) {
                        subscription
                                .backlog()
                                .add(
                                        Envelopes.expiring("r" + ids++, "t1", nowNs + someTime()),
                                        MessageEvent.RETAINED_MESSAGE_FIELD_NUMBER);
                    }
                }
            }
        }

        /** Begins anew, as a subscription that was not known; its stream flows when the router has answered. */
        void open() {
            subscription = new Subscription(
                    new Subscription.Wish(
                            "s", List.of("#"), shared ? "g" : "", random.nextBoolean(), random.nextBoolean()),
                    new SubscriberBuffer(1 + random.nextInt(random.nextBoolean() ? 5 : 100), 10_000),
                    new EventWriter(),
                    meters);
            attach();
            if (shared || random.nextBoolean()) {
                started();
            } else {
                subscription.missFromNow();
                ask();
            }
        }

        void publish(String topic, long expiresNs) {
            Envelope envelope = Envelopes.expiring("m" + ids++, topic, expiresNs);
            long sequence = lastByTopic.merge(topic, 1L, Long::sum);
            List<Numbered> log = history.computeIfAbsent(topic, t -> new ArrayList<>());
            log.add(new Numbered(envelope, sequence));
            if (log.size() > kept) {
                log.remove(0);
            }
            meters.targets(1);
            coming++;
            EncodedMessage plain = EncodedMessage.of(envelope, sequence, random.nextBoolean());
            EncodedMessage message = shared ? plain.pickedWith(new Handed(envelope, "share", 0, sequence)) : plain;
            Subscription receiver = subscription;
            onTheWay.add(() -> {
                coming--;
                offer(receiver, message, envelope);
            });
        }

        private void offer(Subscription receiver, EncodedMessage message, Envelope envelope) {
            boolean routed = receiver == subscription && (!shared || receiver.call() != null);
            if (routed) {
                boolean mayWait = random.nextBoolean();
                receiver.offer(message, rules(), envelope.expiresNs(), mayWait ? forced -> {} : null, nowNs);
            } else if (shared) {
                handedOver++;
            } else {
                meters.dropped(Meters.Dropped.DISCONNECTED, 1);
            }
        }

        private Settings.Delivery rules() {
            TestSettings settings = new TestSettings();
            settings.policy = BackpressurePolicy.values()[random.nextInt(BackpressurePolicy.values().length)];
            settings.blockTimeoutMs = random.nextInt(3);
            return settings.build().delivery();
        }

        private long someTime() {
            return random.nextInt(10_000_000);
        }

        private void arrive() {
            Runnable next = onTheWay.poll();
            if (next != null) {
                next.run();
            }
        }

        void arriveAll() {
            while (!onTheWay.isEmpty()) {
                arrive();
            }
        }

        private void attach() {
            stream = new FakeStream();
            stream.slow = random.nextInt(3) == 0;
            ServerCall call = stream.call;
            Subscription attached = subscription;
            attached.attach(call, ++handles, nowNs);
            call.onClosed(reason -> {
                if (attached == subscription && attached.call() == call) {
                    leave();
                }
            });
        }

        private void started() {
            subscription.start(MessageEvent.getDefaultInstance(), nowNs);
            subscription.flush(nowNs);
        }

        private void leave() {
            if (subscription.call() != null) {
                Away away = subscription.away() == null ? new Away(false, Long.MAX_VALUE) : subscription.away();
                handedOver += subscription.leave(away).size();
            }
        }

        /** Comes back on another stream, also while the one before is still open or waits for the router's answer. */
        private void resume() {
            leave();
            attach();
            if (shared) {
                onTheWay.add(whenCurrent(this::started));
            } else {
                ask();
            }
        }

        private void ask() {
            GapRecoveryMode mode = GapRecoveryMode.forNumber(random.nextInt(3));
            Map<String, Long> after = new HashMap<>(subscription.away().lastByTopic());
            lastByTopic.forEach((topic, last) -> {
                if (random.nextInt(3) == 0) {
                    after.put(topic, (long) random.nextInt(last.intValue() + 1));
                }
            });
            boolean wanted = mode == GapRecoveryMode.GAP_RECOVERY_REPLAY_BUFFER;
            List<TopicReplay> topics = new ArrayList<>();
            after.forEach((topic, last) -> topics.add(
                    new TopicReplay(topic, last, wanted ? newer(topic, last) : List.of(), lastByTopic.get(topic))));
            List<Envelope> retained = random.nextBoolean() ? List.of(Envelopes.of("r" + ids++, "t1")) : List.of();
            Replayed answer = new Replayed(topics, retained, true);
            onTheWay.add(whenCurrent(() -> {
                new Resumption(subscription, mode, answer, meters).takeUp();
                started();
            }));
        }

        private List<Numbered> newer(String topic, long last) {
            return history.get(topic).stream()
                    .filter(numbered -> numbered.sequence() > last)
                    .filter(numbered -> !numbered.envelope().expiredAt(nowNs))
                    .toList();
        }

        private Runnable whenCurrent(Runnable action) {
            Subscription asking = subscription;
            ServerCall call = asking.call();
            return () -> {
                if (asking == subscription && asking.call() == call) {
                    action.run();
                }
            };
        }

        void end() {
            handedOver += subscription.discard().size();
        }

        /** Returns how many targets are neither delivered nor dropped, and do not wait either. */
        long unaccounted() {
            long missed = subscription.away() == null ? 0 : subscription.away().missed();
            return MessageCounts.of(registry, "targets")
                    - MessageCounts.of(registry, "delivered")
                    - MessageCounts.of(registry, "dropped")
                    - handedOver
                    - coming
                    - subscription.queued()
                    - missed;
        }
    }
}
