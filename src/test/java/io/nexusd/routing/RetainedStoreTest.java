package io.nexusd.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.bus.Retention;
import io.nexusd.bus.Retention.Version;
import io.nexusd.model.Envelope;
import io.nexusd.model.Envelopes;
import io.nexusd.routing.RetainedStore.Offered;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RetainedStoreTest {
    private final RetainedStore store = new RetainedStore(100, 1_000_000);

    private static Envelope retained(String topic, String payload, long timestampMs) {
        return Envelopes.of("id-" + topic + timestampMs, topic, payload, timestampMs, Envelope.NEVER);
    }

    private static List<String> payloads(List<Envelope> envelopes) {
        return envelopes.stream().map(e -> e.payload().toStringUtf8()).toList();
    }

    @Test
    void shouldHoldTheNewestOfATopic() {
        assertThat(store.offer(retained("a", "1", 10), 0)).isEqualTo(Offered.FIRST);
        assertThat(store.offer(retained("a", "2", 20), 0)).isEqualTo(Offered.NEWER);
        assertThat(store.offer(retained("a", "2", 20), 0)).isEqualTo(Offered.SAME);
        assertThat(store.offer(retained("a", "1", 10), 0)).isEqualTo(Offered.OLDER);
        assertThat(payloads(store.all(0))).containsExactly("2");
    }

    @Test
    void shouldMakeALocalPublishTheNewestWhateverTheClockSays() {
        store.offer(retained("a", "from a clock that is ahead", 5_000), 0);
        assertThat(store.timestampFor("a", 1_000)).isEqualTo(5_001);
        assertThat(store.timestampFor("a", 9_000)).isEqualTo(9_000);
        assertThat(store.timestampFor("b", 1_000)).isEqualTo(1_000);
    }

    @Test
    void shouldNotBringBackWhatWasClearedOrHasExpired() {
        store.offer(retained("a", "1", 10), 0);
        assertThat(store.offer(retained("a", "", 20), 0)).isEqualTo(Offered.NEWER);
        assertThat(store.all(0)).isEmpty();
        assertThat(store.offer(retained("a", "1", 10), 0)).isEqualTo(Offered.OLDER);
        assertThat(store.offer(retained("a", "3", 30), 0)).isEqualTo(Offered.FIRST);

        store.offer(Envelopes.of("x2", "x", "brief", 20, 100), 0);
        assertThat(payloads(store.all(99))).contains("brief");
        assertThat(payloads(store.all(100))).doesNotContain("brief");
        assertThat(store.get("x", 100)).isNull();
        assertThat(store.reap(100)).isTrue();
        assertThat(store.reap(100)).isFalse();
        assertThat(store.offer(retained("x", "before it", 10), 0)).isEqualTo(Offered.OLDER);
        assertThat(store.size()).isEqualTo(1);
    }

    @Test
    void shouldLetTheOldestGoWhenItIsFull() {
        RetainedStore small = new RetainedStore(2, 1_000_000);
        small.offer(retained("a", "1", 10), 0);
        small.offer(retained("b", "2", 30), 0);
        small.offer(retained("c", "3", 20), 0);
        assertThat(payloads(small.all(0))).containsExactly("2", "3");
        assertThat(small.evicted()).isEqualTo(1);
        assertThat(small.offer(retained("d", "too old", 5), 0)).isEqualTo(Offered.NO_ROOM);
        small.setLimits(100, retained("b", "2", 30).memoryBytes());
        assertThat(payloads(small.all(0))).containsExactly("2");
        small.setLimits(0, 0);
        assertThat(small.bytes()).isZero();
        assertThat(small.offer(retained("e", "none is kept", 99), 0)).isEqualTo(Offered.NO_ROOM);
    }

    @Test
    void shouldNotClearOthersForWhatIsTooLargeForItself() {
        long room = 3L * retained("a", "small", 1).memoryBytes();
        RetainedStore small = new RetainedStore(100, room);
        small.offer(retained("a", "small", 10), 0);
        small.offer(retained("b", "small", 10), 0);
        String large = "x".repeat((int) room);
        assertThat(small.offer(retained("b", large, 20), 0)).isEqualTo(Offered.NO_ROOM);
        assertThat(payloads(small.all(0))).containsExactly("small");
        assertThat(small.offer(retained("b", "older than what was too large", 15), 0))
                .isEqualTo(Offered.OLDER);
    }

    @Test
    void shouldFindByFilter() {
        for (String topic : List.of("a", "a/b", "a/b/c", "a-b", "ab", "b/b")) {
            store.offer(retained(topic, topic, 1), 0);
        }
        assertThat(payloads(store.matching("#", 0))).hasSize(6);
        assertThat(payloads(store.matching("a/#", 0))).containsExactly("a", "a/b", "a/b/c");
        assertThat(payloads(store.matching("+/b", 0))).containsExactly("a/b", "b/b");
        assertThat(payloads(store.matching("a/+", 0))).containsExactly("a/b");
        assertThat(payloads(store.matching("a/b/#", 0))).containsExactly("a/b", "a/b/c");
    }

    /** Nodes that hear everything, in any order and partly by comparing, end with the same; nothing known is sent. */
    @Test
    void shouldComeToTheSameOnAllNodesInWhateverOrder() {
        for (long seed = 1; seed <= 500; seed++) {
            Random random = new Random(seed);
            List<Envelope> all = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                String topic = "t/" + random.nextInt(10);
                String payload = random.nextInt(4) == 0 ? "" : "p" + i;
                all.add(Envelopes.of("m" + i, topic, payload, random.nextInt(5), Envelope.NEVER));
            }
            RetainedStore left = new RetainedStore(100, 1_000_000);
            RetainedStore right = new RetainedStore(100, 1_000_000);
            all.forEach(envelope -> left.offer(envelope, 0));
            Collections.shuffle(all, random);
            all.subList(0, random.nextInt(40)).forEach(envelope -> right.offer(envelope, 0));
            bring(left, right, seed);
            bring(right, left, seed);
            assertThat(right.hash()).as("seed %d", seed).isEqualTo(left.hash());
            assertThat(right.bucketHashes()).as("seed %d", seed).isEqualTo(left.bucketHashes());
            assertThat(payloads(right.all(0))).as("seed %d", seed).isEqualTo(payloads(left.all(0)));
            assertThat(left.digest(right.bucketHashes())).as("seed %d", seed).isEmpty();
        }
    }

    /** However small the pages are, together they say what one answer says. */
    @Test
    void shouldTellItsVersionsInPagesOfWholeBuckets() {
        for (int i = 0; i < 90; i++) {
            store.offer(retained("t/" + i, "x", i), 0);
        }
        store.offer(retained("t/7", "", 1_000), 0);
        List<Long> none = Collections.nCopies(Retention.BUCKETS, 0L);
        List<Version> whole = store.digest(none);
        assertThat(whole).hasSize(90);
        for (int size : List.of(1, 7, 50, 1_000)) {
            List<Version> inPages = new ArrayList<>();
            int bucket = 0;
            int pages = 0;
            do {
                Retention.Digest page = store.digest(none, bucket, size);
                assertThat(page.versions()).isNotEmpty();
                inPages.addAll(page.versions());
                bucket = page.nextBucket();
                pages++;
            } while (bucket > 0);
            assertThat(inPages).as("size %d", size).containsExactlyInAnyOrderElementsOf(whole);
            assertThat(pages).as("size %d", size).isGreaterThanOrEqualTo((90 + size - 1) / size / 2);
        }
        assertThat(store.digest(none, Retention.BUCKETS, 10).versions()).isEmpty();
    }

    private static void bring(RetainedStore from, RetainedStore to, long seed) {
        List<String> wanted = new ArrayList<>();
        for (Version version : from.digest(to.bucketHashes())) {
            if (to.wants(version)) {
                if (version.cleared()) {
                    to.clear(version, 0);
                } else {
                    wanted.add(version.topic());
                }
            }
        }
        from.some(wanted, 0)
                .forEach(envelope ->
                        assertThat(to.offer(envelope, 0)).as("seed %d", seed).isNotEqualTo(Offered.SAME));
    }
}
