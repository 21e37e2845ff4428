package io.nexusd.cli;

import io.nexusd.proto.admin.GetInfoRequest;
import io.nexusd.proto.admin.GetInfoResponse;
import io.nexusd.proto.admin.GetMeshRequest;
import io.nexusd.proto.admin.GetMeshResponse;
import io.nexusd.proto.admin.GetPeersRequest;
import io.nexusd.proto.admin.GetPeersResponse;
import io.nexusd.proto.admin.Peer;
import io.nexusd.proto.sidecar.PeerInfo;
import io.nexusd.wire.CommandFailure;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;

/** The mesh. */
@Command(
        name = "MESH",
        description = "The mesh; STATUS unless another is named.",
        subcommands = {Mesh.Peers.class, Mesh.Status.class, Mesh.TopologyCommand.class})
final class Mesh implements CommandGroup {
    @Override
    public String usualCommand() {
        return "STATUS";
    }

    /** The other nodes. */
    @Command(name = "PEERS", description = "The other nodes, how they are, and how far away.")
    static final class Peers extends Subcommand {
        private static final Comparator<Peer> BY_NAME = Comparator.comparing(Peer::getName)
                .thenComparing(Peer::getEndpoint)
                .thenComparing(Peer::getInstanceUuid);

        @Override
        void run() {
            Table table = new Table(
                    "name",
                    "endpoint",
                    "state",
                    "linked",
                    "latency_us=latency",
                    "clock_ahead_ms=clock",
                    "heard_ms=heard",
                    "waiting",
                    "topics",
                    "version",
                    "id~");
            long nowMs = System.currentTimeMillis();
            for (Peer peer : ask().stream().sorted(BY_NAME).toList()) {
                table.row(
                        peer.getName(),
                        peer.getEndpoint(),
                        Cell.state(peer.getState()),
                        peer.getProtocolVersion() == 0 ? null : linked(peer.getLinked()),
                        latency(peer),
                        clock(peer),
                        ago(nowMs - peer.getLastSeenMs()),
                        peer.getProtocolVersion() == 0 ? null : peer.getWaiting(),
                        peer.getTopicsCount(),
                        peer.getVersion(),
                        peer.getInstanceUuid());
            }
            output().table(table);
        }

        /** A daemon that does not tell strangers all of it still tells them what every application may know. */
        private List<Peer> ask() {
            try {
                return daemon().admin("GetPeers", GetPeersRequest.getDefaultInstance(), GetPeersResponse.parser())
                        .getPeersList();
            } catch (CommandFailure e) {
                if (!e.isWithheld()) {
                    throw e;
                }
                var known = daemon().sidecar(
                                "GetPeers",
                                io.nexusd.proto.sidecar.GetPeersRequest.newBuilder()
                                        .setIncludeState(true)
                                        .build(),
                                io.nexusd.proto.sidecar.GetPeersResponse.parser());
                output().note("only what every application may know: " + e.getMessage());
                return known.getPeersList().stream().map(Peers::peer).toList();
            }
        }

        private static Peer peer(PeerInfo info) {
            return Peer.newBuilder()
                    .setEndpoint(info.getEndpoint())
                    .setState(info.getStatus())
                    .setLastSeenMs(info.getLastSeenMs())
                    .setInstanceUuid(info.getInstanceUuid())
                    .addAllTopics(info.getTopicsList())
                    .build();
        }

        private static Cell linked(boolean linked) {
            return new Cell(linked, linked ? "yes" : "no", linked ? Style.PLAIN : Style.WARNING);
        }

        private static Cell latency(Peer peer) {
            return peer.hasRoundTripUs() ? Cell.of(peer.getRoundTripUs(), Text.millis(peer.getRoundTripUs())) : null;
        }

        private static Cell clock(Peer peer) {
            return peer.hasClockAheadMs()
                    ? Cell.of(peer.getClockAheadMs(), String.format("%+d ms", peer.getClockAheadMs()))
                    : null;
        }

        /** The daemon's clock may be ahead of this one, if it is on another host. */
        private static Cell ago(long ms) {
            return Cell.of(Math.max(0, ms), Text.duration(Math.max(0, ms)) + " ago");
        }
    }

    /** Whether the mesh is whole. */
    @Command(
            name = "STATUS",
            description = "Whether every node knows, and is linked to, every other; and what is amiss.")
    static final class Status extends Subcommand {
        @Override
        void run() {
            GetInfoResponse info =
                    daemon().admin("GetInfo", GetInfoRequest.getDefaultInstance(), GetInfoResponse.parser());
            Topology topology = Topology.of(
                    daemon().admin("GetMesh", GetMeshRequest.getDefaultInstance(), GetMeshResponse.parser()));
            List<String> amiss = topology.amiss();
            output().fields(new Fields()
                    .add("node", info.getName())
                    .add("cluster", info.getClusterId())
                    .add("members", topology.size())
                    .add("links", topology.links())
                    .add("links_of_a_whole_mesh", topology.size() * (topology.size() - 1))
                    .add(
                            "whole",
                            new Cell(
                                    amiss.isEmpty(),
                                    amiss.isEmpty() ? "yes" : "no",
                                    amiss.isEmpty() ? Style.GOOD : Style.WARNING))
                    .add("amiss", new Cell(amiss, amiss.isEmpty() ? "-" : amiss.size() + ":", Style.PLAIN)));
            if (!output().isJson()) {
                amiss.forEach(one -> output().line("  " + output().styled(Style.WARNING, Text.safe(one))));
            }
        }
    }

    /** Draws the mesh. */
    @Command(name = "TOPOLOGY", description = "Draws the whole mesh as each of its nodes sees it.")
    static final class TopologyCommand extends Subcommand {
        @Override
        void run() {
            Topology topology = Topology.of(
                    daemon().admin("GetMesh", GetMeshRequest.getDefaultInstance(), GetMeshResponse.parser()));
            if (output().isJson()) {
                topology.objects().forEach(output()::object);
            } else {
                output().lines(topology.drawing(
                        output().screen().columns().getAsInt(),
                        output().screen().colour()));
            }
        }
    }
}
