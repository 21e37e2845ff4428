package io.nexusd.fakenet;

import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A network in memory: connections as of TCP between hosts that have nothing but an address, for daemons of one process. Owns its
 * hosts, the time that everything is on its way, and which hosts are cut off from each other. There is no UDP. Can be used by any
 * thread.
 */
public final class FakeNetwork {
    private final Map<InetAddress, FakeHost> hosts = new ConcurrentHashMap<>();
    private final Map<Pair, HeldBack> cuts = new ConcurrentHashMap<>();
    private volatile long delayNs;

    /** Two addresses, in no order. */
    private record Pair(InetAddress low, InetAddress high) {
        static Pair of(FakeHost one, FakeHost other) {
            byte[] a = one.address().getAddress();
            byte[] b = other.address().getAddress();
            return Arrays.compareUnsigned(a, b) <= 0
                    ? new Pair(one.address(), other.address())
                    : new Pair(other.address(), one.address());
        }
    }

    /** Adds a host with an IPv4 address. */
    public FakeHost addHost(String ip) {
        FakeHost host = new FakeHost(this, NetUtil.createInetAddressFromIpAddressString(ip));
        if (hosts.putIfAbsent(host.address(), host) != null) {
            throw new IllegalArgumentException("there is a host " + ip + " already");
        }
        return host;
    }

    /** Sets how long what is sent from now on takes from one host to another. */
    public void delay(Duration oneWay) {
        delayNs = oneWay.toNanos();
    }

    /**
     * Cuts two hosts off from each other. What they send each other waits, as what TCP sends again until it gets through, and
     * neither learns anything.
     */
    public void cut(FakeHost one, FakeHost other) {
        cuts.computeIfAbsent(Pair.of(one, other), pair -> new HeldBack());
    }

    /** Ends all cuts. What waited goes on its way at once. */
    public void heal() {
        for (Pair pair : cuts.keySet()) {
            HeldBack heldBack = cuts.remove(pair);
            if (heldBack != null) {
                heldBack.release();
            }
        }
    }

    Optional<FakeHost> host(InetAddress address) {
        return Optional.ofNullable(hosts.get(address));
    }

    /**
     * Has something happen on an event loop of another host when it has arrived there. Where things have an order, that of their
     * arrivals is no help: it may change where a delay becomes shorter and where a cut ends.
     */
    void carry(FakeHost from, FakeHost to, EventLoop loop, Runnable arrival) {
        HeldBack heldBack = cuts.isEmpty() ? null : cuts.get(Pair.of(from, to));
        long onItsWayNs = from == to ? 0 : delayNs;
        if (heldBack == null || !heldBack.add(() -> arriveIn(onItsWayNs, loop, arrival))) {
            arriveIn(onItsWayNs, loop, arrival);
        }
    }

    private static void arriveIn(long ns, EventLoop loop, Runnable arrival) {
        try {
            if (ns == 0) {
                loop.execute(arrival);
            } else {
                loop.schedule(arrival, ns, TimeUnit.NANOSECONDS);
            }
        } catch (RejectedExecutionException e) {
            // The event loop has stopped: nobody is there to whom it could arrive.
        }
    }
}
