package io.nexusd.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.cli.Beacons.Heard;
import io.nexusd.proto.discovery.Beacon;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiscoverTest {
    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65_536})
    void shouldShowNoAddressOfADaemonThatAnnouncesNoApplicationPort(int port) {
        Table table = Discover.table(List.of(Discover.unasked(heard(port))));
        JsonObject row = table.objects().get(0);
        assertThat(row.containsKey("address")).isFalse();
        assertThat(row.getString("mesh")).isEqualTo("10.0.0.7:5671");
        assertThat(table.lines(0, false).get(1)).matches("1 +- .*10\\.0\\.0\\.7:5671.*");
    }

    @Test
    void shouldShowWhereADaemonListensThatCannotBeAsked() {
        assertThat(Discover.table(List.of(Discover.unasked(heard(5672))))
                        .objects()
                        .get(0)
                        .getString("address"))
                .isEqualTo("127.0.0.1:5672");
    }

    private static Heard heard(int appPort) {
        Beacon beacon = Beacon.newBuilder()
                .setInstanceUuid("7")
                .setRpcIp("10.0.0.7")
                .setRpcPort(5671)
                .setAppPort(appPort)
                .build();
        return new Heard(beacon, InetAddress.getLoopbackAddress());
    }
}
