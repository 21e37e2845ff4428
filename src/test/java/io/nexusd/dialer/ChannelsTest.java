package io.nexusd.dialer;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nexusd.appapi.TestSettings;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Inspection;
import io.nexusd.bus.Links.KnownMembers;
import io.nexusd.bus.Links.NodeState;
import io.nexusd.bus.Links.OwnBeat;
import io.nexusd.bus.MessageCounts;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Retention;
import io.nexusd.bus.Routing;
import io.nexusd.bus.Routing.Forward;
import io.nexusd.bus.Routing.Forwarding;
import io.nexusd.bus.Routing.Receiver;
import io.nexusd.model.Endpoint;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import io.nexusd.model.Settings;
import io.nexusd.model.Settings.BackpressurePolicy;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** Whatever happens to links and members, and whenever: what was for a peer is forwarded, dropped, handed over or still waits. */
@ExtendWith(VertxExtension.class)
class ChannelsTest {
    private static final int SEEDS = 1_000;
    private static final int STEPS = 60;
    private static final NodeId A = new NodeId("a");
    private static final NodeId B = new NodeId("b");

    /** Marks the end of one life among what is handed over. */
    private static final Routing.Handover END = new Routing.Handover(List.of());

    /** Of a thousand lives it is not to be read how messages are dropped. */
    @BeforeAll
    static void beSilent() {
        setLevel(Level.OFF);
    }

    @AfterAll
    static void speakAgain() {
        setLevel(null);
    }

    private static void setLevel(Level level) {
        ((Logger) LoggerFactory.getLogger("io.nexusd.dialer")).setLevel(level);
    }

    @Test
    void shouldTakeALinkThatBreaksInAWriteForBroken(Vertx vertx, VertxTestContext context) {
        vertx.runOnContext(v -> context.verify(() -> {
            Life life = new Life(vertx, new Bus(vertx), new Random(1));
            FakeLink breaking = life.linkUp(A);
            FakeLink other = life.linkUp(B);
            life.channels.memberUp(A);
            life.channels.memberUp(B);
            breaking.breaksInWrite = true;
            Future<?> queued = life.forward(List.of(A, B), Envelope.NEVER);
            assertThat(queued.succeeded()).isTrue();
            assertThat(life.channels.isLinked(A)).isFalse();
            assertThat(life.channels.waitingFor(A)).isEqualTo(1);
            assertThat(other.lastSent).as("sent to the other one").isEqualTo(1);
            FakeLink next = life.linkUp(A);
            assertThat(next.lastSent).as("sent again").isEqualTo(1);
            next.acknowledge(1, 0);
            other.acknowledge(1, 0);
            assertThat(life.unaccounted()).isZero();
            assertThat(life.channels.waiting()).isZero();
            context.completeNow();
        }));
    }

    @Test
    void shouldLoseALinkThatBreaksWhileAllAreToldSomething(Vertx vertx, VertxTestContext context) {
        vertx.runOnContext(v -> context.verify(() -> {
            Life life = new Life(vertx, new Bus(vertx), new Random(1));
            life.linkUp(A);
            life.linkUp(B);
            life.channels.links().forEach(link -> ((FakeLink) link).broke());
            assertThat(life.channels.links()).isEmpty();
            context.completeNow();
        }));
    }

    @Test
    void shouldBalanceItsBooksWhateverHappens(Vertx vertx, VertxTestContext context) {
        Bus bus = new Bus(vertx);
        long[] handed = {0};
        List<Life> over = new ArrayList<>();
        vertx.runOnContext(v -> {
            bus.on(Routing.HANDOVER, handover -> {
                handed[0] += handover.messages().size();
                if (!handover.messages().isEmpty()) {
                    return;
                }
                // All of this life was sent before.
                Life life = over.remove(0);
                context.verify(
                        () -> assertThat(life.unaccounted()).as(life.name).isEqualTo(handed[0]));
                handed[0] = 0;
                if (life.seed == SEEDS) {
                    context.completeNow();
                }
            });
            context.verify(() -> {
                for (int seed = 1; seed <= SEEDS; seed++) {
                    Life life = new Life(vertx, bus, new Random(seed));
                    life.name = "seed " + seed;
                    life.seed = seed;
                    life.groups = seed % 2 == 0;
                    life.run();
                    over.add(life);
                    bus.publish(Routing.HANDOVER, END);
                }
            });
        });
    }

