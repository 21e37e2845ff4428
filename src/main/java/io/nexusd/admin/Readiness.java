package io.nexusd.admin;

import io.nexusd.bus.Lifecycle.Listener;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Whether traffic should be sent to this node, and every reason why not. Never depends on peers being there. */
final class Readiness {
    private final Set<Listener> missing = EnumSet.of(Listener.MESH, Listener.APP);
    private boolean firstRoundDone;
    private boolean draining;
    private List<String> stuckRooms = List.of();

    void bound(Listener listener) {
        missing.remove(listener);
    }

    void firstRoundDone() {
        firstRoundDone = true;
    }

    void draining() {
        draining = true;
    }

    /** Says whose event loops do not turn now. */
    void stuck(List<String> rooms) {
        stuckRooms = rooms;
    }

    boolean isReady() {
        return reasons().isEmpty();
    }

    /** Returns why the node is not ready; empty when it is. */
    List<String> reasons() {
        List<String> reasons = new ArrayList<>();
        missing.forEach(
                listener -> reasons.add(listener.name().toLowerCase(Locale.ROOT) + " listener is not bound yet"));
        if (!firstRoundDone) {
            reasons.add("first discovery round is not done yet");
        }
        if (draining) {
            reasons.add("draining");
        }
        stuckRooms.forEach(room -> reasons.add("the event loop of " + room + " does not turn"));
        return reasons;
    }
}
