package io.nexusd.dialer;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.dialer.Candidate.Source;
import io.nexusd.dialer.DialBook.Verdict;
import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DialBookTest {
    private static final Endpoint A = new Endpoint("a", 5671);
    private static final Endpoint B = new Endpoint("b", 5671);
    private static final NodeId NODE = new NodeId("node");

    private final DialBook book = new DialBook(new Backoff(3, 1_000, 60_000, new SplittableRandom(1)), 60_000);
    private final Set<NodeId> linked = new HashSet<>();

    private List<Candidate> due(long nowMono) {
        return book.takeDue(linked::contains, nowMono);
    }

    private Candidate link(Endpoint endpoint, Source source, long nowMono) {
        book.offer(endpoint, source, null, 0, nowMono);
        Candidate candidate = due(nowMono).get(0);
        book.linked(candidate, NODE, nowMono);
        linked.add(NODE);
        return candidate;
    }

    @Test
    void shouldDialWhatIsConfiguredAtOnceAndOnlyOnceAtATime() {
        book.replaceAll(Source.STATIC, Set.of(A, B), 0);
        assertThat(due(0)).extracting(candidate -> candidate.endpoint).containsExactlyInAnyOrder(A, B);
        assertThat(due(0)).isEmpty();
    }

    @Test
    void shouldDialAConfiguredEndpointForEver() {
        book.replaceAll(Source.STATIC, Set.of(A), 0);
        long now = 0;
        for (int attempt = 1; attempt <= 100; attempt++) {
            Candidate candidate = due(now).get(0);
            Verdict verdict = book.failed(candidate, now);
            assertThat(verdict)
                    .isEqualTo(attempt == 1 ? Verdict.FIRST : attempt == 3 ? Verdict.EXHAUSTED : Verdict.AGAIN);
            now = book.nextDueMono().orElseThrow();
        }
    }

    @Test
    void shouldForgetWhatWasOnlyHeardOfAndNeverAnswered() {
        book.offer(A, Source.MULTICAST, NODE, 0, 0);
        long now = 0;
        Verdict verdict = Verdict.AGAIN;
        for (int attempt = 1; attempt <= 3; attempt++) {
            verdict = book.failed(due(now).get(0), now);
            now = book.nextDueMono().orElse(0);
        }
        assertThat(verdict).isEqualTo(Verdict.FORGOTTEN);
        assertThat(book.size()).isZero();
    }

    @Test
    void shouldDialAPartnerLostInAPartitionForTenMinutes() {
        link(A, Source.LEARNED, 0);
        linked.clear();
        book.linkLost(NODE, 1_000);
        long now = 1_000;
        while (book.failed(due(now).get(0), now) != Verdict.FORGOTTEN) {
            now = book.nextDueMono().orElseThrow();
        }
        assertThat(now).isBetween(DialBook.FORGET_AFTER_MS, DialBook.FORGET_AFTER_MS + 70_000);
    }

    @Test
    void shouldStartAgainFromAttemptOneAtOnceWhenALinkBreaks() {
        Candidate candidate = link(A, Source.STATIC, 0);
        assertThat(book.nextDueMono()).isEmpty();
        linked.clear();
        book.linkLost(NODE, 5_000);
        assertThat(due(5_000)).containsExactly(candidate);
        assertThat(candidate.failures).isZero();
    }

    @Test
    void shouldNotDialASecondAddressOfALinkedPeerUntilItsLinkBreaks() {
        link(A, Source.STATIC, 0);
        book.offer(B, Source.INBOUND, NODE, DialBook.ALTERNATIVE_DELAY_MS, 0);
        assertThat(due(10_000)).isEmpty();
        linked.clear();
        book.linkLost(NODE, 20_000);
        assertThat(due(20_000)).extracting(candidate -> candidate.endpoint).containsExactly(A);
        assertThat(due(20_000 + DialBook.ALTERNATIVE_DELAY_MS))
                .extracting(candidate -> candidate.endpoint)
                .containsExactly(B);
    }

    @Test
    void shouldDialAtOnceWhenAFailingEndpointIsHeardOf() {
        book.replaceAll(Source.STATIC, Set.of(A), 0);
        for (int i = 0; i < 10; i++) {
            long now = book.nextDueMono().orElseThrow();
            book.failed(due(now).get(0), now);
        }
        Candidate last = null;
        long now = book.nextDueMono().orElseThrow();
        last = due(now).get(0);
        book.failed(last, now);
        book.offer(A, Source.MULTICAST, NODE, 0, now + 600);
        assertThat(due(now + 600)).containsExactly(last);
    }

    @Test
    void shouldKeepDialingAConfiguredEndpointWhosePeerLeft() {
        link(A, Source.STATIC, 0);
        linked.clear();
        book.linkLost(NODE, 0);
        book.forget(NODE);
        assertThat(due(0)).hasSize(1);
    }

    @Test
    void shouldForgetALearnedEndpointWhosePeerLeft() {
        link(A, Source.LEARNED, 0);
        linked.clear();
        book.linkLost(NODE, 0);
        book.forget(NODE);
        assertThat(book.size()).isZero();
    }

    @Test
    void shouldLookAgainWhoIsAtAnAddressThatWasItsOwn() {
        book.replaceAll(Source.STATIC, Set.of(A), 0);
        Candidate candidate = due(0).get(0);
        book.answeredBySelf(candidate, 0);
        assertThat(due(59_000)).isEmpty();
        assertThat(due(60_000)).containsExactly(candidate);
    }

    @Test
    void shouldTellOnceOfAnotherCluster() {
        book.replaceAll(Source.STATIC, Set.of(A), 0);
        assertThat(book.refused(due(0).get(0), "blue", 0)).isTrue();
        long now = book.nextDueMono().orElseThrow();
        assertThat(book.refused(due(now).get(0), "blue", now)).isFalse();
        now = book.nextDueMono().orElseThrow();
        assertThat(book.refused(due(now).get(0), "green", now)).isTrue();
    }

    @Test
    void shouldDropAddressesThatTheNameNoLongerHas() {
        book.replaceAll(Source.DNS, Set.of(A, B), 0);
        Candidate gone = due(0).stream()
                .filter(candidate -> candidate.endpoint.equals(A))
                .findFirst()
                .orElseThrow();
        book.replaceAll(Source.DNS, Set.of(B), 100);
        assertThat(book.contains(gone)).isFalse();
        assertThat(book.failed(gone, 200)).isEqualTo(Verdict.FORGOTTEN);
        assertThat(book.size()).isEqualTo(1);
    }

    @Test
    void shouldBoundWhatStrangersMakeItRememberAndDial() {
        for (int i = 0; i < 100_000; i++) {
            book.offer(new Endpoint("h" + i, 1), Source.MULTICAST, new NodeId("n" + i), 0, 0);
        }
        assertThat(book.size()).isEqualTo(DialBook.MAX_UNPROVEN);
        assertThat(due(0)).hasSize(DialBook.MAX_UNPROVEN_DIALS);
        assertThat(due(0)).isEmpty();
        book.replaceAll(Source.STATIC, Set.of(A), 0);
        assertThat(due(0)).extracting(candidate -> candidate.endpoint).containsExactly(A);
    }

    @Test
    void shouldTellWhoIsLinkedThroughAnEndpointThatNothingNamesAnyMore() {
        book.replaceAll(Source.STATIC, Set.of(A), 0);
        book.linked(due(0).get(0), NODE, 0);
        linked.add(NODE);
        assertThat(book.isNamed(NODE)).isTrue();
        assertThat(book.replaceAll(Source.STATIC, Set.of(), 1)).containsExactly(NODE);
        assertThat(book.isNamed(NODE)).isFalse();
        assertThat(book.size()).as("the link itself stays").isEqualTo(1);
        // Named by another source, it is not told of.
        book.replaceAll(Source.STATIC, Set.of(A), 2);
        book.replaceAll(Source.DNS, Set.of(A), 2);
        assertThat(book.replaceAll(Source.STATIC, Set.of(), 3)).isEmpty();
        assertThat(book.isNamed(NODE)).isTrue();
    }

    @Test
    void shouldTellOfAnAliasThatIsNamedNoMore() {
        link(A, Source.INBOUND, 0);
        book.replaceAll(Source.STATIC, Set.of(B), 0);
        book.alias(due(0).get(0), NODE, 0);
        assertThat(book.isNamed(NODE)).isTrue();
        assertThat(book.replaceAll(Source.STATIC, Set.of(), 1)).containsExactly(NODE);
        assertThat(book.isNamed(NODE)).isFalse();
    }

    @Test
    void shouldForgetTheOldClusterAndDialWhatIsConfiguredAtOnce() {
        link(A, Source.INBOUND, 0);
        book.replaceAll(Source.STATIC, Set.of(B), 0);
        book.refused(due(0).get(0), "this node is in cluster 'x'", 0);
        book.startAgain(10);
        linked.clear();
        assertThat(due(10)).extracting(candidate -> candidate.endpoint).containsExactly(B);
        assertThat(book.size()).isEqualTo(1);
    }

    @Test
    void shouldShortenTheWaitOfWhoWaitsUnderLongerTimes() {
        book.replaceAll(Source.STATIC, Set.of(A), 0);
        for (int i = 0; i < 20; i++) {
            Candidate candidate = due(book.nextDueMono().orElseThrow()).get(0);
            book.failed(candidate, candidate.nextAttemptMono);
        }
        long nowMono = book.nextDueMono().orElseThrow() - 50_000;
        book.setTimes(new Backoff(3, 100, 500, new SplittableRandom(1)), 500, 500, nowMono);
        assertThat(book.nextDueMono().orElseThrow()).isLessThanOrEqualTo(nowMono + 500);
    }
}
