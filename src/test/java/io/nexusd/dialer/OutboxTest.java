package io.nexusd.dialer;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.nexusd.model.Envelope;
import io.nexusd.wire.EncodedEnvelope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private static Outbox.Entry entry(String id, long ttlMs) {
        Envelope envelope = new Envelope(
                id, "t", ByteString.EMPTY, "", 0, "n", false, "", ttlMs, Map.of(), Envelope.expiry(ttlMs, 0));
        return new Outbox.Entry(
                envelope, new EncodedEnvelope(ByteString.copyFromUtf8(id), new byte[0]), true, List.of(), 0);
    }

    private static List<String> ids(Outbox.Batch batch) {
        return batch.entries().stream().map(entry -> entry.envelope.messageId()).toList();
    }

    @Test
    void shouldNumberMessagesWhenTheyAreFirstSent() {
        Outbox outbox = new Outbox(10, 1000, 1);
        outbox.offer(entry("a", 0));
        outbox.offer(entry("b", 0));
        Outbox.Batch first = outbox.nextBatch(0);
        outbox.offer(entry("c", 0));
        Outbox.Batch second = outbox.nextBatch(0);
        assertThat(first.firstSequence()).isEqualTo(1);
        assertThat(ids(first)).containsExactly("a", "b");
        assertThat(second.firstSequence()).isEqualTo(3);
        assertThat(outbox.nextBatch(0)).isNull();
        assertThat(outbox.acknowledge(2)).isEqualTo(2);
        assertThat(outbox.size()).isEqualTo(1);
        assertThat(outbox.acknowledge(2)).isZero();
    }

    @Test
    void shouldRefuseWhatExceedsItsLimits() {
        Outbox few = new Outbox(2, 1000, 1);
        assertThat(few.offer(entry("a", 0))).isTrue();
        assertThat(few.offer(entry("b", 0))).isTrue();
        assertThat(few.offer(entry("c", 0))).isFalse();
        few.nextBatch(0);
        assertThat(few.offer(entry("c", 0))).as("sent is not yet settled").isFalse();
        few.acknowledge(1);
        assertThat(few.offer(entry("c", 0))).isTrue();

        Outbox small = new Outbox(100, 3, 1);
        assertThat(small.offer(entry("a", 0))).isTrue();
        assertThat(small.offer(entry("bbb", 0))).isFalse();
        assertThat(small.bytes()).isEqualTo(1);
        Outbox tiny = new Outbox(100, 3, 1);
        assertThat(tiny.offer(entry("larger than all", 0)))
                .as("alone it may pass")
                .isTrue();
    }

    @Test
    void shouldSendAgainUnderTheSameNumbersWhatThePeerHasNotTaken() {
        Outbox outbox = new Outbox(10, 1000, 1);
        for (String id : List.of("a", "b", "c", "d")) {
            outbox.offer(entry(id, 0));
        }
        outbox.nextBatch(0);
        outbox.offer(entry("e", 0));
        assertThat(outbox.relink(2)).isEqualTo(2);
        Outbox.Batch again = outbox.nextBatch(0);
        assertThat(again.firstSequence()).isEqualTo(3);
        assertThat(ids(again)).containsExactly("c", "d", "e");
        assertThat(outbox.acknowledge(5)).isEqualTo(3);
        assertThat(outbox.bytes()).isZero();
    }

    @Test
    void shouldDropTheOldestThatWasNeverSentAndNothingElse() {
        Outbox outbox = new Outbox(4, 1000, 1);
        for (String id : List.of("a", "b")) {
            outbox.offer(entry(id, 0));
        }
        outbox.nextBatch(0);
        outbox.offer(entry("c", 0));
        outbox.offer(entry("d", 0));
        assertThat(outbox.offerAtCostOfOldest(entry("e", 0))).isEqualTo(1);
        assertThat(outbox.offerAtCostOfOldest(entry("f", 0))).isEqualTo(1);
        assertThat(outbox.relink(0)).isZero();
        Outbox.Batch all = outbox.nextBatch(0);
        assertThat(ids(all)).containsExactly("a", "b", "e", "f");
        assertThat(all.firstSequence()).isEqualTo(1);
        outbox.relink(0);
        assertThat(outbox.offerAtCostOfOldest(entry("g", 0)))
                .as("all may have been taken, so the new one goes")
                .isEqualTo(1);
        assertThat(outbox.takeAll().stream().map(entry -> entry.envelope.messageId()))
                .containsExactly("a", "b", "e", "f");
        assertThat(outbox.bytes()).isZero();
    }

    @Test
    void shouldNeverReuseANumberThePeerHasSeen() {
        Outbox fresh = new Outbox(10, 1000, 1);
        fresh.offer(entry("a", 0));
        fresh.relink(41);
        assertThat(fresh.nextBatch(0).firstSequence()).isEqualTo(42);
        assertThat(fresh.nextSequence()).isEqualTo(43);
    }

    @Test
    void shouldLeaveOutWhatHasExpiredAndKeepTheNumbersOfTheRest() {
        Outbox outbox = new Outbox(10, 1000, 1);
        outbox.offer(entry("a", 0));
        outbox.offer(entry("brief", 100));
        outbox.offer(entry("c", 0));
        outbox.nextBatch(0);
        outbox.relink(0);
        Outbox.Batch before = outbox.nextBatch(200_000_000);
        Outbox.Batch after = outbox.nextBatch(200_000_000);
        assertThat(ids(before)).containsExactly("a");
        assertThat(ids(after)).containsExactly("c");
        assertThat(after.firstSequence()).isEqualTo(3);
        assertThat(outbox.takeExpired()).isEqualTo(1);
        assertThat(outbox.takeExpired()).isZero();
    }

    /** Whatever breaks when: the receiver, which drops what it has seen, gets every message once and in order. */
    @Test
    void shouldDeliverExactlyOnceInOrderOverLinksThatBreakAnywhere() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Outbox outbox = new Outbox(1_000_000, Long.MAX_VALUE, 1);
        List<String> received = new ArrayList<>();
        List<String> offered = new ArrayList<>();
        long taken = 0;
        long settled = 0;
        List<Outbox.Batch> onTheWay = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    String id = "m" + offered.size();
                    offered.add(id);
                    outbox.offer(entry(id, 0));
                }
                case 2 -> {
                    Outbox.Batch batch = outbox.nextBatch(0);
                    if (batch != null) {
                        onTheWay.add(batch);
                    }
                }
                case 3 -> {
                    if (!onTheWay.isEmpty()) {
                        taken = receive(onTheWay.remove(0), taken, received);
                        if (random.nextBoolean()) {
                            settled += outbox.acknowledge(taken);
                        }
                    }
                }
                default -> {
                    if (random.nextInt(20) == 0) {
                        // What is on its way is lost, or arrives before the next hello is answered.
                        while (!onTheWay.isEmpty() && random.nextBoolean()) {
                            taken = receive(onTheWay.remove(0), taken, received);
                        }
                        onTheWay.clear();
                        settled += outbox.relink(taken);
                    }
                }
            }
        }
        onTheWay.clear();
        settled += outbox.relink(taken);
        for (Outbox.Batch batch = outbox.nextBatch(0); batch != null; batch = outbox.nextBatch(0)) {
            taken = receive(batch, taken, received);
        }
        settled += outbox.acknowledge(taken);
        assertThat(received).as("seed %d", seed).isEqualTo(offered);
        assertThat(settled).as("seed %d", seed).isEqualTo(offered.size());
        assertThat(outbox.bytes()).isZero();
    }

    private static long receive(Outbox.Batch batch, long taken, List<String> received) {
        long sequence = batch.firstSequence();
        for (Outbox.Entry entry : batch.entries()) {
            if (sequence > taken) {
                received.add(entry.envelope.messageId());
                taken = sequence;
            }
            sequence++;
        }
        return taken;
    }
}
