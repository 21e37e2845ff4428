package io.nexusd.appapi.admin;

import static io.nexusd.appapi.admin.AdminQueries.refused;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Inspection;
import io.nexusd.bus.Inspection.Explanation;
import io.nexusd.bus.Membership.PeerView;
import io.nexusd.bus.Membership.Peers;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import io.nexusd.model.Share;
import io.nexusd.model.Topic;
import io.nexusd.proto.admin.Client;
import io.nexusd.proto.admin.ExplainResponse;
import io.nexusd.proto.admin.ExplainedGroup;
import io.nexusd.proto.admin.ExplainedPeer;
import io.nexusd.proto.admin.ExplainedSubscription;
import io.nexusd.proto.admin.GetClientsResponse;
import io.nexusd.proto.admin.GetObjectResponse;
import io.nexusd.proto.admin.GetRetainedResponse;
import io.nexusd.proto.admin.GetTopicsResponse;
import io.nexusd.proto.admin.GetTrafficResponse;
import io.nexusd.proto.admin.RetainedInfo;
import io.nexusd.proto.admin.TopicInterest;
import io.nexusd.proto.admin.TopicTraffic;
import io.nexusd.wire.MonotonicClock;
import io.vertx.core.Future;
import io.vertx.grpc.common.GrpcStatus;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What this node tells of topics and of who wants them. */
final class TopicAnswers {
    private static final int USUAL_LIMIT = 1000;
    private static final int MAX_LIMIT = 100_000;

    private final Bus bus;
    private final MeshAnswers mesh;

    TopicAnswers(Bus bus, MeshAnswers mesh) {
        this.bus = bus;
        this.mesh = mesh;
    }

    Future<GetClientsResponse> clients() {
        return subscriptions().map(clients -> {
            long nowMs = System.currentTimeMillis();
            GetClientsResponse.Builder response = GetClientsResponse.newBuilder();
            clients.clients().forEach(client -> response.addClients(client(client, nowMs)));
            return response.build();
        });
    }

    Future<GetTopicsResponse> topics() {
        Future<Inspection.Clients> clients = subscriptions();
        Future<Peers> peers = mesh.members();
        return Future.all(clients, peers).compose(all -> {
            Map<String, TopicInterest.Builder> byInterest = new TreeMap<>();
            for (Inspection.Client client : clients.result().clients()) {
                for (String filter : client.filters()) {
                    TopicInterest.Builder entry = entry(byInterest, filter, client.group());
                    if (client.state() == Inspection.ClientState.STREAMING) {
                        entry.setSubscriptions(entry.getSubscriptions() + 1);
                    } else {
                        entry.setWaiting(entry.getWaiting() + 1);
                    }
                }
            }
            for (PeerView peer : peers.result().peers()) {
                for (String interest : peer.filters()) {
                    Optional<Share> share = Share.of(interest);
                    TopicInterest.Builder entry = entry(
                            byInterest,
                            share.map(Share::filter).orElse(interest),
                            share.map(Share::group).orElse(""));
                    entry.setPeers(entry.getPeers() + 1);
                }
            }
            return counted(byInterest.values());
        });
    }

    /** Messages are numbered where somebody here is subscribed, so elsewhere their count is not known. */
    private Future<GetTopicsResponse> counted(Collection<TopicInterest.Builder> topics) {
        Set<String> filters =
                topics.stream().map(TopicInterest.Builder::getFilter).collect(Collectors.toSet());
        return bus.request(Inspection.FILTER_COUNTS, new Inspection.FilterCountsWanted(filters))
                .map(counts -> {
                    GetTopicsResponse.Builder response = GetTopicsResponse.newBuilder();
                    for (TopicInterest.Builder topic : topics) {
                        topic.setRetained(counts.retained().contains(topic.getFilter()));
                        if (topic.getSubscriptions() > 0) {
                            topic.setMessages(counts.messages().getOrDefault(topic.getFilter(), 0L));
                        }
                        response.addTopics(topic);
                    }
                    return response.build();
                });
    }

