package io.nexusd.meshapi;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Routing;
import io.nexusd.bus.Routing.PeerMessages;
import io.nexusd.wire.ServerCall;
import io.vertx.grpc.common.GrpcStatus;

/**
 * The way of messages from one call to the router, with a limit on what is under way: beyond it the call is not read, and
 * HTTP/2 flow control stops the sender.
 */
final class Inflow {
    private static final int MAX_BURSTS = 8;
    private static final long MAX_BYTES = 1024 * 1024;

    private final Bus bus;
    private final ServerCall call;
    private int bursts;
    private long bytes;
    private boolean paused;

    Inflow(Bus bus, ServerCall call) {
        this.bus = bus;
        this.call = call;
    }

    /** Hands messages to the router; the action runs when they are routed. Bursts are routed in order. */
    void route(PeerMessages messages, long burstBytes, Runnable whenTaken) {
        bursts++;
        bytes += burstBytes;
        if (!paused && (bursts >= MAX_BURSTS || bytes >= MAX_BYTES)) {
            paused = true;
            call.pause();
        }
        bus.request(Routing.PEER_MESSAGES, messages).onComplete(result -> {
            bursts--;
            bytes -= burstBytes;
            if (result.failed()) {
                call.end(
                        GrpcStatus.UNAVAILABLE,
                        "messages could not be routed: " + result.cause().getMessage());
                return;
            }
            whenTaken.run();
            if (paused && bursts < MAX_BURSTS / 2 && bytes < MAX_BYTES / 2) {
                paused = false;
                call.resume();
            }
        });
    }
}
