package io.nexusd.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.proto.admin.GetMeshResponse;
import io.nexusd.proto.admin.Peer;
import io.nexusd.proto.admin.View;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopologyTest {
    private static Peer.Builder peer(int node) {
        return Peer.newBuilder()
                .setInstanceUuid("id-" + node)
                .setName("node-" + node)
                .setEndpoint("10.0.0." + node + ":5671")
                .setState("alive")
                .setLinked(true);
    }

    private static View.Builder view(int node) {
        return View.newBuilder()
                .setInstanceUuid("id-" + node)
                .setName("node-" + node)
                .setEndpoint("10.0.0." + node + ":5671");
    }

    private static Topology topology(View.Builder... views) {
        GetMeshResponse.Builder mesh = GetMeshResponse.newBuilder();
        List.of(views).forEach(mesh::addViews);
        return Topology.of(mesh.build());
    }

    @Test
    void shouldDrawAWholeMesh() {
        Topology topology =
                topology(view(2).addPeers(peer(1).setRoundTripUs(400).setClockAheadMs(-2)), view(1).addPeers(peer(2)));
        assertThat(topology.drawing(0, false))
                .containsExactly(
                        "node-1  10.0.0.1:5671",
                        "└──● node-2  linked",
                        "node-2  10.0.0.2:5671",
                        "└──● node-1  linked, 0.40 ms, clock -2 ms",
                        "",
                        "           1  2",
                        "1  node-1  ·  ●",
                        "2  node-2  ●  ·",
                        "● linked  ○ known, no link  ? not heard for a while  ✗ not known",
                        "",
                        "The mesh is whole: 2 nodes, 2 links, and all see the same.");
        assertThat(topology.amiss()).isEmpty();
    }

    @Test
    void shouldShowWhereTheNodesDiffer() {
        Topology topology = topology(
                view(1).addPeers(peer(2).setLinked(false)).addPeers(peer(3).setState("suspected")),
                view(2).addPeers(peer(1)),
                view(3).setProblem("there is no link to it"));
        assertThat(topology.amiss())
                .containsExactly(
                        "node-1 has no link to node-2",
                        "node-1 has not heard node-3 for a while",
                        "node-2 does not know node-3",
                        "node-3 could not be asked: there is no link to it");
        assertThat(topology.drawing(0, false))
                .contains("1  node-1  ·  ○  ?", "2  node-2  ●  ·  ✗", "3  node-3        ·")
                .contains("├──○ node-2  known, no link", "└──✗ node-3  not known");
        assertThat(topology.objects())
                .filteredOn(object -> object.getString("from").equals("node-2"))
                .extracting(object -> object.getString("to") + " " + object.getBoolean("known"))
                .containsExactly("node-1 true", "node-3 false");
        assertThat(topology.objects())
                .last()
                .satisfies(object -> assertThat(object.getString("problem")).isEqualTo("there is no link to it"));
    }

    @Test
    void shouldShowNodesThatOnlyOthersKnow() {
        Topology topology =
                topology(view(1).addPeers(peer(2)), view(2).addPeers(peer(1)).addPeers(peer(9)));
        assertThat(topology.size()).isEqualTo(3);
        assertThat(topology.amiss()).contains("node-1 does not know node-9");
    }

    @Test
    void shouldDrawLargeMeshesAsAMatrixThatFits() {
        View.Builder[] views = new View.Builder[30];
        for (int i = 0; i < views.length; i++) {
            views[i] = view(10 + i);
            for (int j = 0; j < views.length; j++) {
                if (i != j) {
                    views[i].addPeers(peer(10 + j));
                }
            }
        }
        Topology topology = topology(views);
        assertThat(topology.links()).isEqualTo(30 * 29);
        assertThat(topology.drawing(80, false)).hasSize(30 + 4).allMatch(line -> Text.width(line) <= 80);
    }
}
