package io.nexusd.meshapi;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Lifecycle.Listener;
import io.nexusd.bus.Links;
import io.nexusd.bus.Links.OwnBeat;
import io.nexusd.bus.Membership;
import io.nexusd.bus.Meters;
import io.nexusd.model.NodeId;
import io.nexusd.model.Settings;
import io.nexusd.wire.Http2Server;
import io.nexusd.wire.LiveListener;
import io.nexusd.wire.MonotonicClock;
import io.nexusd.wire.RequestHead;
import io.nexusd.wire.ServerCall;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.common.GrpcStatus;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The MeshService: what other nodes say to this one. Owns every inbound link and the numbers taken from each node. In: calls,
 * this node's beat. Out: nodes that arrived, their messages and beats.
 */
public final class MeshApiVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(MeshApiVerticle.class);
    private static final String SERVICE = "/nexusd.mesh.MeshService/";
    private static final int MIN_MESSAGE_BYTES = 16 * 1024 * 1024;
    /** Room in a message for everything but the payload. */
    private static final int ENVELOPE_BYTES = 1024 * 1024;

    private static final int MAX_STREAMS_PER_CONNECTION = 10_000;
    private static final int STREAM_WINDOW_BYTES = 1024 * 1024;
    private static final int CONNECTION_WINDOW_BYTES = 4 * 1024 * 1024;
    /** Links at the same time; a peer has one, a moment long two. */
    private static final int MAX_LINKS = 8192;

    private static final int REMEMBERED_NODES = 4096;
    /** A dialing peer gives a link up that is silent for longer than six intervals. */
    private static final int ANSWERED_BEATS = 4;
    /** Peers hear of a new address with the next beat; links over the old one end after this long, to be dialed anew. */
    private static final int MOVE_NOTICE_MS = 500;

    /** Foreign clusters that a warning was written about. */
    private static final int REMEMBERED_WARNINGS = 256;

    /** A peer that beats rarely is not silent before so many of its intervals. */
    private static final long SILENT_INTERVALS = 3;

    private final Bus bus;
    private Settings settings;
    private final RpcMeters rpcs;
    private final InboundLink.Shared shared;
    private final BaseCalls baseCalls;
    private final PeerCalls peerCalls;
    private final Set<InboundLink> links = new HashSet<>();
    private final Set<String> warned = new HashSet<>();
    /** Nodes to which this one has an outbound link; dialer bounds them. */
    private final Set<NodeId> linkedBack = new HashSet<>();

    private LiveListener listener;
    /** Numbers the servers, to tell links over an old address from those over the new one. */
    private int serversMade;

    private long beats;
    private OwnBeat ownBeat;
    private long lastCheckMono;
    private long lastReportMono;

    public MeshApiVerticle(Bus bus, Settings settings, NodeId self, Meters meters) {
        this.bus = bus;
        this.settings = settings;
        this.rpcs = new RpcMeters(meters.registry());
        this.shared =
                new InboundLink.Shared(bus, meters, rpcs, self, new TakenSequences(REMEMBERED_NODES), () -> ownBeat);
        this.baseCalls = new BaseCalls(bus, meters, this::clusterId);
        this.peerCalls = new PeerCalls(bus);
    }

    @Override
    public Future<?> start() {
        bus.on(Links.OWN_BEAT, this::onOwnBeat);
        bus.on(Links.LINK_UP, up -> linkedBack.add(up.peer().id()));
        bus.on(Links.LINK_DOWN, down -> linkedBack.remove(down.id()));
        bus.on(Membership.PEER_DOWN, down -> linkedBack.remove(down.id()));
        bus.on(
                Links.PEER_DISMISSED,
                dismissed -> endLinks(
                        link -> dismissed.id().equals(link.peerId()),
                        GrpcStatus.ABORTED,
                        "this node was told by its configuration to let the other one go"));
        bus.on(Lifecycle.CONFIG_CHANGED, changed -> {
            settings = changed.after();
            listener.move(settings.mesh().bind(), settings.mesh().port());
        });
        lastCheckMono = MonotonicClock.nowMs();
        listener = new LiveListener(vertx, bus, Listener.MESH, this::server)
                .onRetired(
                        MOVE_NOTICE_MS,
                        () -> endLinks(
                                link -> link.server() < serversMade,
                                GrpcStatus.UNAVAILABLE,
                                "this node listens elsewhere now"));
        return listener.open(settings.mesh().bind(), settings.mesh().port());
    }

    @Override
    public Future<?> stop() {
        return listener.close();
    }

    private HttpServer server() {
        serversMade++;
        int number = serversMade;
        return vertx.createHttpServer(serverOptions()).requestHandler(request -> onRequest(request, number));
    }

    private void onOwnBeat(OwnBeat beat) {
        boolean news = ownBeat == null || !ownBeat.saysTheSameAs(beat);
        boolean otherCluster = ownBeat != null
                && !ownBeat.self().clusterId().equals(beat.self().clusterId());
        beats++;
        boolean due = beats % ANSWERED_BEATS == 0;
        ownBeat = beat;
        if (otherCluster) {
            endLinks(
                    link -> true,
                    GrpcStatus.UNAVAILABLE,
                    "this node has moved to cluster '" + beat.self().clusterId() + "'");
        }
        // A peer that this node has a link to hears every beat there; here it only needs to see that the link lives.
        // A write that fails ends its link at once.
        List.copyOf(links).forEach(link -> {
            if (news || due || !linkedBack.contains(link.peerId())) {
                link.beat(beat);
            }
        });
        // Beats are the clock here too: a timer of its own would wake an idle node once more.
        reportHeard();
        endSilentLinks();
    }

    private String clusterId() {
        // What is said in beats is what holds: gossip leaves the old cluster before it speaks for the new one.
        return ownBeat == null ? settings.cluster().id() : ownBeat.self().clusterId();
    }

    private void endLinks(Predicate<InboundLink> which, GrpcStatus status, String text) {
        List.copyOf(links).stream().filter(which).forEach(link -> link.end(status, text));
    }

    private static HttpServerOptions serverOptions() {
        return Http2Server.options(MAX_STREAMS_PER_CONNECTION, STREAM_WINDOW_BYTES, CONNECTION_WINDOW_BYTES);
    }

    private void onRequest(HttpServerRequest request, int server) {
        if (RequestHead.refuses(request, settings.connections().maxMetadataBytes())) {
            return;
        }
        String path = request.path();
        if (path == null || !path.startsWith(SERVICE) || !ServerCall.accepts(request)) {
            request.response().setStatusCode(404).end();
            return;
        }
        ServerCall call = new ServerCall(request, this::maxMessageBytes);
        String method = path.substring(SERVICE.length());
        String metered = RpcMeters.METHODS.contains(method) ? method : RpcMeters.UNKNOWN;
        long startedNs = System.nanoTime();
        call.onEnded((status, text) -> rpcs.ended(metered, status, startedNs));
        switch (method) {
            case "Link" -> link(call, ip(request.remoteAddress()), ip(request.localAddress()), server, startedNs);
            case "GetNodeState" -> baseCalls.getNodeState(call);
            case "RetainedDigest" -> peerCalls.digest(call);
            case "RetainedMessages" -> peerCalls.messages(call);
            case "MeshView" -> peerCalls.meshView(call);
            case "PushMessage" -> baseCalls.pushMessage(call);
            case "PushMessageStream" -> baseCalls.pushMessageStream(call);
            default -> call.end(GrpcStatus.UNIMPLEMENTED, "MeshService has no method " + method);
        }
    }

    private int maxMessageBytes() {
        return (int) Math.min(
                Integer.MAX_VALUE,
                Math.max(MIN_MESSAGE_BYTES, (long) settings.app().maxPayloadBytes() + ENVELOPE_BYTES));
    }

    private static String ip(SocketAddress address) {
        return address == null || address.hostAddress() == null ? "" : address.hostAddress();
    }

    private void link(ServerCall call, String from, String ownIp, int server, long startedNs) {
        if (links.size() >= MAX_LINKS) {
            call.end(GrpcStatus.RESOURCE_EXHAUSTED, "this node has " + MAX_LINKS + " links already");
            return;
        }
        // It has the dial timeout for its hello.
        InboundLink link = new InboundLink(shared, call.withoutHaste(), from, ownIp, server);
        links.add(link);
        int helloMs = settings.peers().dialTimeoutMs();
        long helloTimer = vertx.setTimer(helloMs, timer -> {
            if (!link.isGreeted()) {
                link.end(GrpcStatus.INVALID_ARGUMENT, "no hello within " + helloMs + " ms");
            }
        });
        call.onEnded((status, text) -> {
            vertx.cancelTimer(helloTimer);
            links.remove(link);
            warn(status, text, from);
            rpcs.ended("Link", status, startedNs);
        });
    }

    /** Nodes dial again and again; one line for each reason and place is enough. */
    private void warn(GrpcStatus status, String text, String fromIp) {
        boolean refused = status == GrpcStatus.INVALID_ARGUMENT || status == GrpcStatus.FAILED_PRECONDITION;
        if (refused && warned.size() < REMEMBERED_WARNINGS && warned.add(fromIp + text)) {
            LOG.warn("link refused from={} status={}: {}", fromIp, status.name(), text);
        }
    }

    /** A long message may take longer to cross than its sender may be silent: its parts are signs of life. */
    private void reportHeard() {
        long nowMono = MonotonicClock.nowMs();
        links.forEach(link -> link.reportHeard(lastReportMono, nowMono));
        lastReportMono = nowMono;
    }

    private void endSilentLinks() {
        long nowMono = MonotonicClock.nowMs();
        long sinceLastMs = nowMono - lastCheckMono;
        lastCheckMono = nowMono;
        if (sinceLastMs > 2L * settings.discovery().beaconIntervalMs()) {
            // This process was stopped itself, so the silence says nothing.
            return;
        }
        for (InboundLink link : List.copyOf(links)) {
            long timeoutMs = Math.max(settings.discovery().peerTimeoutMs(), SILENT_INTERVALS * link.beaconIntervalMs());
            if (link.isGreeted() && nowMono - link.heardMono() > timeoutMs) {
                link.end(GrpcStatus.UNAVAILABLE, "nothing heard for " + (nowMono - link.heardMono()) + " ms");
            }
        }
    }
}
