package io.nexusd.discovery;

import io.nexusd.model.Endpoint;
import io.nexusd.model.Settings.Multicast;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramPacket;
import io.vertx.core.datagram.DatagramSocket;
import io.vertx.core.datagram.DatagramSocketOptions;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The UDP sockets: one that listens on the group's port, shared with other daemons of this host, and one per network to send
 * from, because a socket sends multicast through one network only. Networks come, go and change their addresses. The system keeps
 * memberships by interface, so whenever the networks have changed a new listening socket joins all of them and takes the place of
 * the old one. To send needs no membership.
 */
final class BeaconSockets {
    private static final Logger LOG = LoggerFactory.getLogger(BeaconSockets.class);

    /** Longer datagrams would be cut silently, and then taken for something else. */
    private static final int RECEIVE_BUFFER_BYTES = 65_536;

    /** A network that cannot be joined is tried again after so many looks at the networks, at most. */
    private static final int MAX_RETRY_LOOKS = 12;

    private final Vertx vertx;
    private final Multicast multicast;
    private final boolean isIpv6;
    private final Consumer<DatagramPacket> onDatagram;
    private final Map<Egress, DatagramSocket> senders = new HashMap<>();
    /** Over which nothing can be sent; an operator knows. */
    private final Set<Egress> failing = new HashSet<>();
    /** Not joined, with the number of failures; an operator knows. */
    private final Map<Egress, Integer> unjoined = new HashMap<>();

    private final Echoes echoes = new Echoes();
    private DatagramSocket listener;
    /** What the listener was made for. */
    private Set<Egress> listening = Set.of();

    private long looks;
    private boolean opening;
    private boolean closed;
    private boolean silentTold;
    private String lastProblem = "";

    BeaconSockets(Vertx vertx, Multicast multicast, Consumer<DatagramPacket> onDatagram) {
        this.vertx = vertx;
        this.multicast = multicast;
        this.isIpv6 = multicast.isIpv6();
        this.onDatagram = onDatagram;
    }

    /** Makes the sockets those of these networks; completes when the listener has joined all it can. Never fails. */
    Future<Void> use(List<Egress> networks) {
        if (opening || closed) {
            return Future.succeededFuture();
        }
        opening = true;
        looks++;
        useSenders(networks);
        return follow(new LinkedHashSet<>(networks))
                .onSuccess(v -> problem(networks.isEmpty() ? "no network interface can be used" : ""))
                .onFailure(e -> problem(String.valueOf(e.getMessage())))
                .transform(done -> {
                    opening = false;
                    return Future.succeededFuture();
                });
    }

    /** Sends a datagram through every network; its content may depend on the network. */
    void send(Function<Egress, byte[]> datagram) {
        senders.forEach((network, socket) -> socket.send(
                        Buffer.buffer(datagram.apply(network)), multicast.port(), multicast.group())
                .onSuccess(v -> {
                    if (failing.remove(network)) {
                        LOG.info("beacons go out again interface={}", network.name());
                    }
                })
                .onFailure(e -> notSent(network, e)));
        echoes.sent(senders.keySet().stream()
                .filter(network -> !failing.contains(network) && !unjoined.containsKey(network))
                .toList());
    }

    /** A beacon of this node came back from this address. */
    void heardOwn(String sourceIp) {
        echoes.heard(sourceIp);
        if (silentTold && !echoes.isSilent()) {
            silentTold = false;
            LOG.info("beacons of this node are heard again");
        }
    }

    boolean canSend() {
        return !senders.isEmpty();
    }

    /** Closes every socket; nothing is sent or heard after that. */
    void close() {
        closed = true;
        senders.values().forEach(DatagramSocket::close);
        senders.clear();
        if (listener != null) {
            listener.close();
        }
    }

    private Future<Void> follow(Set<Egress> networks) {
        boolean rejoin = echoes.isRejoinDue();
        if (rejoin && !silentTold) {
            silentTold = true;
            LOG.info(
                    "beacons of this node do not come back, joining the multicast group again group={}; if no peer is found"
                            + " either, see that nothing filters UDP port {} here",
                    multicast.group(),
                    multicast.port());
        }
        if (listener == null || rejoin || !networks.equals(listening)) {
            return listen().compose(
                            socket -> joinAll(socket, networks).transform(done -> replaceListener(socket, networks)));
        }
        return joinAll(
                listener,
                networks.stream().filter(network -> isRetryDue(network)).toList());
    }

