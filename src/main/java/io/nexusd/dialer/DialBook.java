package io.nexusd.dialer;

import io.nexusd.dialer.Candidate.Phase;
import io.nexusd.dialer.Candidate.Source;
import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Whom to dial, and when. In: endpoints from every source, how attempts ended, links that broke; times are monotonic
 * milliseconds. Out: the endpoints that are due. At most {@value #MAX_CANDIDATES} candidates, of which unproven ones, which
 * anybody on the LAN can make up, are a fraction. Not thread-safe.
 */
final class DialBook {
    static final int MAX_CANDIDATES = 8192;
    /** Heard or learned of, but never linked. */
    static final int MAX_UNPROVEN = 512;
    /** Unproven candidates that are dialed at the same time. */
    static final int MAX_UNPROVEN_DIALS = 32;

    /** An endpoint that was a peer once, and is configured nowhere, is dialed for so long: a partition may heal. */
    static final long FORGET_AFTER_MS = 600_000;

    /** The second address of a peer is tried this much later, and not at all if the first has answered by then. */
    static final long ALTERNATIVE_DELAY_MS = 300;

    /** News of an endpoint that keeps failing starts an attempt at most this often. */
    private static final long PROMPT_SPACING_MS = 500;

    /** How a failed attempt is to be told. */
    enum Verdict {
        /** The first in a row. */
        FIRST,
        AGAIN,
        /** The last one at the fixed interval. */
        EXHAUSTED,
        /** Nobody will dial there again. */
        FORGOTTEN
    }

    private Backoff backoff;
    private int selfRecheckMs;
    private final Map<Endpoint, Candidate> candidates = new LinkedHashMap<>();

    /**
     * @param selfRecheckMs an endpoint at which this node itself answered is tried again after this long, because addresses
     *     get new owners
     */
    DialBook(Backoff backoff, int selfRecheckMs) {
        this.backoff = backoff;
        this.selfRecheckMs = selfRecheckMs;
    }

    /** Changes the times; who waits longer than it would have to now is due earlier. */
    void setTimes(Backoff newBackoff, int newSelfRecheckMs, long longestWaitMs, long nowMono) {
        backoff = newBackoff;
        selfRecheckMs = newSelfRecheckMs;
        for (Candidate candidate : candidates.values()) {
            candidate.nextAttemptMono = Math.min(candidate.nextAttemptMono, nowMono + longestWaitMs);
        }
    }

    /** This node has changed its cluster: what is configured is dialed at once, the rest was of the old one. */
    void startAgain(long nowMono) {
        candidates.values().removeIf(candidate -> !candidate.isConfigured());
        for (Candidate candidate : candidates.values()) {
            candidate.peer = null;
            candidate.failures = 0;
            candidate.refusedCluster = "";
            candidate.nextAttemptMono = nowMono;
            if (candidate.phase != Phase.DIALING) {
                candidate.phase = Phase.WAITING;
            }
        }
    }

    /** Tells whether the configuration or a beacon names an endpoint of the peer. */
    boolean isNamed(NodeId peer) {
        return candidates.values().stream()
                .anyMatch(candidate -> peer.equals(candidate.peer)
                        && (candidate.isConfigured() || candidate.sources.contains(Source.MULTICAST)));
    }

    /**
     * An endpoint was configured, heard or learned; it is due at once, or after the delay, unless it is in hand already.
     *
     * @param peer who is said to be there, or null
     */
    void offer(Endpoint endpoint, Source source, NodeId peer, long delayMs, long nowMono) {
        Candidate candidate = candidates.get(endpoint);
        if (candidate == null) {
            if (isFullFor(source)) {
                return;
            }
            candidate = new Candidate(endpoint);
            candidate.peer = peer;
            candidate.nextAttemptMono = nowMono + delayMs;
            candidate.goodMono = nowMono;
            candidates.put(endpoint, candidate);
        } else if (candidate.phase == Phase.WAITING || candidate.phase == Phase.ALIAS) {
            boolean somebodyElse = peer != null && !peer.equals(candidate.peer);
            if (candidate.phase == Phase.WAITING || somebodyElse) {
                candidate.phase = Phase.WAITING;
                candidate.peer = peer == null ? candidate.peer : peer;
                long promptMono = Math.max(nowMono + delayMs, candidate.attemptStartedMono + PROMPT_SPACING_MS);
                candidate.nextAttemptMono = Math.min(candidate.nextAttemptMono, promptMono);
            }
        }
        candidate.sources.add(source);
    }

    /**
     * The endpoints of this source are exactly these; others lose the source and, unless linked, are forgotten.
     *
     * @return the linked peers one of whose endpoints nothing names any more
     */
    List<NodeId> replaceAll(Source source, Set<Endpoint> endpoints, long nowMono) {
        List<NodeId> unnamed = new ArrayList<>();
        for (Candidate candidate : List.copyOf(candidates.values())) {
            if (!endpoints.contains(candidate.endpoint)
                    && candidate.sources.remove(source)
                    && candidate.sources.isEmpty()) {
                boolean isLinked = candidate.phase == Phase.LINKED;
                if (isLinked || candidate.phase == Phase.ALIAS) {
                    unnamed.add(candidate.peer);
                }
                // A linked one keeps its link; when that breaks it is forgotten.
                if (isLinked) {
                    candidate.sources.add(Source.LEARNED);
                } else {
                    candidates.remove(candidate.endpoint);
                }
            }
        }
        for (Endpoint endpoint : endpoints) {
            Candidate candidate = candidates.get(endpoint);
            if (candidate == null || !candidate.sources.contains(source)) {
                offer(endpoint, source, null, 0, nowMono);
            }
        }
        return unnamed;
    }

    /** Returns the candidates to be dialed now, which counts as begun. */
    List<Candidate> takeDue(Predicate<NodeId> isLinked, long nowMono) {
        List<Candidate> due = new ArrayList<>();
        long unprovenDials = candidates.values().stream()
                .filter(candidate -> candidate.phase == Phase.DIALING && candidate.isUnproven())
                .count();
        // A successor that is linked has shown where it answers; the endpoints of its predecessor are of no use then.
        candidates
                .values()
                .removeIf(candidate -> candidate.phase == Phase.WAITING
                        && candidate.isInherited
                        && candidate.peer != null
                        && isLinked.test(candidate.peer));
        for (Candidate candidate : candidates.values()) {
            if (candidate.phase != Phase.WAITING || candidate.nextAttemptMono > nowMono) {
                continue;
            }
            if (candidate.peer != null && isLinked.test(candidate.peer)) {
                candidate.phase = Phase.ALIAS;
                candidate.failures = 0;
            } else if (!candidate.isUnproven() || unprovenDials++ < MAX_UNPROVEN_DIALS) {
                candidate.phase = Phase.DIALING;
                candidate.attemptStartedMono = nowMono;
                due.add(candidate);
            }
        }
        return due;
    }

    /** Returns when the next candidate is due. */
    OptionalLong nextDueMono() {
        return candidates.values().stream()
                .filter(candidate -> candidate.phase == Phase.WAITING)
                .mapToLong(candidate -> candidate.nextAttemptMono)
                .min();
    }

    /** Tells whether the candidate is still wanted: it may have been withdrawn while it was dialed. */
    boolean contains(Candidate candidate) {
        return candidates.get(candidate.endpoint) == candidate;
    }

    /** The attempt failed. */
    Verdict failed(Candidate candidate, long nowMono) {
        candidate.failures++;
        candidate.phase = Phase.WAITING;
        candidate.nextAttemptMono = backoff.nextAttemptMono(candidate.failures, candidate.attemptStartedMono, nowMono);
        boolean hopeless = candidate.everLinked
                ? nowMono - candidate.goodMono > FORGET_AFTER_MS
                : backoff.exhausted(candidate.failures);
        if (!contains(candidate) || (!candidate.isConfigured() && hopeless)) {
            candidates.remove(candidate.endpoint, candidate);
            return Verdict.FORGOTTEN;
        }
        if (backoff.exhaustedBy(candidate.failures)) {
            return Verdict.EXHAUSTED;
        }
        return candidate.failures == 1 ? Verdict.FIRST : Verdict.AGAIN;
    }

    /** The node there belongs to another cluster; tells whether that is news. It may be reconfigured, so it stays. */
    boolean refused(Candidate candidate, String cluster, long nowMono) {
        boolean news = !candidate.refusedCluster.equals(cluster);
        candidate.refusedCluster = cluster;
        candidate.phase = Phase.WAITING;
        candidate.failures++;
        candidate.nextAttemptMono = backoff.nextAttemptMono(candidate.failures, candidate.attemptStartedMono, nowMono);
        if (!candidate.isConfigured() && backoff.exhausted(candidate.failures)) {
            candidates.remove(candidate.endpoint, candidate);
        }
        return news;
    }

    /** This node itself answered. */
    void answeredBySelf(Candidate candidate, long nowMono) {
        candidate.failures = 0;
        candidate.peer = null;
        candidate.phase = Phase.WAITING;
        candidate.nextAttemptMono = nowMono + selfRecheckMs;
        if (!candidate.isConfigured()) {
            candidates.remove(candidate.endpoint, candidate);
        }
    }

    /** The link to the peer goes through this candidate now. Its other candidates need not be dialed. */
    void linked(Candidate candidate, NodeId peer, long nowMono) {
        reached(candidate, peer, Phase.LINKED, nowMono);
    }

    /** The peer answered, but is linked through another candidate. */
    void alias(Candidate candidate, NodeId peer, long nowMono) {
        reached(candidate, peer, Phase.ALIAS, nowMono);
    }

    /** The link to the peer broke: its candidates start again from attempt one, the linked one first. */
    void linkLost(NodeId peer, long nowMono) {
        for (Candidate candidate : List.copyOf(candidates.values())) {
            if (peer.equals(candidate.peer) && (candidate.phase == Phase.LINKED || candidate.phase == Phase.ALIAS)) {
                boolean wasLinked = candidate.phase == Phase.LINKED;
                candidate.goodMono = nowMono;
                candidate.phase = Phase.WAITING;
                candidate.failures = 0;
                candidate.nextAttemptMono = nowMono + (wasLinked ? 0 : ALTERNATIVE_DELAY_MS);
            }
        }
    }

    /** The peer is gone for good: only configured endpoints of it are dialed on, for somebody else may come there. */
    void forget(NodeId peer) {
        candidates
                .values()
                .removeIf(candidate -> peer.equals(candidate.peer)
                        && !candidate.isConfigured()
                        && candidate.phase != Phase.LINKED
                        && candidate.phase != Phase.DIALING);
    }

    /** Another instance has come in the place of a peer: that one is dialed at its endpoints, at once. */
    void replaced(NodeId peer, NodeId successor, long nowMono) {
        for (Candidate candidate : candidates.values()) {
            if (peer.equals(candidate.peer) && candidate.phase != Phase.LINKED && candidate.phase != Phase.DIALING) {
                candidate.peer = successor;
                candidate.isInherited = !candidate.isConfigured();
                candidate.phase = Phase.WAITING;
                candidate.failures = 0;
                candidate.nextAttemptMono = Math.min(candidate.nextAttemptMono, nowMono);
            }
        }
    }

    int size() {
        return candidates.size();
    }

    private void reached(Candidate candidate, NodeId peer, Phase phase, long nowMono) {
        candidate.phase = phase;
        candidate.peer = peer;
        candidate.isInherited = false;
        candidate.failures = 0;
        candidate.everLinked = true;
        candidate.goodMono = nowMono;
        candidate.refusedCluster = "";
    }

    private boolean isFullFor(Source source) {
        if (source.isConfigured()) {
            return candidates.size() >= MAX_CANDIDATES;
        }
        return candidates.size() >= MAX_CANDIDATES
                || candidates.values().stream()
                                .filter(candidate -> candidate.isUnproven() && candidate.phase != Phase.ALIAS)
                                .count()
                        >= MAX_UNPROVEN;
    }
}
