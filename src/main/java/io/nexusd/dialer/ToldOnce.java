package io.nexusd.dialer;

import io.nexusd.model.NodeId;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Which complaints about which peers have been logged, so that each is logged once. Holds at most {@value #MAX_TOLD}; the oldest
 * is forgotten for a new one. Not thread-safe.
 */
final class ToldOnce {
    static final int MAX_TOLD = 1024;

    private record Complaint(NodeId peer, String text) {}

    private final Set<Complaint> told = new LinkedHashSet<>();

    /** Tells whether this has not been told of the peer yet; from now on it has. */
    boolean isNews(NodeId peer, String text) {
        if (!told.add(new Complaint(peer, text))) {
            return false;
        }
        if (told.size() > MAX_TOLD) {
            told.remove(told.iterator().next());
        }
        return true;
    }
}
