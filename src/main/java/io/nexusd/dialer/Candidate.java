package io.nexusd.dialer;

import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import java.util.EnumSet;
import java.util.Set;

/** One endpoint at which a peer may be. Times are monotonic milliseconds. Only DialBook writes it. */
final class Candidate {
    /** Why an endpoint is dialed. */
    enum Source {
        STATIC,
        DNS,
        MULTICAST,
        INBOUND,
        LEARNED;

        /** Configured candidates are dialed for ever. */
        boolean isConfigured() {
            return this == STATIC || this == DNS;
        }
    }

    /** What is being done about it. */
    enum Phase {
        /** Waits for its next attempt. */
        WAITING,
        DIALING,
        /** The link to its peer goes there. */
        LINKED,
        /** Its peer is linked through another candidate. */
        ALIAS
    }

    final Endpoint endpoint;
    final Set<Source> sources = EnumSet.noneOf(Source.class);
    Phase phase = Phase.WAITING;
    /** The node that answered there last, or is said to be there; null when unknown. */
    NodeId peer;

    int failures;
    long attemptStartedMono;
    long nextAttemptMono;
    /** When it was last linked, or first heard of. */
    long goodMono;

    /** It was an endpoint of the peer's former instance, and this one has not answered there. */
    boolean isInherited;

    boolean everLinked;
    /** The wrong cluster it has been warned of, or empty. */
    String refusedCluster = "";

    Candidate(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** Tells whether anybody on the LAN can have made it up: it is configured nowhere and was never linked. */
    boolean isUnproven() {
        return !everLinked && !isConfigured();
    }

    boolean isConfigured() {
        return sources.stream().anyMatch(Source::isConfigured);
    }
}
