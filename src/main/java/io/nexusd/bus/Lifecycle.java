package io.nexusd.bus;

import io.nexusd.model.Settings;
import java.util.List;

/** The life of the process: listeners, configuration, readiness and the drain. */
public final class Lifecycle {
    /**
     * A listener accepts connections. From meshapi, appapi and admin, once at start and again when a listener moves; to
     * gossip (the port to advertise), admin (readiness), systemd (its status) and launch. A receiver deployed later does not hear it.
     */
    public static final Address<ListenerBound> LISTENER_BOUND = new Address<>("lifecycle.listener-bound");

    /**
     * Every configured candidate has been dialed once, or there was none and one beacon interval has passed, or the dial
     * timeout has. From dialer, exactly once; to admin.
     */
    public static final Address<FirstRoundDone> FIRST_ROUND_DONE = new Address<>("lifecycle.first-round-done");

    /**
     * The node became ready or stopped being so. From admin, at each change; to appapi for the gRPC health service, and to systemd.
     */
    public static final Address<ReadinessChanged> READINESS_CHANGED = new Address<>("lifecycle.readiness-changed");

    /** A validated new configuration is in force. From config; to every verticle. May never fire. */
    public static final Address<ConfigChanged> CONFIG_CHANGED = new Address<>("lifecycle.config-changed");

    /**
     * The node is stopping: gossip tells the peers, appapi refuses new calls, admin turns not ready, systemd reports it. From
     * launch, at most once.
     */
    public static final Address<Draining> DRAINING = new Address<>("lifecycle.draining");

    /** Asks appapi to have every publish that it took routed; answered when they are or the deadline has passed. */
    public static final Query<Flush, Flushed> FLUSH_PUBLISHES = Query.patient("lifecycle.flush-publishes");

    /** Asks router to see all that it routed into the outbound queues; answered when it is or the deadline has passed. */
    public static final Query<Flush, Flushed> FLUSH_ROUTES = Query.patient("lifecycle.flush-routes");

    /** Asks dialer to send what waits for the peers; answered when all is acknowledged or the deadline has passed. */
    public static final Query<Flush, Flushed> FLUSH_LINKS = Query.patient("lifecycle.flush-links");

    /**
     * Asks appapi to deliver what waits for the subscribers and then to end every stream with UNAVAILABLE; answered when all
     * are ended or the deadline has passed.
     */
    public static final Query<Flush, Flushed> FLUSH_STREAMS = Query.patient("lifecycle.flush-streams");

    /** Whoever hears it answers with PRESENT. From admin, every two seconds; to every verticle. */
    public static final Address<RollCall> ROLL_CALL = new Address<>("lifecycle.roll-call");

    /**
     * The event loop of a verticle turns. From every verticle, when it starts and to each ROLL_CALL; to admin. A loop that is
     * stuck or overloaded keeps it back, which is what it is for.
     */
    public static final Address<Present> PRESENT = new Address<>("lifecycle.present");

    /**
     * Which event loops do not turn, as the liveness probe reports it. Answered by admin; asked by systemd before each sign of life.
     * Where the loop of admin itself does not turn the answer does not come.
     */
    public static final Query<LivenessWanted, Liveness> LIVENESS = new Query<>("lifecycle.liveness");

    private Lifecycle() {}

    /** Which listener. */
    public enum Listener {
        MESH,
        APP,
        ADMIN
    }

    /** A listener accepts connections at this address; port is the real one, never 0. */
    public record ListenerBound(Listener listener, String host, int port) {}

    /** The first round of discovery is over. */
    public record FirstRoundDone() {}

    /** Whether traffic should be sent to this node, and if not, why. */
    public record ReadinessChanged(boolean ready, List<String> reasons) {
        public ReadinessChanged {
            reasons = List.copyOf(reasons);
        }
    }

    /** The configuration before and after. */
    public record ConfigChanged(Settings before, Settings after) {}

    /** Who is there? */
    public record RollCall() {}

    /** The verticle of this room is. */
    public record Present(String room) {}

    /** The drain has begun, and ends within this many milliseconds. */
    public record Draining(int timeoutMs) {}

    /** Asks which event loops do not turn. */
    public record LivenessWanted() {}

    /** The rooms whose event loops do not turn; empty while the node is alive. */
    public record Liveness(List<String> stuck) {
        public Liveness {
            stuck = List.copyOf(stuck);
        }
    }

    /** Finish what waits within this many milliseconds. */
    public record Flush(int withinMs) {}

    /** What was left when the flush ended: 0 when all went out. */
    public record Flushed(long messagesLeft) {}
}