    /** A few nodes that come and go, seen from one. */
    private static final class Life {
        final Random random;
        final SimpleMeterRegistry registry = new SimpleMeterRegistry();
        final Meters meters = new Meters(registry);
        final Channels channels;
        /** Those that run or will; a successor has a higher number. */
        final List<NodeId> ids =
                IntStream.range(0, 6).mapToObj(i -> new NodeId("n" + i)).toList();
        /** What each node has taken, whether that was acknowledged or not. */
        final Map<NodeId, Long> taken = new HashMap<>();

        String name = "";
        int seed;
        boolean groups;
        private Settings settings;
        private int messages;

        Life(Vertx vertx, Bus bus, Random random) {
            this.random = random;
            changeSettings();
            channels = new Channels(vertx, bus, meters, () -> settings, (id, reason) -> {});
        }

        void run() {
            for (int i = 0; i < STEPS; i++) {
                step();
                if (!groups) {
                    assertThat(unaccounted()).as("%s step %d", name, i).isZero();
                }
            }
            ids.forEach(id -> channels.memberDown(id, Optional.empty()));
            channels.reap(Long.MAX_VALUE / 2);
            assertThat(channels.waiting()).as(name).isZero();
        }

        private void step() {
            NodeId id = ids.get(random.nextInt(ids.size()));
            FakeLink link = (FakeLink) channels.link(id);
            switch (random.nextInt(13)) {
                case 0, 1, 2, 3 ->
                    forward(
                            ids.stream().filter(to -> random.nextBoolean()).toList(),
                            random.nextInt(5) > 0 ? Envelope.NEVER : System.nanoTime() + random.nextInt(300_000));
                case 4, 5 -> {
                    if (link == null) {
                        linkUp(id);
                    } else {
                        link.acknowledgeSome();
                    }
                }
                case 6 -> channels.memberUp(id);
                case 7 -> {
                    if (link != null && random.nextBoolean()) {
                        link.broke();
                    } else if (link != null) {
                        link.breaksInWrite = true;
                    }
                }
                case 8 -> {
                    NodeId heir = ids.get(random.nextInt(ids.size()));
                    channels.memberDown(
                            id, random.nextBoolean() && !heir.equals(id) ? Optional.of(heir) : Optional.empty());
                }
                case 9 -> channels.routed(new Routing.PeerRoutes(id, List.of(random.nextBoolean() ? "#" : "topic/1")));
                case 10 -> channels.reap(System.nanoTime());
                case 11 -> {
                    changeSettings();
                    channels.applyLimits();
                }
                default -> {
                    if (link != null && random.nextBoolean()) {
                        link.slow = !link.slow;
                        link.listener.onWritable();
                    } else if (random.nextBoolean()) {
                        channels.unlink(id);
                    } else {
                        channels.closeStrangers();
                    }
                }
            }
        }

        private void changeSettings() {
            TestSettings changed = new TestSettings();
            changed.outboundQueueLimit = 1 + random.nextInt(random.nextBoolean() ? 5 : 1_000);
            changed.policy = BackpressurePolicy.values()[random.nextInt(BackpressurePolicy.values().length)];
            settings = changed.build();
        }

        FakeLink linkUp(NodeId id) {
            FakeLink link = new FakeLink(this, id);
            channels.linked(link);
            return link;
        }