    private boolean isRetryDue(Egress network) {
        Integer failures = unjoined.get(network);
        return failures != null && looks % Math.min(MAX_RETRY_LOOKS, failures) == 0;
    }

    private Future<Void> replaceListener(DatagramSocket socket, Set<Egress> networks) {
        DatagramSocket old = closed ? socket : listener;
        if (!closed) {
            for (Egress network : listening) {
                if (!networks.contains(network)) {
                    LOG.info("multicast discovery ends on interface={} address={}", network.name(), network.address());
                }
            }
            listener = socket;
            listening = Set.copyOf(networks);
            unjoined.keySet().retainAll(networks);
        }
        return old == null ? Future.succeededFuture() : old.close().otherwiseEmpty();
    }

    private Future<DatagramSocket> listen() {
        DatagramSocketOptions options = new DatagramSocketOptions()
                .setReuseAddress(true)
                .setReceiveBufferSize(RECEIVE_BUFFER_BYTES)
                .setIpV6(isIpv6);
        DatagramSocket socket = vertx.createDatagramSocket(options);
        socket.handler(onDatagram::accept);
        socket.exceptionHandler(e -> LOG.debug("beacon socket error={}", e.getMessage()));
        return socket.listen(multicast.port(), isIpv6 ? "::" : "0.0.0.0").onFailure(e -> socket.close());
    }

    /** Joins the networks, each on its own; one that cannot be joined does not keep the others from it. */
    private Future<Void> joinAll(DatagramSocket socket, Collection<Egress> networks) {
        return Future.join(
                        networks.stream().map(network -> join(socket, network)).toList())
                .otherwiseEmpty()
                .mapEmpty();
    }

    private Future<Void> join(DatagramSocket socket, Egress network) {
        Future<Void> joined;
        try {
            joined = socket.listenMulticastGroup(multicast.group(), network.name(), null);
        } catch (RuntimeException e) {
            // The interface has vanished since it was seen.
            joined = Future.failedFuture(e);
        }
        return joined.recover(e -> isJoinedAlready(e) ? Future.succeededFuture() : Future.failedFuture(e))
                .onSuccess(v -> joined(network))
                .onFailure(e -> {
                    if (unjoined.merge(network, 1, Integer::sum) == 1) {
                        LOG.warn(
                                "cannot join the multicast group, trying on interface={} address={} error={}",
                                network.name(),
                                network.address(),
                                e.getMessage());
                    }
                });
    }

    private void joined(Egress network) {
        boolean failed = unjoined.remove(network) != null;
        if (!closed && (failed || !listening.contains(network))) {
            LOG.info(
                    "multicast discovery on interface={} address={} group={}",
                    network.name(),
                    network.address(),
                    new Endpoint(multicast.group(), multicast.port()));
        }
    }

    /** The system holds the membership already, from an address that the interface had before. */
    private static boolean isJoinedAlready(Throwable e) {
        return String.valueOf(e.getMessage()).contains("Address already in use");
    }

    private void useSenders(List<Egress> networks) {
        for (Egress network : List.copyOf(senders.keySet())) {
            // One that fails is made again: what it was bound to may have changed.
            if (!networks.contains(network) || failing.contains(network)) {
                senders.remove(network).close();
            }
        }
        failing.retainAll(networks);
        for (Egress network : networks) {
            if (!senders.containsKey(network)) {
                try {
                    senders.put(network, sender(network));
                } catch (RuntimeException e) {
                    notSent(network, e);
                }
            }
        }
    }

    private void notSent(Egress network, Throwable e) {
        if (!closed && failing.add(network)) {
            LOG.warn("beacons do not go out, trying on interface={} error={}", network.name(), e.getMessage());
        }
    }

    private DatagramSocket sender(Egress network) {
        DatagramSocketOptions options = new DatagramSocketOptions()
                .setMulticastNetworkInterface(network.name())
                .setMulticastTimeToLive(multicast.ttl())
                .setIpV6(isIpv6);
        return vertx.createDatagramSocket(options);
    }

    private void problem(String problem) {
        if (!problem.equals(lastProblem)) {
            lastProblem = problem;
            if (problem.isEmpty()) {
                LOG.info("multicast discovery works again");
            } else {
                LOG.warn(
                        "multicast discovery does not work: {}; it is tried on. Free UDP port {}, set"
                                + " discovery.multicast.interface, or configure peers.static or peers.dns",
                        problem,
                        multicast.port());
            }
        }
    }
}
