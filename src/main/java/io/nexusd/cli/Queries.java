package io.nexusd.cli;

import io.nexusd.proto.sidecar.GetPeersRequest;
import io.nexusd.proto.sidecar.GetPeersResponse;
import io.nexusd.proto.sidecar.GetTopicsRequest;
import io.nexusd.proto.sidecar.GetTopicsResponse;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** Commands that ask and show. */
final class Queries {
    private Queries() {}

    /** Whether the daemon answers, and how fast. */
    @Command(name = "PING", description = "Tells whether the daemon answers, and how fast.")
    static final class Ping implements Callable<Integer> {
        @ParentCommand
        private Cli cli;

        @Override
        public Integer call() {
            try (DaemonClient daemon = cli.connect()) {
                long startNs = System.nanoTime();
                daemon.call("GetTopics", GetTopicsRequest.getDefaultInstance(), GetTopicsResponse.parser());
                double tookMs = Math.round((System.nanoTime() - startNs) / 1e5) / 10.0;
                cli.output()
                        .table(
                                List.of("daemon", "ms"),
                                List.of(List.of(daemon.daemon().toString(), tookMs)));
                return 0;
            }
        }
    }

    /** What is subscribed at this node. */
    @Command(name = "PUBSUB", description = "What is subscribed at this node.", subcommands = Topics.class)
    static final class Pubsub {
        @ParentCommand
        private Cli cli;
    }

    /** Filters and how many subscriptions hold each. */
    @Command(name = "TOPICS", description = "Topic filters and how many subscriptions hold each.")
    static final class Topics implements Callable<Integer> {
        @ParentCommand
        private Pubsub pubsub;

        @Override
        public Integer call() {
            try (DaemonClient daemon = pubsub.cli.connect()) {
                GetTopicsRequest request =
                        GetTopicsRequest.newBuilder().setIncludeCounts(true).build();
                GetTopicsResponse topics = daemon.call("GetTopics", request, GetTopicsResponse.parser());
                List<List<Object>> rows = new TreeMap<>(topics.getTopicsMap())
                        .entrySet().stream()
                                .map(entry -> List.<Object>of(entry.getKey(), entry.getValue()))
                                .toList();
                pubsub.cli.output().table(List.of("topic", "subscriptions"), rows);
                return 0;
            }
        }
    }

    /** The mesh as this node sees it. */
    @Command(name = "MESH", description = "The mesh as this node sees it.", subcommands = Peers.class)
    static final class Mesh {
        @ParentCommand
        private Cli cli;
    }

    /** The other nodes. */
    @Command(name = "PEERS", description = "The other nodes, how they are, and what they want.")
    static final class Peers implements Callable<Integer> {
        @ParentCommand
        private Mesh mesh;

        @Override
        public Integer call() {
            try (DaemonClient daemon = mesh.cli.connect()) {
                GetPeersRequest request =
                        GetPeersRequest.newBuilder().setIncludeState(true).build();
                GetPeersResponse peers = daemon.call("GetPeers", request, GetPeersResponse.parser());
                long nowMs = System.currentTimeMillis();
                List<List<Object>> rows = peers.getPeersList().stream()
                        .map(peer -> List.<Object>of(
                                peer.getEndpoint(),
                                peer.getStatus(),
                                nowMs - peer.getLastSeenMs(),
                                peer.getInstanceUuid(),
                                List.copyOf(peer.getTopicsList())))
                        .toList();
                mesh.cli.output().table(List.of("endpoint", "state", "heard_ms_ago", "id", "topics"), rows);
                return 0;
            }
        }
    }
}
