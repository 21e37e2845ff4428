package io.nexusd.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.bus.Links.KnownMembers;
import io.nexusd.bus.Links.LinkUp;
import io.nexusd.bus.Links.Member;
import io.nexusd.bus.Links.NodeState;
import io.nexusd.bus.Links.PeerArrived;
import io.nexusd.bus.Membership.Reason;
import io.nexusd.bus.Meters.Sync;
import io.nexusd.gossip.Outcome.Gone;
import io.nexusd.gossip.Outcome.InterestKnown;
import io.nexusd.gossip.Outcome.Joined;
import io.nexusd.gossip.Outcome.Learned;
import io.nexusd.gossip.Outcome.MembersWanted;
import io.nexusd.gossip.Outcome.Renamed;
import io.nexusd.gossip.Outcome.StateWanted;
import io.nexusd.gossip.Outcome.Suspicion;
import io.nexusd.model.Beat;
import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MemberTableTest {
    private static final NodeId SELF = new NodeId("self");
    private static final int INTERVAL_MS = 1_000;
    private static final int TIMEOUT_MS = 5_000;
    private static final long TICK_MS = 500;
    private static final NodeIdentity A = node("a", "alpha", "10.0.0.1", 2);
    private static final NodeIdentity B = node("b", "beta", "10.0.0.2", 2);

    private final MemberTable table = new MemberTable(SELF, INTERVAL_MS, TIMEOUT_MS);

    private static NodeIdentity node(String id, String name, String host, int protocol) {
        return new NodeIdentity(new NodeId(id), "c", name, new Endpoint(host, 5671), 5672, protocol, "1", 1);
    }

    private static LinkUp up(NodeIdentity peer, long hash) {
        return new LinkUp(peer, peer.mesh(), hash);
    }

    private static Beat beat(NodeIdentity peer, long hash, boolean leaving) {
        return new Beat(peer.id(), "c", peer.mesh(), 0, hash, 0, 0, peer.protocolVersion(), leaving);
    }

    private List<Outcome> hear(NodeIdentity peer, long hash, long nowMono) {
        return table.beat(
                beat(peer, hash, false), table.membersHash(), OptionalLong.empty(), OptionalLong.empty(), nowMono, 0);
    }

    private List<Outcome> passTime(long fromMono, long toMono) {
        List<Outcome> outcomes = new java.util.ArrayList<>();
        for (long now = fromMono; now <= toMono; now += TICK_MS) {
            outcomes.addAll(table.tick(TICK_MS, now));
        }
        return outcomes;
    }

    @Test
    void shouldTakeANodeThatSaidWhoItIsForAMemberAndFetchItsInterest() {
        assertThat(table.linkUp(up(A, 7), 0, 0)).containsExactly(new Joined(A), new StateWanted(A.id(), Sync.LINK_UP));
        assertThat(table.stateFetched(new NodeState(A.id(), List.of("x"), 7), 1, 1))
                .containsExactly(new InterestKnown(A.id(), List.of("x")));
        assertThat(hear(A, 7, 2)).isEmpty();
    }

    @Test
    void shouldFetchNothingFromANodeThatWantsNothing() {
        assertThat(table.linkUp(up(A, 0), 0, 0)).containsExactly(new Joined(A), new InterestKnown(A.id(), List.of()));
    }

    @Test
    void shouldFetchWhenTheHashDiffersAndAgainWhenItChangedMeanwhile() {
        table.linkUp(up(A, 0), 0, 0);
        assertThat(hear(A, 8, 1)).containsExactly(new StateWanted(A.id(), Sync.HASH_CHANGED));
        assertThat(hear(A, 9, 2)).as("one fetch at a time").isEmpty();
        assertThat(table.stateFetched(new NodeState(A.id(), List.of("x"), 8), 3, 3))
                .containsExactly(new InterestKnown(A.id(), List.of("x")), new StateWanted(A.id(), Sync.HASH_CHANGED));
        assertThat(table.stateFetched(new NodeState(A.id(), List.of("y"), 9), 4, 4))
                .containsExactly(new InterestKnown(A.id(), List.of("y")));
    }

    @Test
    void shouldLearnOfANodeThatLeftAndCameBackWhenItIsLostLater() {
        table.linkUp(up(A, 0), 0, 0);
        table.beat(beat(A, 0, true), table.membersHash(), OptionalLong.empty(), OptionalLong.empty(), 10, 0);
        Member told = new Member(A.id(), "alpha", A.mesh());
        assertThat(table.membersFetched(new KnownMembers(List.of(told)), 20))
                .as("old news of a node that left")
                .isEmpty();
        NodeIdentity back = new NodeIdentity(A.id(), "c", "alpha", A.mesh(), A.appPort(), A.protocolVersion(), "1", 2);
        table.linkUp(up(back, 0), 30, 0);
        table.linkDown(A.id());
        assertThat(passTime(30, 30 + TIMEOUT_MS)).anyMatch(Gone.class::isInstance);
        assertThat(table.membersFetched(new KnownMembers(List.of(told)), 31 + TIMEOUT_MS))
                .containsExactly(new Learned(told));
    }

    @Test
    void shouldTryAgainWithTheNextBeatWhenAFetchFailed() {
        table.linkUp(up(A, 8), 0, 0);
        table.stateNotFetched(A.id());
        assertThat(hear(A, 8, 1)).containsExactly(new StateWanted(A.id(), Sync.HASH_CHANGED));
    }

    @Test
    void shouldWaitLongerAndLongerBetweenFetchesThatFail() {
        table.linkUp(up(A, 8), 0, 0);
        long now = 1;
        long longestWaitMs = 0;
        for (int failures = 1; failures <= 12; failures++) {
            table.stateFetches(A.id()).orElseThrow().failed(false, now);
            table.stateNotFetched(A.id());
            long failedAt = now;
            while (hear(A, 8, now).isEmpty()) {
                now += 10;
            }
            longestWaitMs = now - failedAt;
            assertThat(longestWaitMs).isLessThanOrEqualTo(30_010);
        }
        assertThat(longestWaitMs).isGreaterThanOrEqualTo(15_000);
        table.stateNotFetched(A.id());
        assertThat(table.linkUp(up(A, 8), now, 0)).as("a new link").contains(new StateWanted(A.id(), Sync.LINK_UP));
    }

    @Test
    void shouldTakeBytesForSignsOfLifeAsOldAsTheyAre() {
        table.linkUp(up(A, 0), 0, 0);
        assertThat(passTime(0, 2_000)).isEmpty();
        assertThat(table.heard(A.id(), 400, 2_400, 2_400)).isEmpty();
        assertThat(passTime(2_500, 4_000)).isEmpty();
        assertThat(passTime(4_500, 6_500)).containsExactly(new Suspicion(A, true, 2_500));
        assertThat(passTime(7_000, 7_000)).containsExactly(new Gone(A, Reason.DEAD, Optional.empty()));
    }

    @Test
    void shouldReplaceInterestWhole() {
        table.linkUp(up(A, 1), 0, 0);
        table.stateFetched(new NodeState(A.id(), List.of("x", "y"), 1), 0, 0);
        table.linkDown(A.id());
        assertThat(table.linkUp(up(A, 2), 10, 10)).containsExactly(new StateWanted(A.id(), Sync.LINK_UP));
        assertThat(table.stateFetched(new NodeState(A.id(), List.of("z"), 2), 11, 11))
                .containsExactly(new InterestKnown(A.id(), List.of("z")));
    }

    @Test
    void shouldSuspectAfterTwoSilentIntervalsAndBuryAfterTheTimeout() {
        table.linkUp(up(A, 0), 0, 0);
        assertThat(passTime(TICK_MS, 2_000)).isEmpty();
        assertThat(passTime(2_500, 4_500)).containsExactly(new Suspicion(A, true, 2_500));
        assertThat(hear(A, 0, 4_600)).containsExactly(new Suspicion(A, false, 0));
        List<Outcome> end = passTime(5_000, 12_000);
        assertThat(end).last().isEqualTo(new Gone(A, Reason.DEAD, Optional.empty()));
        assertThat(table.views()).isEmpty();
    }

    @Test
    void shouldTakeMessagesForSignsOfLife() {
        table.linkUp(up(A, 0), 0, 0);
        for (long now = TICK_MS; now <= 20_000; now += TICK_MS) {
            assertThat(table.heard(A.id(), 0, now, now)).isEmpty();
            assertThat(table.tick(TICK_MS, now)).isEmpty();
        }
        assertThat(table.heard(B.id(), 0, 20_000, 20_000)).isEmpty();
    }

    @Test
    void shouldNotBlameOthersForItsOwnPause() {
        table.linkUp(up(A, 0), 0, 0);
        table.tick(TICK_MS, 500);
        // Stopped for ten seconds; what the others said waits in the sockets and is read after this tick.
        assertThat(table.tick(TICK_MS, 10_500)).isEmpty();
        assertThat(hear(A, 0, 10_501)).isEmpty();
    }

    @Test
    void shouldDropALeavingNodeAtOnceAndNotTakeItBackFromLateNews() {
        table.linkUp(up(A, 0), 0, 0);
        assertThat(table.beat(beat(A, 0, true), 0, OptionalLong.empty(), OptionalLong.empty(), 10, 10))
                .containsExactly(new Gone(A, Reason.LEFT, Optional.empty()));
        assertThat(hear(A, 0, 20)).isEmpty();
        assertThat(table.linkUp(up(A, 0), 30, 30)).isEmpty();
        assertThat(table.membersFetched(new KnownMembers(List.of(new Member(A.id(), "", A.mesh()))), 40))
                .isEmpty();
    }

    @Test
    void shouldGiveAMemberThatBeatsLessOftenTheTimeItNeeds() {
        table.linkUp(up(A, 0), 0, 0);
        table.expectEvery(A.id(), 4_000);
        assertThat(passTime(500, 8_000)).isEmpty();
        assertThat(passTime(8_500, 11_500)).hasSize(1).first().isInstanceOf(Outcome.Suspicion.class);
        assertThat(passTime(12_000, 12_000)).containsExactly(new Gone(A, Reason.DEAD, Optional.empty()));
    }

    @Test
    void shouldIgnoreWhatDatagramsSayOfMembersThatHaveLinks() {
        table.linkUp(up(A, 0), 0, 0);
        assertThat(table.beacon(beat(A, 99, true), 10, 10)).isEmpty();
        assertThat(table.beacon(beat(A, 99, false), 10, 10)).isEmpty();
        assertThat(table.beacon(beat(B, 99, false), 10, 10)).isEmpty();
        assertThat(table.views()).hasSize(1);
        assertThat(passTime(500, 6_000)).last().isEqualTo(new Gone(A, Reason.DEAD, Optional.empty()));
    }

    @Test
    void shouldHearMembersThatSpeakOnlyTheBaseByTheirDatagrams() {
        NodeIdentity base = node("v1", "", "10.0.0.9", 1);
        table.linkUp(up(base, 5), 0, 0);
        table.stateFetched(new NodeState(base.id(), List.of("x"), 5), 0, 0);
        assertThat(table.beacon(beat(base, 6, false), 1_000, 0))
                .containsExactly(new StateWanted(base.id(), Sync.HASH_CHANGED));
        table.stateFetched(new NodeState(base.id(), List.of("y"), 6), 1_000, 0);
        assertThat(table.beacon(beat(base, 6, true), 2_000, 0))
                .containsExactly(new Gone(base, Reason.LEFT, Optional.empty()));
    }

    @Test
    void shouldReplaceARestartedNodeAtTheSameEndpointAtOnce() {
        table.linkUp(up(A, 0), 0, 0);
        NodeIdentity restarted = node("a2", "other-name", "10.0.0.1", 2);
        assertThat(table.linkUp(up(restarted, 0), 10, 10))
                .startsWith(new Gone(A, Reason.REPLACED, Optional.of(restarted.id())), new Joined(restarted));
    }

    @Test
    void shouldReplaceANodeThatComesBackUnderItsNameElsewhereOnceItsLinkIsBroken() {
        table.linkUp(up(A, 0), 0, 0);
        table.linkDown(A.id());
        NodeIdentity moved = node("a2", "alpha", "10.0.0.77", 2);
        assertThat(table.arrived(new PeerArrived(moved, "10.0.0.77", 0), 10, 10))
                .containsExactly(new Gone(A, Reason.REPLACED, Optional.of(moved.id())), new Joined(moved));
    }

    @Test
    void shouldKeepTwoLivingNodesOfTheSameName() {
        table.linkUp(up(A, 0), 0, 0);
        NodeIdentity namesake = node("n", "alpha", "10.0.0.3", 2);
        assertThat(table.linkUp(up(namesake, 0), 100, 100))
                .doesNotContain(new Gone(A, Reason.REPLACED, Optional.of(namesake.id())));
        hear(A, 0, 900);
        hear(namesake, 0, 900);
        passTime(500, 2_500);
        assertThat(table.views()).hasSize(2);
    }

    @Test
    void shouldReplaceANamesakeThatIsNotHeardAnyMore() {
        table.linkUp(up(A, 0), 0, 0);
        NodeIdentity moved = node("a2", "alpha", "10.0.0.77", 2);
        table.linkUp(up(moved, 0), 100, 100);
        List<Outcome> outcomes = new java.util.ArrayList<>();
        for (long now = 500; now <= 2_000; now += TICK_MS) {
            hear(moved, 0, now);
            outcomes.addAll(table.tick(TICK_MS, now));
        }
        assertThat(outcomes).contains(new Gone(A, Reason.REPLACED, Optional.of(moved.id())));
    }

    @Test
    void shouldKeepBothOfTwoLivingNodesWithOneNameAndOneAddress() {
        NodeIdentity copy = node("copy", "alpha", "10.0.0.1", 2);
        Endpoint elsewhere = new Endpoint("10.0.0.2", 5671);
        table.arrived(new PeerArrived(A, "10.0.0.1", 0), 0, 0);
        assertThat(table.arrived(new PeerArrived(copy, "10.0.0.2", 0), 100, 100))
                .startsWith(new Gone(A, Reason.REPLACED, Optional.of(copy.id())));
        // The one that was replaced still speaks.
        assertThat(hear(A, 0, 1_000)).contains(new Joined(A), new Outcome.Conflict(A, copy));
        List<Outcome> later = new java.util.ArrayList<>();
        for (long now = 1_500; now <= 60_000; now += TICK_MS) {
            later.addAll(table.linkUp(up(A, 0), now, now));
            later.addAll(table.linkUp(new LinkUp(copy, elsewhere, 0), now, now));
            later.addAll(table.arrived(new PeerArrived(A, "10.0.0.1", 0), now, now));
            later.addAll(table.arrived(new PeerArrived(copy, "10.0.0.2", 0), now, now));
            hear(A, 0, now);
            hear(copy, 0, now);
            later.addAll(table.tick(TICK_MS, now));
        }
        assertThat(later).noneMatch(outcome -> outcome instanceof Gone || outcome instanceof Outcome.Conflict);
        assertThat(table.views()).hasSize(2);
    }

    @Test
    void shouldKeepALinkedNodeWhoseNameAndAddressAnotherOneUses() {
        NodeIdentity copy = node("copy", "alpha", "10.0.0.1", 2);
        table.linkUp(up(A, 0), 0, 0);
        assertThat(table.arrived(new PeerArrived(copy, "10.0.0.2", 0), 100, 100))
                .containsExactly(new Joined(copy));
        assertThat(hear(A, 0, 1_000)).containsExactly(new Outcome.Conflict(A, copy));
        assertThat(hear(A, 0, 2_000)).isEmpty();
    }

    @Test
    void shouldReplaceALinkedNodeWhoseNameAndAddressCameBackWhenItsLinkBreaks() {
        NodeIdentity restarted = node("a2", "alpha", "10.0.0.1", 2);
        table.linkUp(up(A, 0), 0, 0);
        table.arrived(new PeerArrived(restarted, "10.0.0.1", 0), 100, 100);
        assertThat(table.linkDown(A.id())).containsExactly(new Gone(A, Reason.REPLACED, Optional.of(restarted.id())));
    }

    @Test
    void shouldNotTakeAnotherNodeWithTheSameBridgeAddressForARestart() {
        NodeIdentity one = node("one", "one", "172.17.0.1", 2);
        NodeIdentity two = node("two", "two", "172.17.0.1", 2);
        table.linkUp(new LinkUp(one, new Endpoint("10.0.0.1", 5671), 0), 0, 0);
        table.linkDown(one.id());
        assertThat(table.arrived(new PeerArrived(two, "10.0.0.2", 0), 100, 100)).containsExactly(new Joined(two));
    }

    @Test
    void shouldTellOthersWhereAMemberAnswered() {
        NodeIdentity one = node("one", "one", "172.17.0.1", 2);
        table.arrived(new PeerArrived(one, "10.0.0.1", 0), 0, 0);
        assertThat(table.told().get(0).observed()).containsExactly(new Endpoint("10.0.0.1", 5671));
        table.linkUp(new LinkUp(one, new Endpoint("10.0.0.3", 5671), 0), 0, 0);
        assertThat(table.told().get(0).observed()).containsExactly(new Endpoint("10.0.0.3", 5671));
    }

    @Test
    void shouldAskWhoElseIsThereWhenAMemberCountsOthers() {
        table.linkUp(up(A, 0), 0, 0);
        assertThat(table.beat(beat(A, 0, false), 123, OptionalLong.empty(), OptionalLong.empty(), 5_000, 0))
                .contains(new MembersWanted(A.id()));
        assertThat(table.beat(beat(A, 0, false), 124, OptionalLong.empty(), OptionalLong.empty(), 5_100, 0))
                .as("not with every beat")
                .isEmpty();
        Member known = new Member(B.id(), "beta", B.mesh());
        KnownMembers told =
                new KnownMembers(List.of(new Member(SELF, "", A.mesh()), new Member(A.id(), "alpha", A.mesh()), known));
        assertThat(table.membersFetched(told, 5_200)).containsExactly(new Learned(known));
    }

    @Test
    void shouldLearnOfANodeThatItHasForgottenButThatStillSpeaks() {
        assertThat(hear(B, 0, 10)).containsExactly(new Learned(new Member(B.id(), "", B.mesh())));
    }

    @Test
    void shouldHashMembersAlikeOnEverySide() {
        MemberTable other = new MemberTable(A.id(), INTERVAL_MS, TIMEOUT_MS);
        NodeIdentity selfIdentity = node("self", "s", "10.0.0.5", 2);
        table.linkUp(up(A, 0), 0, 0);
        table.linkUp(up(B, 0), 0, 0);
        other.linkUp(up(B, 0), 0, 0);
        assertThat(table.membersHash()).isNotEqualTo(other.membersHash());
        other.linkUp(up(selfIdentity, 0), 0, 0);
        assertThat(table.membersHash()).isEqualTo(other.membersHash());

        // However a member goes, it is out of the hash at once.
        table.beat(beat(B, 0, true), 0, OptionalLong.empty(), OptionalLong.empty(), 1, 1);
        assertThat(table.membersHash()).isNotEqualTo(other.membersHash());
        other.dismissed(B.id());
        assertThat(table.membersHash()).isEqualTo(other.membersHash());
        long before = other.membersHash();
        NodeIdentity restarted = node("b2", "self-2", "10.0.0.5", 2);
        other.linkUp(up(restarted, 0), 2, 2);
        assertThat(other.membersHash()).isNotEqualTo(before);
    }

    @Test
    void shouldTellOthersAnAddressThatWorksForThem() {
        NodeIdentity local = node("l", "l", "127.0.0.1", 2);
        table.linkUp(new LinkUp(local, new Endpoint("10.0.0.8", 5671), 0), 0, 0);
        assertThat(table.told()).extracting(Member::mesh).containsExactly(new Endpoint("10.0.0.8", 5671));
    }

    @Test
    void shouldTellThatAMemberGoesByAnotherNameOrAddress() {
        table.linkUp(up(A, 0), 0, 0);
        NodeIdentity renamed = node("a", "omega", "10.0.0.9", 2);
        assertThat(table.arrived(new PeerArrived(renamed, "10.0.0.9", 0), 1, 1))
                .containsExactly(new Renamed(A, renamed));
        assertThat(table.views().get(0).peer()).isEqualTo(renamed);
        assertThat(table.arrived(new PeerArrived(renamed, "10.0.0.9", 0), 2, 2)).isEmpty();
    }

    @Test
    void shouldTakeANodeBackThatLeftForAnotherClusterAndCameAgain() {
        table.linkUp(up(A, 0), 0, 0);
        table.beat(beat(A, 0, true), 0, OptionalLong.empty(), OptionalLong.empty(), 1, 1);
        assertThat(table.linkUp(up(A, 0), 2, 2))
                .as("late news of its former life")
                .isEmpty();
        NodeIdentity again = new NodeIdentity(
                A.id(), A.clusterId(), A.name(), A.mesh(), A.appPort(), A.protocolVersion(), A.version(), 2);
        assertThat(table.linkUp(up(again, 0), 3, 3)).contains(new Joined(again));
    }

    @Test
    void shouldHaveNoMembersAfterLeavingTheCluster() {
        table.linkUp(up(A, 0), 0, 0);
        table.linkUp(up(B, 0), 0, 0);
        assertThat(table.leaveAll())
                .hasSize(2)
                .allMatch(outcome -> outcome instanceof Gone gone && gone.reason() == Reason.LEFT);
        assertThat(table.views()).isEmpty();
        assertThat(table.linkUp(up(A, 0), 1, 1))
                .as("it was this node that left")
                .contains(new Joined(A));
    }

    @Test
    void shouldLetAPeerGoUntilItDialsIn() {
        table.linkUp(up(A, 0), 0, 0);
        assertThat(table.dismissed(A.id())).hasSize(1);
        assertThat(table.dismissed(A.id())).isEmpty();
        assertThat(table.arrived(new PeerArrived(A, "10.0.0.1", 0), 1, 1)).containsExactly(new Joined(A));
    }

    @Test
    void shouldJudgeSilenceByChangedTimes() {
        table.linkUp(up(A, 0), 0, 0);
        table.setTimes(100, 400);
        List<Outcome> outcomes = new java.util.ArrayList<>();
        for (long now = 0; now <= 500; now += 50) {
            outcomes.addAll(table.tick(50, now));
        }
        assertThat(outcomes).anyMatch(Suspicion.class::isInstance).anyMatch(Gone.class::isInstance);
    }
}
