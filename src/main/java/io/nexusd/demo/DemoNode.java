package io.nexusd.demo;

import io.vertx.core.Future;

/** A daemon that the demo has started in this process. */
public interface DemoNode {
    /** Returns the port of its SidecarService on the loopback. */
    int appPort();

    /** Returns the port of its MeshService on the loopback. */
    int meshPort();

    /** Drains and stops it. */
    Future<Void> stop();

    /** Starts daemons; how is known to the launcher only. */
    interface Starter {
        /** Starts a daemon with these command line flags and nothing else configured. */
        Future<DemoNode> start(String... flags);
    }
}
