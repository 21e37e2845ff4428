package io.nexusd.appapi;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Membership;
import io.nexusd.bus.Membership.PeerView;
import io.nexusd.bus.Routing;
import io.nexusd.proto.sidecar.GetPeersRequest;
import io.nexusd.proto.sidecar.GetPeersResponse;
import io.nexusd.proto.sidecar.GetTopicsRequest;
import io.nexusd.proto.sidecar.GetTopicsResponse;
import io.nexusd.proto.sidecar.PeerInfo;
import io.nexusd.proto.sidecar.UnsubscribeRequest;
import io.nexusd.proto.sidecar.UnsubscribeResponse;
import io.nexusd.wire.GrpcFailure;
import io.vertx.core.Future;
import io.vertx.grpc.common.GrpcStatus;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;

/** The calls of the SidecarService that are not on the hot path. Answers from the subscriptions and, over the bus, the others. */
final class SidecarQueries {
    private final Bus bus;
    private final Streams streams;

    SidecarQueries(Bus bus, Streams streams) {
        this.bus = bus;
        this.streams = streams;
    }

    Future<UnsubscribeResponse> unsubscribe(UnsubscribeRequest request) {
        Optional<Long> keptMs = streams.unsubscribe(request.getSubscriptionId(), request.getPause());
        if (keptMs.isEmpty()) {
            // No failed call: whoever ends a subscription twice, or late, has what it wants.
            return Future.succeededFuture(UnsubscribeResponse.newBuilder()
                    .setErrorMessage(problemWith(request.getSubscriptionId()))
                    .build());
        }
        return Future.succeededFuture(UnsubscribeResponse.newBuilder()
                .setSuccess(true)
                .setPauseTtlMs(keptMs.get())
                .build());
    }

    private static String problemWith(String id) {
        return id.isEmpty()
                ? "subscription_id is empty; it is in the first event of every subscription"
                : "no subscription has the id '" + RequestRules.shown(id)
                        + "' on this node; it has ended, or is another node's";
    }

    Future<GetTopicsResponse> getTopics(GetTopicsRequest request) {
        return bus.request(Routing.TOPICS)
                .map(topics -> GetTopicsResponse.newBuilder()
                        .putAllTopics(new TreeMap<>(topics.subscriptionsByFilter()))
                        .build())
                .recover(e -> notNow());
    }

    Future<GetPeersResponse> getPeers(GetPeersRequest request) {
        return bus.request(Membership.PEERS)
                .map(peers -> {
                    GetPeersResponse.Builder response = GetPeersResponse.newBuilder();
                    peers.peers().forEach(peer -> response.addPeers(peerInfo(peer, request.getIncludeState())));
                    return response.build();
                })
                .recover(e -> notNow());
    }

    private static PeerInfo peerInfo(PeerView view, boolean withTopics) {
        PeerInfo.Builder info = PeerInfo.newBuilder()
                .setInstanceUuid(view.peer().id().value())
                .setEndpoint(view.peer().mesh().toString())
                .setLastSeenMs(view.lastHeardMs())
                .setClusterId(view.peer().clusterId())
                .setTopicStateHash(view.topicHash())
                .setStatus(view.state().name().toLowerCase(Locale.ROOT));
        if (withTopics) {
            info.addAllTopics(view.filters());
        }
        return info.build();
    }

    private static <T> Future<T> notNow() {
        return failed(GrpcStatus.UNAVAILABLE, "the node is starting or stopping; try again");
    }

    private static <T> Future<T> failed(GrpcStatus status, String text) {
        return Future.failedFuture(new GrpcFailure(status, text));
    }
}
