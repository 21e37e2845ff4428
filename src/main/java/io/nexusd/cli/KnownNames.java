package io.nexusd.cli;

import io.nexusd.proto.admin.GetClientsRequest;
import io.nexusd.proto.admin.GetClientsResponse;
import io.nexusd.proto.admin.GetPeersRequest;
import io.nexusd.proto.admin.GetPeersResponse;
import io.nexusd.proto.admin.GetRetainedRequest;
import io.nexusd.proto.admin.GetRetainedResponse;
import io.nexusd.proto.admin.GetTopicsRequest;
import io.nexusd.proto.admin.GetTopicsResponse;
import io.nexusd.proto.admin.Peer;
import io.nexusd.wire.CommandFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Names for completion, asked of the daemon that is connected; none, and no error, where it does not answer at once. */
final class KnownNames implements Completion.Known {
    private static final int ASK_TIMEOUT_MS = 500;
    private static final int MAX_RETAINED = 200;

    private final Session session;

    KnownNames(Session session) {
        this.session = session;
    }

    @Override
    public List<String> topics() {
        return asked(() -> {
            DaemonClient daemon = session.daemon();
            Set<String> topics = new TreeSet<>();
            daemon.admin("GetTopics", GetTopicsRequest.getDefaultInstance(), GetTopicsResponse.parser(), ASK_TIMEOUT_MS)
                    .getTopicsList()
                    .forEach(topic -> topics.add(topic.getFilter()));
            GetRetainedRequest retained =
                    GetRetainedRequest.newBuilder().setLimit(MAX_RETAINED).build();
            daemon.admin("GetRetained", retained, GetRetainedResponse.parser(), ASK_TIMEOUT_MS)
                    .getMessagesList()
                    .forEach(message -> topics.add(message.getTopic()));
            return List.copyOf(topics);
        });
    }

    @Override
    public List<String> peers() {
        return asked(() -> peersNow().stream().map(Peer::getName).sorted().toList());
    }

    @Override
    public List<String> endpoints() {
        return asked(() -> {
            List<String> endpoints = new ArrayList<>();
            for (Peer peer : peersNow()) {
                if (peer.getAppPort() > 0) {
                    String mesh = peer.getEndpoint();
                    endpoints.add(mesh.substring(0, mesh.lastIndexOf(':') + 1) + peer.getAppPort());
                }
            }
            return endpoints;
        });
    }

    @Override
    public List<String> clients() {
        return asked(() -> session
                .daemon()
                .admin(
                        "GetClients",
                        GetClientsRequest.getDefaultInstance(),
                        GetClientsResponse.parser(),
                        ASK_TIMEOUT_MS)
                .getClientsList()
                .stream()
                .map(client -> client.getSubscriptionId())
                .toList());
    }

    private List<Peer> peersNow() {
        return session.daemon()
                .admin("GetPeers", GetPeersRequest.getDefaultInstance(), GetPeersResponse.parser(), ASK_TIMEOUT_MS)
                .getPeersList();
    }

    private List<String> asked(Supplier<List<String>> question) {
        if (!session.isConnected()) {
            return List.of();
        }
        try {
            return question.get();
        } catch (CommandFailure e) {
            // The line is written without it.
            return List.of();
        }
    }
}
