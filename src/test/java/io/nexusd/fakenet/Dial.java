package io.nexusd.fakenet;

import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * A connection that is being made: asks the other host, which accepts, refuses, or is not heard of until the time is over. Lives
 * on the event loop of the channel that dials.
 */
final class Dial {
    private final FakeChannel dialing;
    private final InetSocketAddress remote;
    private final ChannelPromise promise;
    private Optional<Future<?>> timeout = Optional.empty();

    Dial(FakeChannel dialing, InetSocketAddress remote, ChannelPromise promise) {
        this.dialing = dialing;
        this.remote = remote;
        this.promise = promise;
    }

    FakeChannel dialing() {
        return dialing;
    }

    InetSocketAddress remote() {
        return remote;
    }

    void start() {
        Optional<FakeHost> found = dialing.host().reach(remote.getAddress());
        if (found.isEmpty()) {
            fail(new NoRouteToHostException("No route to host: " + remote));
            return;
        }
        FakeHost target = found.get();
        int limitMs = dialing.config().getConnectTimeoutMillis();
        if (limitMs > 0) {
            timeout = Optional.of(dialing.eventLoop()
                    .schedule(
                            () -> fail(new ConnectTimeoutException(
                                    "connection timed out after " + limitMs + " ms: " + remote)),
                            limitMs,
                            TimeUnit.MILLISECONDS));
        }
        dialing.network().carry(dialing.host(), target, dialing.eventLoop(), () -> knock(target));
    }

    private void knock(FakeHost target) {
        if (promise.isDone()) {
            return;
        }
        Optional<FakeServerChannel> listener = target.listener(remote.getPort());
        if (listener.isPresent()) {
            FakeServerChannel found = listener.get();
            dialing.network().carry(target, target, found.eventLoop(), () -> found.accept(this));
        } else {
            refuse(target);
        }
    }

    /** Called by a listener that has closed meanwhile. */
    void refuse() {
        dialing.host().reach(remote.getAddress()).ifPresent(this::refuse);
    }

    private void refuse(FakeHost target) {
        ConnectException refused = new ConnectException("Connection refused: " + remote);
        dialing.network().carry(target, dialing.host(), dialing.eventLoop(), () -> fail(refused));
    }

    /** Ends successfully; returns false when it is over already. */
    boolean succeed() {
        timeout.ifPresent(timer -> timer.cancel(false));
        return promise.trySuccess();
    }

    /** Ends; the channel is closed unless it is over already. */
    void fail(Exception cause) {
        timeout.ifPresent(timer -> timer.cancel(false));
        if (promise.tryFailure(cause)) {
            dialing.close();
        }
    }
}
