package io.nexusd.cli;

import io.nexusd.proto.admin.GetInfoRequest;
import io.nexusd.proto.admin.GetInfoResponse;
import io.nexusd.proto.admin.GetPeersRequest;
import io.nexusd.proto.admin.GetPeersResponse;
import io.nexusd.wire.CommandFailure;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The names of nodes whose ids are met in a stream. The daemon is asked when an id is met for the first time, and not again. */
final class NodeNames {
    private final DaemonClient daemon;
    private final Map<String, Optional<String>> byId = new HashMap<>();

    NodeNames(DaemonClient daemon) {
        this.daemon = daemon;
    }

    /** Returns the name of a node; empty where the daemon does not know it (any more). */
    Optional<String> of(String id) {
        if (!byId.containsKey(id)) {
            ask();
            byId.putIfAbsent(id, Optional.empty());
        }
        return byId.get(id);
    }

    private void ask() {
        try {
            GetInfoResponse own =
                    daemon.admin("GetInfo", GetInfoRequest.getDefaultInstance(), GetInfoResponse.parser());
            put(own.getInstanceUuid(), own.getName());
            daemon.admin("GetPeers", GetPeersRequest.getDefaultInstance(), GetPeersResponse.parser())
                    .getPeersList()
                    .forEach(peer -> put(peer.getInstanceUuid(), peer.getName()));
        } catch (CommandFailure e) {
            // The stream goes on with ids; if the daemon is gone it says so itself.
        }
    }

    private void put(String id, String name) {
        if (!name.isEmpty()) {
            byId.put(id, Optional.of(name));
        }
    }
}
