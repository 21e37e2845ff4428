package io.nexusd.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.bus.Meters.Beacon;
import io.nexusd.model.Beat;
import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import io.nexusd.wire.WireModel;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BeaconFilterTest {
    private static final NodeId SELF = new NodeId("self");

    private final BeaconFilter filter = new BeaconFilter(SELF, "mine");

    private static Beat beat(String id, String cluster) {
        return new Beat(new NodeId(id), cluster, new Endpoint("10.0.0.1", 5671), 5672, 7, 0, 1, 2, false);
    }

    @Test
    void shouldAcceptOnlyOtherNodesOfItsCluster() {
        Beat other = beat("other", "mine");
        assertThat(filter.judge(WireModel.beaconBytes(other)).beat()).isEqualTo(other);
        assertThat(filter.judge(WireModel.beaconBytes(beat("self", "mine"))).result())
                .isEqualTo(Beacon.SELF);
        assertThat(filter.judge(WireModel.beaconBytes(beat("other", "yours"))).result())
                .isEqualTo(Beacon.OTHER_CLUSTER);
    }

    @Test
    void shouldSurviveEveryTruncationAndAnyNoise() {
        byte[] whole = WireModel.beaconBytes(beat("other", "mine"));
        for (int length = 0; length < whole.length; length++) {
            assertThat(filter.judge(Arrays.copyOf(whole, length))).isNotNull();
        }
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 50_000; i++) {
            byte[] noise = new byte[random.nextInt(300)];
            random.nextBytes(noise);
            assertThat(filter.judge(noise).result()).as("seed %d", seed).isNotNull();
        }
        assertThat(filter.judge(new byte[60_000]).result()).isEqualTo(Beacon.MALFORMED);
        assertThat(filter.judge(new byte[0]).result()).isEqualTo(Beacon.MALFORMED);
    }

    @Test
    void shouldLookAtABoundedNumberOfDatagramsInASecond() {
        for (int i = 0; i < BeaconFilter.MAX_PER_SECOND; i++) {
            assertThat(filter.admits(10_000)).isTrue();
        }
        assertThat(filter.admits(10_999)).isFalse();
        assertThat(filter.admits(11_000)).isTrue();
    }

    @Test
    void shouldRememberABoundedNumberOfForeignClusters() {
        assertThat(filter.isNewForeignCluster("a")).isTrue();
        assertThat(filter.isNewForeignCluster("a")).isFalse();
        long told = 0;
        for (int i = 0; i < 10_000; i++) {
            told += filter.isNewForeignCluster("c" + i) ? 1 : 0;
        }
        assertThat(told).isLessThan(100);
    }
}