    Future<GetRetainedResponse> retained(String filter, int limit) {
        Optional<String> problem = filter.isEmpty() ? Optional.empty() : Topic.problemWithFilter(filter);
        if (problem.isPresent()) {
            return refused(GrpcStatus.INVALID_ARGUMENT, problem.get());
        }
        if (limit < 0 || limit > MAX_LIMIT) {
            return refused(GrpcStatus.INVALID_ARGUMENT, "limit is " + limit + "; it must be 0 to " + MAX_LIMIT);
        }
        Inspection.RetainedWanted wanted =
                new Inspection.RetainedWanted(filter.isEmpty() ? "#" : filter, limit == 0 ? USUAL_LIMIT : limit);
        return bus.request(Inspection.RETAINED, wanted)
                .map(found -> GetRetainedResponse.newBuilder()
                        .addAllMessages(found.envelopes().stream()
                                .map(TopicAnswers::retained)
                                .toList())
                        .setMore(found.more())
                        .build());
    }

    Future<ExplainResponse> explain(String topic) {
        Optional<String> problem = Topic.problemWithTopic(topic);
        if (problem.isPresent()) {
            return refused(GrpcStatus.INVALID_ARGUMENT, problem.get());
        }
        Future<Explanation> explanation = bus.request(Inspection.EXPLANATION, new Inspection.ExplanationWanted(topic));
        Future<Inspection.Clients> clients = subscriptions();
        Future<Peers> peers = mesh.members();
        return Future.all(explanation, clients, peers)
                .map(all -> explained(explanation.result(), clients.result(), peers.result()));
    }

    private static ExplainResponse explained(Explanation explanation, Inspection.Clients clients, Peers peers) {
        Map<Long, Inspection.Client> byHandle = new HashMap<>();
        clients.clients().forEach(client -> byHandle.put(client.handle(), client));
        Map<NodeId, PeerView> byId = new HashMap<>();
        peers.peers().forEach(peer -> byId.put(peer.peer().id(), peer));
        ExplainResponse.Builder response = ExplainResponse.newBuilder().setPeersIfRetained(explanation.members());
        explanation.subscriptions().forEach(match -> {
            Inspection.Client client = byHandle.get(match.handle());
            if (client != null) {
                response.addSubscriptions(ExplainedSubscription.newBuilder()
                        .setSubscriptionId(client.id())
                        .addAllFilters(match.filters())
                        .setState(client.state().name().toLowerCase(Locale.ROOT)));
            }
        });
        explanation.peers().forEach(match -> {
            PeerView peer = byId.get(match.id());
            ExplainedPeer.Builder explained = ExplainedPeer.newBuilder()
                    .setInstanceUuid(match.id().value())
                    .addAllFilters(match.filters());
            if (peer != null) {
                explained
                        .setName(peer.peer().name())
                        .setEndpoint(peer.peer().mesh().toString())
                        .setLinked(peer.linked());
            }
            response.addPeers(explained);
        });
        explanation.groups().forEach(group -> response.addGroups(group(group, byHandle, byId)));
        explanation.retained().ifPresent(envelope -> response.setRetained(retained(envelope)));
        return response.build();
    }

    private static ExplainedGroup group(
            Inspection.GroupMatch match, Map<Long, Inspection.Client> clients, Map<NodeId, PeerView> peers) {
        ExplainedGroup.Builder group = ExplainedGroup.newBuilder()
                .setGroup(match.group())
                .setFilter(match.filter())
                .setNextIsLocal(match.nextMember().isPresent());
        match.members().forEach(handle -> group.addSubscriptionIds(id(clients, handle)));
        match.nodes().forEach(id -> group.addNodes(name(peers, id)));
        match.nextMember()
                .map(handle -> id(clients, handle))
                .or(() -> match.nextNode().map(node -> name(peers, node)))
                .ifPresent(group::setNext);
        return group.build();
    }

    private static String id(Map<Long, Inspection.Client> clients, Long handle) {
        Inspection.Client client = clients.get(handle);
        return client == null ? "subscription " + handle : client.id();
    }

    private static String name(Map<NodeId, PeerView> peers, NodeId id) {
        PeerView peer = peers.get(id);
        return peer == null || peer.peer().name().isEmpty()
                ? id.value()
                : peer.peer().name();
    }

