package io.nexusd.fakenet;

import io.vertx.core.impl.transports.TransportInternal;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A host of a fake network: its address, its ports and what it has sent. All addresses of the loopback network are the host
 * itself. Who gets its transport has no other network. Can be used by any thread.
 */
public final class FakeHost {
    /** Where the system begins to give ports to outgoing connections and to listeners that take any. */
    private static final int FIRST_FREE_PORT = 32_768;

    private static final int LAST_PORT = 65_535;

    private final FakeNetwork network;
    private final InetAddress address;
    private final Map<Integer, FakeServerChannel> listeners = new ConcurrentHashMap<>();
    private final Map<Integer, Integer> accepted = new ConcurrentHashMap<>();
    private final AtomicInteger nextPort = new AtomicInteger();
    private final AtomicLong sentBytes = new AtomicLong();
    private final AtomicLong sentWrites = new AtomicLong();

    FakeHost(FakeNetwork network, InetAddress address) {
        this.network = network;
        this.address = address;
    }

    /** Returns what gives a Vertx this network in place of that of the machine. */
    public Transport transport() {
        return new TransportInternal("fake", true, null, new FakeTransport(this));
    }

    public String ip() {
        return address.getHostAddress();
    }

    /** Returns how many bytes it has sent over connections; there are no headers. */
    public long sentBytes() {
        return sentBytes.get();
    }

    /** Returns in how many writes, each of which would be one packet or a few. */
    public long sentWrites() {
        return sentWrites.get();
    }

    /** Returns how many connections that came to the port are open. */
    public int connectionsTo(int port) {
        return accepted.getOrDefault(port, 0);
    }

    FakeNetwork network() {
        return network;
    }

    InetAddress address() {
        return address;
    }

    /** Returns the host with the address as seen from here. */
    Optional<FakeHost> reach(InetAddress other) {
        return isHere(other) ? Optional.of(this) : network.host(other);
    }

    Optional<FakeServerChannel> listener(int port) {
        return Optional.ofNullable(listeners.get(port));
    }

    /** Returns where a connection from here comes from. */
    InetSocketAddress freeAddress() {
        return new InetSocketAddress(address, freePort());
    }

    /** Lets a channel listen; returns where it does. */
    InetSocketAddress listen(FakeServerChannel channel, InetSocketAddress wanted) throws IOException {
        if (!isHere(wanted.getAddress())) {
            throw new BindException("Cannot assign requested address: " + wanted);
        }
        int port = wanted.getPort() == 0 ? freePort() : wanted.getPort();
        if (listeners.putIfAbsent(port, channel) != null) {
            throw new BindException("Address already in use: " + wanted);
        }
        return new InetSocketAddress(wanted.getAddress(), port);
    }

    void stopListening(FakeServerChannel channel, int port) {
        listeners.remove(port, channel);
    }

    void opened(int port) {
        accepted.merge(port, 1, Integer::sum);
    }

    void closed(int port) {
        accepted.merge(port, -1, Integer::sum);
    }

    void sent(int bytes) {
        sentBytes.addAndGet(bytes);
        sentWrites.incrementAndGet();
    }

    private boolean isHere(InetAddress other) {
        return other.equals(address) || other.isAnyLocalAddress() || other.isLoopbackAddress();
    }

    private int freePort() {
        int port;
        do {
            int range = LAST_PORT - FIRST_FREE_PORT + 1;
            port = FIRST_FREE_PORT + Math.floorMod(nextPort.getAndIncrement(), range);
        } while (listeners.containsKey(port));
        return port;
    }
}