        Future<?> forward(List<NodeId> to, long expiresNs) {
            String topic = "topic/" + random.nextInt(2);
            Envelope envelope = new Envelope(
                    "m" + messages++, topic, ByteString.EMPTY, "", 0, "n", false, "", 0, Map.of(), expiresNs);
            List<Receiver> receivers = to.stream().map(this::receiver).toList();
            meters.targets(receivers.size());
            return channels.forward(new Forward(List.of(new Forwarding(envelope, receivers))));
        }

        private Receiver receiver(NodeId id) {
            List<String> shares = !groups || random.nextInt(3) > 0
                    ? List.of()
                    : random.nextBoolean() ? List.of("$share/g/#") : List.of("$share/g/#", "$share/h/#");
            return new Receiver(id, shares.isEmpty() || random.nextBoolean(), shares, 0);
        }

        /** Returns how many targets are neither forwarded nor dropped, and do not wait either. */
        long unaccounted() {
            return MessageCounts.of(registry, "targets")
                    - MessageCounts.of(registry, "forwarded")
                    - MessageCounts.of(registry, "dropped")
                    - channels.waiting();
        }
    }

    /** A link to a node that takes what comes, unless it breaks, and acknowledges it at some time. */
    private static final class FakeLink implements Link {
        private final Life life;
        private final NodeId id;
        private final long lastTaken;
        private Listener listener;
        private long lastSent;
        private long lastAcknowledged;
        private boolean breaksInWrite;
        private boolean slow;
        private boolean broken;
        private boolean closed;

        FakeLink(Life life, NodeId id) {
            this.life = life;
            this.id = id;
            this.lastTaken = life.taken.getOrDefault(id, 0L);
            this.lastAcknowledged = lastTaken;
        }

        void acknowledgeSome() {
            long through = Math.min(lastSent, life.taken.getOrDefault(id, 0L));
            if (through > lastAcknowledged) {
                acknowledge(through - life.random.nextInt((int) (through - lastAcknowledged)), 0);
            }
        }

        void acknowledge(long through, int refused) {
            lastAcknowledged = through;
            listener.onAcknowledged(through, refused);
        }

        void broke() {
            if (!broken && !closed) {
                broken = true;
                listener.onBroken("broken");
            }
        }

        @Override
        public NodeIdentity peer() {
            return new NodeIdentity(id, "c", "name", dialed(), 0, 2, "", 0);
        }

        @Override
        public Endpoint dialed() {
            return new Endpoint("h", 1);
        }

        @Override
        public long topicHash() {
            return 0;
        }

        @Override
        public long lastTaken() {
            return lastTaken;
        }

        @Override
        public void listen(Listener newListener) {
            listener = newListener;
        }

        @Override
        public boolean writable() {
            return !broken && !slow;
        }

        @Override
        public void send(Outbox.Batch batch) {
            assertThat(broken || closed).as("sent over a dead link").isFalse();
            lastSent = batch.firstSequence() + batch.entries().size() - 1;
            if (!breaksInWrite || life.random.nextBoolean()) {
                life.taken.merge(id, lastSent, Math::max);
            }
            if (breaksInWrite) {
                broke();
            }
        }

        @Override
        public void flush() {
            assertThat(broken || closed).as("flushed a dead link").isFalse();
        }

        @Override
        public void beat(OwnBeat beat) {}

        @Override
        public void identify(OwnBeat own) {}

        @Override
        public Future<NodeState> fetchState() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Future<KnownMembers> fetchMembers() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Future<Inspection.View> fetchView() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Future<Retention.Digest> fetchRetainedDigest(List<Long> bucketHashes, int fromBucket) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Future<Retention.Messages> fetchRetained(List<String> topics) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long heardMono() {
            return 0;
        }

        @Override
        public int beaconIntervalMs() {
            return 0;
        }

        @Override
        public void heardElsewhere(long topicHash) {}

        @Override
        public void close() {
            closed = true;
        }
    }
}
