package io.nexusd.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.proto.sidecar.GetPeersResponse;
import io.nexusd.proto.sidecar.GetTopicsResponse;
import io.nexusd.proto.sidecar.PeerInfo;
import io.nexusd.proto.sidecar.UnsubscribeResponse;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BoundedAnswerTest {
    @Test
    void shouldLeaveAnAnswerThatFitsAsItIs() {
        GetTopicsResponse answer =
                GetTopicsResponse.newBuilder().putTopics("a", 1).build();
        assertThat(BoundedAnswer.fit(answer, answer.getSerializedSize())).isSameAs(answer);
        UnsubscribeResponse other =
                UnsubscribeResponse.newBuilder().setSuccess(true).build();
        assertThat(BoundedAnswer.fit(other, 0)).isSameAs(other);
    }

    @Test
    void shouldKeepTheFirstEntriesAndCountTheRest() {
        GetTopicsResponse.Builder all = GetTopicsResponse.newBuilder();
        IntStream.range(1000, 3000).forEach(i -> all.putTopics("topic/" + i, i));
        for (int limit : new int[] {100, 1_000, 10_000}) {
            GetTopicsResponse cut = BoundedAnswer.fit(all.build(), limit);
            assertThat(cut.getSerializedSize()).isBetween(limit / 2, limit);
            assertThat(cut.getTopicsCount() + cut.getOmitted()).isEqualTo(2000);
            assertThat(cut.getTopicsMap()).containsEntry("topic/1000", 1000).doesNotContainKey("topic/2999");
        }
    }

    @Test
    void shouldNameEveryPeerAndCutTheListsOfTheLargeOnes() {
        GetPeersResponse.Builder all = GetPeersResponse.newBuilder();
        for (int peer = 0; peer < 5; peer++) {
            PeerInfo.Builder info = PeerInfo.newBuilder().setInstanceUuid("p" + peer);
            IntStream.range(0, peer == 2 ? 5_000 : 3).forEach(i -> info.addTopics("topic/ü/" + i));
            all.addPeers(info);
        }
        GetPeersResponse cut = BoundedAnswer.fit(all.build(), 10_000);
        assertThat(cut.getSerializedSize()).isLessThanOrEqualTo(10_000);
        assertThat(cut.getPeersList())
                .extracting(PeerInfo::getInstanceUuid)
                .containsExactly("p0", "p1", "p2", "p3", "p4");
        assertThat(cut.getPeers(2).getTopicsCount()).isPositive();
        assertThat(cut.getPeers(2).getTopicsCount() + cut.getOmitted()).isEqualTo(5_000);
        assertThat(cut.getPeers(4).getTopicsCount()).isEqualTo(3);
    }
}
