package io.nexusd.dialer;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.model.NodeId;
import org.junit.jupiter.api.Test;

class ToldOnceTest {
    private final ToldOnce told = new ToldOnce();
    private final NodeId peer = NodeId.random();

    @Test
    void shouldTellEachTextOfEachPeerOnce() {
        assertThat(told.isNews(peer, "ignored=1")).isTrue();
        assertThat(told.isNews(peer, "ignored=2")).isTrue();
        assertThat(told.isNews(NodeId.random(), "ignored=1")).isTrue();
        for (int i = 0; i < 3; i++) {
            assertThat(told.isNews(peer, "ignored=1")).isFalse();
            assertThat(told.isNews(peer, "ignored=2")).isFalse();
        }
    }

    @Test
    void shouldForgetTheOldestWhenThereAreTooMany() {
        for (int i = 0; i <= ToldOnce.MAX_TOLD; i++) {
            assertThat(told.isNews(peer, "text " + i)).isTrue();
        }
        assertThat(told.isNews(peer, "text " + ToldOnce.MAX_TOLD)).isFalse();
        assertThat(told.isNews(peer, "text 0")).isTrue();
    }
}
