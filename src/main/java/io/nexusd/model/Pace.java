package io.nexusd.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Who is held back for a queue that is filling up, and how long. Held back for one that empties almost as fast as it fills,
 * senders run at its pace and nothing is lost; held back for one that stands still or is much slower, everybody else would
 * suffer. So each wait is short, and after one that brought no relief there is none for a while. Owns what waits. Time is
 * handed in, in nanoseconds of a monotonic clock. Not thread-safe.
 */
public final class Pace {
    /** Longest wait. A receiver that takes longer to empty enough of its queue is slow. */
    public static final long MAX_WAIT_NS = 50_000_000L;

    /** For so long nobody waits for a queue that turned out to be slow. */
    private static final long SLOW_FOR_NS = 5_000_000_000L;

    private final List<Runnable> held = new ArrayList<>();
    private boolean slow;
    private long slowUntilNs;
    private boolean waiting;
    private long waitingSinceNs;

    /** Tells whether to wait for the queue, which is filling up or is not. */
    public boolean wantsRelief(boolean filling, long nowNs) {
        if (!filling || (slow && nowNs - slowUntilNs < 0)) {
            return false;
        }
        slow = false;
        if (!waiting) {
            waiting = true;
            waitingSinceNs = nowNs;
        }
        return !isOver(nowNs);
    }

    /** Has the action run when there is relief, or the wait has lasted long enough. */
    public void whenRelieved(Runnable action) {
        held.add(action);
    }

    /** Runs what waits if it has waited long enough or the queue is not filling up; tells whether anything still waits. */
    public boolean update(boolean filling, long nowNs) {
        if (!filling || isOver(nowNs)) {
            release();
        }
        return !held.isEmpty();
    }

    /** Runs everything that waits. */
    public void release() {
        waiting = false;
        if (!held.isEmpty()) {
            List<Runnable> actions = List.copyOf(held);
            held.clear();
            actions.forEach(Runnable::run);
        }
    }

    private boolean isOver(long nowNs) {
        if (waiting && nowNs - waitingSinceNs >= MAX_WAIT_NS) {
            waiting = false;
            slow = true;
            slowUntilNs = nowNs + SLOW_FOR_NS;
        }
        return !waiting;
    }
}
