package io.nexusd.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.model.NodeId;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SharesTest {
    private static final String SHARE = "$share/g/a/+";

    private final Shares shares = new Shares();

    private Set<String> matched(String topic) {
        Set<String> matched = new LinkedHashSet<>();
        shares.match(topic, matched);
        return matched;
    }

    @Test
    void shouldMatchByTheFilterAndForgetWhatNobodyHolds() {
        shares.addMember(SHARE, 1);
        shares.addNode(SHARE, new NodeId("n"));
        assertThat(matched("a/b")).containsExactly(SHARE);
        assertThat(matched("a")).isEmpty();
        shares.removeMember(SHARE, 1);
        assertThat(matched("a/b")).containsExactly(SHARE);
        shares.removeNode(SHARE, new NodeId("n"));
        assertThat(matched("a/b")).isEmpty();
        assertThat(shares.pickMember(SHARE)).isEmpty();
        assertThat(shares.pickNode(SHARE)).isEmpty();
    }

    @Test
    void shouldLetMembersTakeTurns() {
        shares.addMember(SHARE, 1);
        shares.addMember(SHARE, 2);
        assertThat(shares.pickMember(SHARE)).contains(1L);
        assertThat(shares.pickMember(SHARE)).contains(2L);
        assertThat(shares.pickMember(SHARE)).contains(1L);
        shares.removeMember(SHARE, 1);
        assertThat(shares.pickMember(SHARE)).contains(2L);
    }

    @Test
    void shouldHaveOneNodeTakeWhatABasePeerSendsToAll() {
        NodeId self = new NodeId("b");
        assertThat(shares.isFirst(SHARE, self)).isFalse();
        shares.addMember(SHARE, 1);
        shares.addNode(SHARE, new NodeId("c"));
        assertThat(shares.isFirst(SHARE, self)).isTrue();
        shares.addNode(SHARE, new NodeId("a"));
        assertThat(shares.isFirst(SHARE, self)).isFalse();
    }
}
