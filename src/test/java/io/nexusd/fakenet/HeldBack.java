package io.nexusd.fakenet;

import java.util.ArrayList;
import java.util.List;

/** What two hosts that are cut off from each other have sent, until the cut ends. Can be used by any thread. */
final class HeldBack {
    private final List<Runnable> waiting = new ArrayList<>();
    private boolean released;

    /** Keeps something back; returns false, and does nothing, when the cut is over. */
    synchronized boolean add(Runnable sending) {
        if (!released) {
            waiting.add(sending);
        }
        return !released;
    }

    /** Ends the cut. */
    void release() {
        List<Runnable> sent;
        synchronized (this) {
            released = true;
            sent = List.copyOf(waiting);
            waiting.clear();
        }
        sent.forEach(Runnable::run);
    }
}
