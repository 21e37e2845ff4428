package io.nexusd.appapi.admin;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Inspection;
import io.nexusd.bus.Membership;
import io.nexusd.bus.Membership.PeerView;
import io.nexusd.bus.Membership.Peers;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import io.nexusd.proto.admin.GetMeshResponse;
import io.nexusd.proto.admin.GetPeersResponse;
import io.nexusd.proto.admin.Peer;
import io.nexusd.proto.admin.View;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What this node tells of the others, and, asking them over the links, what they tell of each other. */
final class MeshAnswers {
    /** Members asked for their view; a drawing of more is of no use to anybody. */
    private static final int MAX_ASKED = 256;

    private final Bus bus;

    MeshAnswers(Bus bus) {
        this.bus = bus;
    }

    Future<Peers> members() {
        return bus.request(Membership.PEERS);
    }

    Future<GetPeersResponse> peers() {
        Future<Peers> peers = members();
        Future<Inspection.Queues> queues = bus.request(Inspection.QUEUES);
        return Future.all(peers, queues).map(all -> {
            Map<NodeId, Integer> waiting = new HashMap<>();
            queues.result().queues().forEach(queue -> waiting.put(queue.id(), queue.waiting()));
            GetPeersResponse.Builder response = GetPeersResponse.newBuilder();
            peers.result()
                    .peers()
                    .forEach(peer -> response.addPeers(peer(peer)
                            .setWaiting(waiting.getOrDefault(peer.peer().id(), 0))));
            return response.build();
        });
    }

    Future<GetMeshResponse> mesh() {
        return members().compose(peers -> {
            View own = view(peers.self())
                    .addAllPeers(peers.peers().stream()
                            .map(peer -> peer(peer).build())
                            .toList())
                    .build();
            List<Future<View>> others =
                    peers.peers().stream().limit(MAX_ASKED).map(this::ask).toList();
            return Future.all(others).map(all -> {
                GetMeshResponse.Builder response = GetMeshResponse.newBuilder().addViews(own);
                others.forEach(other -> response.addViews(other.result()));
                return response.build();
            });
        });
    }

    /** Never fails: who cannot be asked is shown with the reason. */
    private Future<View> ask(PeerView peer) {
        if (!peer.linked()) {
            return Future.succeededFuture(
                    view(peer.peer()).setProblem("there is no link to it").build());
        }
        return bus.request(
                        Inspection.FETCH_VIEW,
                        new Inspection.FetchView(peer.peer().id()))
                .map(told -> view(peer.peer())
                        .addAllPeers(
                                told.members().stream().map(MeshAnswers::peer).toList())
                        .build())
                .recover(e -> Future.succeededFuture(view(peer.peer())
                        .setProblem("it does not tell: " + e.getMessage())
                        .build()));
    }

    private static View.Builder view(NodeIdentity node) {
        return View.newBuilder()
                .setInstanceUuid(node.id().value())
                .setName(node.name())
                .setEndpoint(node.mesh().toString());
    }

    static Peer.Builder peer(PeerView view) {
        NodeIdentity identity = view.peer();
        Peer.Builder peer = Peer.newBuilder()
                .setInstanceUuid(identity.id().value())
                .setName(identity.name())
                .setEndpoint(identity.mesh().toString())
                .setClusterId(identity.clusterId())
                .setState(view.state().name().toLowerCase(Locale.ROOT))
                .setLinked(view.linked())
                .setVersion(identity.version())
                .setProtocolVersion(identity.protocolVersion())
                .setLastSeenMs(view.lastHeardMs())
                .addAllTopics(view.filters())
                .setAppPort(identity.appPort())
                .setStartedAtMs(identity.startedAtMs());
        view.roundTripUs().ifPresent(peer::setRoundTripUs);
        view.clockAheadMs().ifPresent(peer::setClockAheadMs);
        return peer;
    }

    private static Peer peer(Inspection.MemberView view) {
        Peer.Builder peer = Peer.newBuilder()
                .setInstanceUuid(view.member().id().value())
                .setName(view.member().name())
                .setEndpoint(view.member().mesh().toString())
                .setState(view.suspected() ? "suspected" : "alive")
                .setLinked(view.linked())
                .setVersion(view.version())
                .setProtocolVersion(view.protocolVersion())
                .setLastSeenMs(System.currentTimeMillis() - view.silentMs())
                .setAppPort(view.appPort());
        view.roundTripUs().ifPresent(peer::setRoundTripUs);
        view.clockAheadMs().ifPresent(peer::setClockAheadMs);
        return peer.build();
    }
}