    Future<GetTrafficResponse> traffic() {
        return bus.request(Inspection.TRAFFIC)
                .map(traffic -> GetTrafficResponse.newBuilder()
                        .setAtMonoMs(MonotonicClock.nowMs())
                        .addAllTopics(traffic.topics().stream()
                                .map(TopicAnswers::traffic)
                                .toList())
                        .setOthers(traffic(traffic.others()))
                        .build());
    }

    Future<GetObjectResponse> object(String key) {
        if (key.isEmpty()) {
            return refused(GrpcStatus.INVALID_ARGUMENT, "key is empty; name a topic, a subscription or a peer");
        }
        Future<Inspection.Clients> clients = subscriptions();
        Future<Peers> peers = mesh.members();
        return Future.all(clients, peers).compose(all -> {
            Optional<Inspection.Client> client = clients.result().clients().stream()
                    .filter(one -> one.id().equals(key))
                    .findFirst();
            if (client.isPresent()) {
                return Future.succeededFuture(Details.of(client.get()));
            }
            List<PeerView> named = peers.result().peers().stream()
                    .filter(peer -> List.of(
                                    peer.peer().id().value(),
                                    peer.peer().name(),
                                    peer.peer().mesh().toString())
                            .contains(key))
                    .collect(Collectors.toList());
            return named.isEmpty() ? topic(key) : Future.succeededFuture(Details.of(named.get(0)));
        });
    }

    private Future<GetObjectResponse> topic(String topic) {
        Optional<String> problem = Topic.problemWithTopic(topic);
        if (problem.isPresent()) {
            return refused(
                    GrpcStatus.NOT_FOUND, "no subscription and no peer is named so, and as a topic: " + problem.get());
        }
        Future<Inspection.TopicHoldings> holdings = bus.request(Inspection.TOPIC, new Inspection.TopicWanted(topic));
        Future<Explanation> explanation = bus.request(Inspection.EXPLANATION, new Inspection.ExplanationWanted(topic));
        return Future.all(holdings, explanation).map(all -> Details.of(topic, holdings.result(), explanation.result()));
    }

    private Future<Inspection.Clients> subscriptions() {
        return bus.request(Inspection.CLIENTS);
    }

    private static TopicInterest.Builder entry(
            Map<String, TopicInterest.Builder> byInterest, String filter, String group) {
        return byInterest.computeIfAbsent(
                filter + '\n' + group,
                key -> TopicInterest.newBuilder().setFilter(filter).setGroup(group));
    }

    private static TopicTraffic traffic(Inspection.TopicTraffic traffic) {
        return TopicTraffic.newBuilder()
                .setTopic(traffic.topic())
                .setPublished(traffic.published())
                .setFromPeers(traffic.fromPeers())
                .setBytes(traffic.bytes())
                .build();
    }

    private static RetainedInfo retained(Envelope envelope) {
        long remainingMs = envelope.expiresNs() == Envelope.NEVER
                ? 0
                : Math.max(1, (envelope.expiresNs() - System.nanoTime()) / 1_000_000);
        return RetainedInfo.newBuilder()
                .setTopic(envelope.topic())
                .setMessageId(envelope.messageId())
                .setTimestampMs(envelope.timestampMs())
                .setPayloadBytes(envelope.payload().size())
                .setContentType(envelope.contentType())
                .setSourceNodeId(envelope.source())
                .setRemainingMs(remainingMs)
                .build();
    }

    private static Client client(Inspection.Client client, long nowMs) {
        return Client.newBuilder()
                .setSubscriptionId(client.id())
                .addAllTopics(client.filters())
                .setGroup(client.group())
                .setState(client.state().name().toLowerCase(Locale.ROOT))
                .setAddress(client.address())
                .setCreatedMs(client.createdMs())
                .setNowMs(nowMs)
                .setQueueDepth(client.queueDepth())
                .setQueueLimit(client.queueLimit())
                .setDelivered(client.delivered())
                .setDropped(client.dropped())
                .setExpired(client.expired())
                .setMissed(client.missed())
                .setBatches(client.batches())
                .setRetained(client.retained())
                .build();
    }
}
