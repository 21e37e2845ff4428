package io.nexusd.wire;

import io.netty.handler.flush.FlushConsolidationHandler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Has everything that one turn of the event loop writes to a connection leave in one system call. Vert.x on its own flushes
 * after each write that no read has caused, which costs a call of its own for every answer to a request. Nothing waits longer
 * than for what the event loop has to do already.
 */
final class TurnFlush {
    /** Writes after which a turn flushes before its end. */
    private static final int MAX_WRITES = 256;

    private static final String NAME = "turn-flush";

    private TurnFlush() {}

    /** Lets a connection flush once a turn, if it does not do so already. */
    static void apply(HttpConnection connection) {
        // There is no public way to its pipeline.
        if (connection instanceof ConnectionBase base
                && base.channel().pipeline().get(NAME) == null) {
            base.channel().pipeline().addFirst(NAME, new FlushConsolidationHandler(MAX_WRITES, true));
        }
    }
}
