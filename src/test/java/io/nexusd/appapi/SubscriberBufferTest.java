package io.nexusd.appapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.nexusd.appapi.SubscriberBuffer.Losses;
import io.nexusd.appapi.SubscriberBuffer.Offered;
import io.nexusd.model.Envelope;
import io.nexusd.model.Settings.BackpressurePolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SubscriberBufferTest {
    private static final long NEVER = SubscriberBuffer.NEVER;
    private static final long BLOCK_NS = 100;

    private final List<String> released = new ArrayList<>();

    @Test
    void shouldGiveMessagesInTheirOrder() {
        SubscriberBuffer buffer = new SubscriberBuffer(10, 1_000_000);
        offerAll(buffer, BackpressurePolicy.DROP_OLDEST, "a", "b", "c");

        assertThat(pollAll(buffer, 0)).containsExactly("a", "b", "c");
        assertThat(buffer.hasLosses()).isFalse();
        assertThat(buffer.size()).isZero();
    }

    @Test
    void shouldDropTheOldest() {
        SubscriberBuffer buffer = new SubscriberBuffer(2, 1_000_000);

        assertThat(offerAll(buffer, BackpressurePolicy.DROP_OLDEST, "a", "b", "c", "d"))
                .containsExactly(Offered.QUEUED, Offered.QUEUED, Offered.DROPPED, Offered.DROPPED);
        assertThat(buffer.takeLosses()).isEqualTo(new Losses(2, 0));
        assertThat(buffer.takeLosses()).isEqualTo(new Losses(0, 0));
        assertThat(pollAll(buffer, 0)).containsExactly("c", "d");
    }

    @Test
    void shouldDropTheNewest() {
        SubscriberBuffer buffer = new SubscriberBuffer(2, 1_000_000);
        offerAll(buffer, BackpressurePolicy.DROP_NEWEST, "a", "b", "c", "d");

        assertThat(buffer.dropped()).isEqualTo(2);
        assertThat(pollAll(buffer, 0)).containsExactly("a", "b");
    }

    @Test
    void shouldKeepTheByteLimitButTakeOneMessageOfAnySize() {
        int size = message("a", 1000).frameBytes();
        SubscriberBuffer buffer = new SubscriberBuffer(100, 3L * size);
        for (String id : List.of("a", "b", "c", "d")) {
            offer(buffer, message(id, 1000), BackpressurePolicy.DROP_OLDEST, NEVER, 0);
        }
        assertThat(buffer.size()).isEqualTo(3);

        offer(buffer, message("e", 10 * size), BackpressurePolicy.DROP_OLDEST, NEVER, 0);

        assertThat(pollAll(buffer, 0)).containsExactly("e");
        assertThat(buffer.dropped()).isEqualTo(4);
    }

    @Test
    void shouldLetPublishersWaitAndAdmitThemInOrder() {
        SubscriberBuffer buffer = new SubscriberBuffer(1, 1_000_000);

        assertThat(offerAll(buffer, BackpressurePolicy.BLOCK, "a", "b"))
                .containsExactly(Offered.QUEUED, Offered.BLOCKED);
        assertThat(released).isEmpty();
        assertThat(buffer.size()).isEqualTo(2);

        assertThat(pollAll(buffer, 0)).containsExactly("a", "b");
        assertThat(released).containsExactly("b:false");
        assertThat(buffer.dropped()).isZero();
    }

    @Test
    void shouldDropTheOldestWhenAPublisherHasWaitedLongEnough() {
        SubscriberBuffer buffer = new SubscriberBuffer(1, 1_000_000);
        offerAll(buffer, BackpressurePolicy.BLOCK, "a", "b");

        buffer.tick(BLOCK_NS - 1);
        assertThat(released).isEmpty();
        buffer.tick(BLOCK_NS);

        assertThat(released).containsExactly("b:true");
        assertThat(buffer.dropped()).isEqualTo(1);
        assertThat(pollAll(buffer, BLOCK_NS)).containsExactly("b");
    }

    @Test
    void shouldBoundWhatWaitsForRoomByBytesAndNotByTheSizeOfTheQueue() {
        SubscriberBuffer few = new SubscriberBuffer(2, 1_000_000);
        offerAll(few, BackpressurePolicy.BLOCK, "a", "b", "c", "d", "e");
        assertThat(pollAll(few, 0)).containsExactly("a", "b", "c", "d", "e");
        assertThat(few.dropped()).isZero();
        assertThat(released).containsExactly("c:false", "d:false", "e:false");

        released.clear();
        int size = message("a", 1000).frameBytes();
        SubscriberBuffer small = new SubscriberBuffer(100, 2L * size);
        for (String id : List.of("a", "b", "c", "d", "e", "f")) {
            offer(small, message(id, 1000), BackpressurePolicy.BLOCK, NEVER, 0);
        }
        assertThat(small.size()).isLessThanOrEqualTo(4);
        assertThat(pollAll(small, 0)).endsWith("e", "f");
    }

    @Test
    void shouldDropTheOldestForWhomNobodyCanBeMadeToWait() {
        SubscriberBuffer buffer = new SubscriberBuffer(1, 1_000_000);
        buffer.offer(message("a", 1), BackpressurePolicy.BLOCK, NEVER, BLOCK_NS, null, 0);

        assertThat(buffer.offer(message("b", 1), BackpressurePolicy.BLOCK, NEVER, BLOCK_NS, null, 0))
                .isEqualTo(Offered.DROPPED);
        assertThat(pollAll(buffer, 0)).containsExactly("b");
    }

    @Test
    void shouldNeverGiveAnExpiredMessage() {
        SubscriberBuffer buffer = new SubscriberBuffer(10, 1_000_000);
        offer(buffer, message("a", 1), BackpressurePolicy.DROP_OLDEST, 50, 0);
        offer(buffer, message("b", 1), BackpressurePolicy.DROP_OLDEST, NEVER, 0);
        offer(buffer, message("c", 1), BackpressurePolicy.DROP_OLDEST, 51, 0);

        assertThat(pollAll(buffer, 50)).containsExactly("b", "c");
        assertThat(buffer.takeLosses()).isEqualTo(new Losses(0, 1));
    }

    @Test
    void shouldFreeWhatExpiresInTheQueueAndInTheWait() {
        SubscriberBuffer buffer = new SubscriberBuffer(2, 1_000_000);
        offer(buffer, message("a", 1), BackpressurePolicy.BLOCK, NEVER, 0);
        offer(buffer, message("b", 1), BackpressurePolicy.BLOCK, 10, 0);
        offer(buffer, message("c", 1), BackpressurePolicy.BLOCK, 20, 0);
        offer(buffer, message("d", 1), BackpressurePolicy.BLOCK, NEVER, 0);

        buffer.tick(10);
        assertThat(released).containsExactly("c:false");
        assertThat(buffer.size()).isEqualTo(3);
        buffer.tick(20);
        assertThat(released).containsExactly("c:false", "d:false");
        assertThat(buffer.expired()).isEqualTo(2);
        assertThat(pollAll(buffer, 20)).containsExactly("a", "d");
    }

    @Test
    void shouldDropTheOldestWhenTheLimitsShrink() {
        SubscriberBuffer buffer = new SubscriberBuffer(10, 1_000_000);
        offerAll(buffer, BackpressurePolicy.DROP_OLDEST, "a", "b", "c", "d");
        buffer.setLimits(2, 1_000_000);

        assertThat(buffer.limit()).isEqualTo(2);
        assertThat(buffer.dropped()).isEqualTo(2);
        assertThat(pollAll(buffer, 0)).containsExactly("c", "d");
    }

    @Test
    void shouldReleaseWhoWaitsWhenEmptied() {
        SubscriberBuffer buffer = new SubscriberBuffer(1, 1_000_000);
        offerAll(buffer, BackpressurePolicy.BLOCK, "a", "b");

        assertThat(buffer.drain()).hasSize(2);
        assertThat(released).containsExactly("b:false");
        assertThat(buffer.size()).isZero();
        assertThat(buffer.dropped()).isZero();
    }

    @Test
    void shouldTellTheAgeOfTheOldest() {
        SubscriberBuffer buffer = new SubscriberBuffer(10, 1_000_000);
        assertThat(buffer.oldestAgeNs(5)).isZero();
        offer(buffer, message("a", 1), BackpressurePolicy.DROP_OLDEST, NEVER, 100);
        assertThat(buffer.oldestAgeNs(150)).isEqualTo(50);
    }

    /** Nothing is lost unaccounted, limits hold and every wait ends once, whatever happens. */
    @ParameterizedTest
    @EnumSource(BackpressurePolicy.class)
    void shouldAccountForEveryMessage(BackpressurePolicy policy) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int limit = 1 + random.nextInt(20);
        SubscriberBuffer buffer = new SubscriberBuffer(limit, 20_000);
        long offered = 0;
        long given = 0;
        int waits = 0;
        for (long nowNs = 0; nowNs < 5000; nowNs++) {
            int action = random.nextInt(10);
            if (action < 6) {
                long expires = random.nextInt(3) == 0 ? nowNs + random.nextInt(200) : NEVER;
                Offered result = offer(buffer, message("m", random.nextInt(3000)), policy, expires, nowNs);
                waits += result == Offered.BLOCKED ? 1 : 0;
                offered++;
            } else if (action < 9) {
                given += buffer.poll(nowNs) == null ? 0 : 1;
            } else {
                buffer.tick(nowNs);
            }
            assertThat(offered)
                    .as("seed " + seed + " at " + nowNs)
                    .isEqualTo(given + buffer.dropped() + buffer.expired() + buffer.size());
            int waiting = policy == BackpressurePolicy.BLOCK ? Integer.MAX_VALUE : limit;
            assertThat(buffer.size()).as("seed " + seed).isLessThanOrEqualTo(waiting);
            assertThat(buffer.waitingBytes()).as("seed " + seed).isLessThanOrEqualTo(2 * 20_000);
        }
        long left = buffer.drain().size();
        assertThat(offered).as("seed " + seed).isEqualTo(given + buffer.dropped() + buffer.expired() + left);
        assertThat(released).as("seed " + seed).hasSize(waits);
    }

    private List<Offered> offerAll(SubscriberBuffer buffer, BackpressurePolicy policy, String... ids) {
        List<Offered> results = new ArrayList<>();
        for (String id : ids) {
            results.add(offer(buffer, message(id, 1), policy, NEVER, 0));
        }
        return results;
    }

    private Offered offer(
            SubscriberBuffer buffer, EncodedMessage message, BackpressurePolicy policy, long expiresNs, long nowNs) {
        String id = EncodedMessageTest.parse(message).getMessage().getMessageId();
        return buffer.offer(
                message, policy, expiresNs, nowNs + BLOCK_NS, forced -> released.add(id + ":" + forced), nowNs);
    }

    private static List<String> pollAll(SubscriberBuffer buffer, long nowNs) {
        List<String> ids = new ArrayList<>();
        for (EncodedMessage next = buffer.poll(nowNs); next != null; next = buffer.poll(nowNs)) {
            ids.add(EncodedMessageTest.parse(next).getMessage().getMessageId());
        }
        return ids;
    }

    private static EncodedMessage message(String id, int payloadBytes) {
        return EncodedMessage.of(
                new Envelope(
                        id,
                        "t",
                        ByteString.copyFrom(new byte[payloadBytes]),
                        "",
                        0,
                        "n",
                        false,
                        "",
                        0,
                        Map.of(),
                        Envelope.NEVER),
                1,
                false);
    }
}
