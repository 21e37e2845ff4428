package io.nexusd.scale;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.lab.LongRun;
import io.nexusd.lab.ShowLogs;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The measurements of scale, small: each fails by itself when a message is lost or comes twice, when a filter stays unknown or a
 * mesh incomplete.
 */
@ExtendWith(ShowLogs.class)
@LongRun
class ScaleIT {
    private static final int IDLE_SECONDS = 1;
    private static final int BEACON_INTERVAL_MS = 1_000;
    /** A split is noticed after five of them. */
    private static final int SIMULATED_BEACON_INTERVAL_MS = 300;

    @Test
    void shouldDeliverByEachOfAThousandFilters() {
        Table table = new FiltersScale(5_000).run(List.of(1_000));
        assertThat(table.number(0, "filters")).isEqualTo(1_000);
        assertThat(table.number(0, "on all topics in turn")).isPositive();
        assertThat(table.number(0, "from the peer, all topics")).isPositive();
    }

    @Test
    void shouldDeliverToEachOfManySubscribersOnFewConnectionsAndOnMany() {
        Table table = new SubscribersScale(10_000).run(50, List.of(2, 50));
        assertThat(table.size()).isEqualTo(4);
        for (int row = 0; row < table.size(); row++) {
            assertThat(table.number(row, "deliveries/s")).isPositive();
        }
    }

    @Test
    void shouldServeAndForgetManyConnections() {
        Table table = new ConnectionsScale(IDLE_SECONDS).run(List.of(50));
        assertThat(table.number(0, "connections")).isEqualTo(50);
        assertThat(table.number(0, "ms for one message to all")).isPositive();
    }

    @Test
    void shouldFormAMeshOfDaemonsInOneProcessAndOfProcesses() {
        MeshScale scale = new MeshScale("A small mesh", BEACON_INTERVAL_MS, IDLE_SECONDS);
        scale.measure(() -> Fleet.inProcesses(5, 1, BEACON_INTERVAL_MS));
        scale.measure(() -> Fleet.ofProcesses(2, BEACON_INTERVAL_MS));
        assertThat(scale.table().number(0, "links")).isEqualTo(20);
        assertThat(scale.table().number(1, "links")).isEqualTo(2);
    }

    @Test
    void shouldFormAMeshOverANetworkInMemoryAndFormItAgainAfterASplit() {
        SimulationScale scale = new SimulationScale(SIMULATED_BEACON_INTERVAL_MS, IDLE_SECONDS);
        scale.measure(8);
        assertThat(scale.table().number(0, "links")).isEqualTo(56);
        assertThat(scale.table().number(0, "idle: kB/s per daemon")).isPositive();
        assertThat(scale.table().number(0, "writes/s per daemon")).isPositive();
    }
}
