package io.nexusd.wire;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Context;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** Ways to event loops: to that of a context, and to those of one's choice, to which there is no public one. */
public final class EventLoops {
    private EventLoops() {}

    /** Returns what runs things on the event loop of a context, in order. */
    public static Executor on(Context context) {
        return action -> context.runOnContext(v -> action.run());
    }

    /**
     * Returns contexts on different event loops, beginning with this one.
     *
     * @param atMost how many of the loops to use
     */
    public static List<Context> beginningWith(Context first, int atMost) {
        ContextInternal home = (ContextInternal) first;
        VertxInternal vertx = home.owner();
        List<Context> contexts = new ArrayList<>(List.of(first));
        for (EventExecutor loop : vertx.nettyEventLoopGroup()) {
            if (loop != home.nettyEventLoop() && contexts.size() < atMost) {
                contexts.add(
                        vertx.contextBuilder().withEventLoop((EventLoop) loop).build());
            }
        }
        return contexts;
    }
}
