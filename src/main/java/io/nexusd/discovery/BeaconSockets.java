package io.nexusd.discovery;

import io.nexusd.model.Endpoint;
import io.nexusd.model.Settings.Multicast;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramPacket;
import io.vertx.core.datagram.DatagramSocket;
import io.vertx.core.datagram.DatagramSocketOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The UDP sockets: one that listens on the group's port, shared with other daemons of this host, and one per network to send
 * from, because a socket sends multicast through one network only. Networks come and go.
 */
final class BeaconSockets {
    private static final Logger LOG = LoggerFactory.getLogger(BeaconSockets.class);

    /** Longer datagrams would be cut silently, and then taken for something else. */
    private static final int RECEIVE_BUFFER_BYTES = 65_536;

    private final Vertx vertx;
    private final Multicast multicast;
    private final boolean isIpv6;
    private final Consumer<DatagramPacket> onDatagram;
    private final Map<Egress, DatagramSocket> senders = new HashMap<>();
    private final Set<Egress> failing = new HashSet<>();
    private DatagramSocket listener;
    private boolean opening;
    private boolean closed;
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
        return listen().compose(v -> {
                    closeGone(networks);
                    List<Future<Void>> joined = new ArrayList<>();
                    for (Egress network : networks) {
                        if (!senders.containsKey(network)) {
                            joined.add(join(network));
                        }
                    }
                    return Future.join(joined).otherwiseEmpty();
                })
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
                .onFailure(e -> {
                    if (senders.containsKey(network) && failing.add(network)) {
                        LOG.warn("beacons do not go out interface={} error={}", network.name(), e.getMessage());
                    }
                }));
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

    private Future<Void> listen() {
        if (listener != null) {
            return Future.succeededFuture();
        }
        DatagramSocketOptions options = new DatagramSocketOptions()
                .setReuseAddress(true)
                .setReceiveBufferSize(RECEIVE_BUFFER_BYTES)
                .setIpV6(isIpv6);
        DatagramSocket socket = vertx.createDatagramSocket(options);
        socket.handler(onDatagram::accept);
        socket.exceptionHandler(e -> LOG.debug("beacon socket error={}", e.getMessage()));
        return socket.listen(multicast.port(), isIpv6 ? "::" : "0.0.0.0")
                .onSuccess(bound -> {
                    listener = bound;
                    if (closed) {
                        bound.close();
                    }
                })
                .onFailure(e -> socket.close())
                .mapEmpty();
    }

    private Future<Void> join(Egress network) {
        return listener.listenMulticastGroup(multicast.group(), network.name(), null)
                .onSuccess(v -> {
                    if (closed) {
                        return;
                    }
                    senders.put(network, sender(network));
                    LOG.info(
                            "multicast discovery on interface={} address={} group={}",
                            network.name(),
                            network.address(),
                            new Endpoint(multicast.group(), multicast.port()));
                })
                .onFailure(e -> {
                    if (failing.add(network)) {
                        LOG.warn(
                                "cannot join the multicast group interface={} error={}",
                                network.name(),
                                e.getMessage());
                    }
                });
    }

    private DatagramSocket sender(Egress network) {
        DatagramSocketOptions options = new DatagramSocketOptions()
                .setMulticastNetworkInterface(network.name())
                .setMulticastTimeToLive(multicast.ttl())
                .setIpV6(isIpv6);
        return vertx.createDatagramSocket(options);
    }

    private void closeGone(List<Egress> networks) {
        for (Egress network : List.copyOf(senders.keySet())) {
            if (!networks.contains(network)) {
                LOG.info("multicast discovery ends on interface={} address={}", network.name(), network.address());
                senders.remove(network).close();
                failing.remove(network);
                // The membership goes with the interface; where only the address changed it is given up for a new one.
                listener.unlistenMulticastGroup(multicast.group(), network.name(), null);
            }
        }
        failing.retainAll(networks);
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
