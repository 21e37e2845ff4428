package io.nexusd.bus;

import static io.nexusd.bus.Component.ADMIN;
import static io.nexusd.bus.Component.APPAPI;
import static io.nexusd.bus.Component.CONFIG;
import static io.nexusd.bus.Component.DIALER;
import static io.nexusd.bus.Component.DISCOVERY;
import static io.nexusd.bus.Component.GOSSIP;
import static io.nexusd.bus.Component.LAUNCH;
import static io.nexusd.bus.Component.MESHAPI;
import static io.nexusd.bus.Component.ROUTING;
import static io.nexusd.bus.Component.SYSTEMD;
import static io.nexusd.bus.Component.TRACING;

import io.nexusd.model.Settings;
import java.util.List;

/** The life cycle of the process: listeners, configuration changes, readiness, liveness of event loops, and the drain. */
public final class Lifecycle {
    /**
     * A listener accepts connections. Sent at the start and whenever the listener moves to another address; never for a listener that
     * is turned off. Gossip advertises the ports, admin derives the readiness from it, routing starts a timer, launch waits for the
     * mesh listener.
     */
    @Flow(
            from = {ADMIN, APPAPI, MESHAPI},
            to = {ADMIN, GOSSIP, LAUNCH, ROUTING, SYSTEMD})
    public static final Address<ListenerBound> LISTENER_BOUND = new Address<>("lifecycle.listener-bound");

    /**
     * Every configured endpoint was dialed once or the dial timeout has passed; without configured endpoints, one beacon interval has
     * passed. Sent exactly once, unless the process stops first.
     */
    @Flow(from = DIALER, to = ADMIN)
    public static final Address<Void> FIRST_ROUND_DONE = new Address<>("lifecycle.first-round-done");

    /** The node became ready or stopped being ready. Sent at each change. */
    @Flow(
            from = ADMIN,
            to = {APPAPI, SYSTEMD})
    public static final Address<ReadinessChanged> READINESS_CHANGED = new Address<>("lifecycle.readiness-changed");

    /** A new configuration, already validated, is in force. May never be sent. */
    @Flow(
            from = CONFIG,
            to = {ADMIN, APPAPI, DIALER, DISCOVERY, GOSSIP, LAUNCH, MESHAPI, ROUTING, TRACING})
    public static final Address<ConfigChanged> CONFIG_CHANGED = new Address<>("lifecycle.config-changed");

    /**
     * The node is stopping: gossip announces that it leaves, appapi refuses new calls, dialer stops dialing, the node is no longer
     * ready. Sent at most once.
     */
    @Flow(
            from = LAUNCH,
            to = {ADMIN, APPAPI, DIALER, GOSSIP, SYSTEMD})
    public static final Address<Draining> DRAINING = new Address<>("lifecycle.draining");

    /** Waits until every accepted publish is routed or the time has passed. The first of the four steps of a drain. */
    @Flow(from = LAUNCH, to = APPAPI)
    public static final Query<Flush, Flushed> FLUSH_PUBLISHES = Query.patient("lifecycle.flush-publishes");

    /** Waits until every routed message is in the outbound queues or the time has passed. The second step. */
    @Flow(from = LAUNCH, to = ROUTING)
    public static final Query<Flush, Flushed> FLUSH_ROUTES = Query.patient("lifecycle.flush-routes");

    /** Waits until the peers have acknowledged all queued messages or the time has passed. The third step. */
    @Flow(from = LAUNCH, to = DIALER)
    public static final Query<Flush, Flushed> FLUSH_LINKS = Query.patient("lifecycle.flush-links");

    /**
     * Waits until all queued messages are written to the streams of subscribers or the time has passed, then ends every stream with
     * UNAVAILABLE. The last step.
     */
    @Flow(from = LAUNCH, to = APPAPI)
    public static final Query<Flush, Flushed> FLUSH_STREAMS = Query.patient("lifecycle.flush-streams");

    /**
     * Asks each event loop for a PRESENT. Sent every two seconds. Launch receives it on the event loop of each verticle, in the name of
     * that verticle; appapi on the further loops of its connections.
     */
    @Flow(
            from = ADMIN,
            to = {APPAPI, LAUNCH})
    public static final Address<Void> ROLL_CALL = new Address<>("lifecycle.roll-call");

    /**
     * An event loop is running. Sent at the start of the loop and as the answer to each ROLL_CALL. A loop that is blocked or
     * overloaded sends it late, which is how it is detected.
     */
    @Flow(
            from = {APPAPI, LAUNCH},
            to = ADMIN)
    public static final Address<Present> PRESENT = new Address<>("lifecycle.present");

    /**
     * Requests the event loops that are not running, as the liveness probe reports them. Asked before each sign of life to the watchdog of
     * systemd. No reply comes while the loop of admin itself is not running.
     */
    @Flow(from = SYSTEMD, to = ADMIN)
    public static final Query<Void, Liveness> LIVENESS = new Query<>("lifecycle.liveness");

    private Lifecycle() {}

    /** The three listeners of a node. */
    public enum Listener {
        MESH,
        APP,
        ADMIN
    }

    /** The address of a bound listener; the port is the real one, never 0. */
    public record ListenerBound(Listener listener, String host, int port) {}

    /** Whether this node should get traffic, and the reasons if not. */
    public record ReadinessChanged(boolean ready, List<String> reasons) {
        public ReadinessChanged {
            reasons = List.copyOf(reasons);
        }
    }

    /** The configuration before and after the change. */
    public record ConfigChanged(Settings before, Settings after) {}

    /** The name of an event loop that is running: its component, or its number within the component. */
    public record Present(String room) {}

    /** The event loops that are not running; empty while the node is alive. */
    public record Liveness(List<String> stuck) {
        public Liveness {
            stuck = List.copyOf(stuck);
        }
    }

    /** The time limit of the whole drain. */
    public record Draining(int timeoutMs) {}

    /** The time limit of a step of the drain. */
    public record Flush(int withinMs) {}

    /** The number of messages that were left at the end of the step. */
    public record Flushed(long messagesLeft) {}
}
