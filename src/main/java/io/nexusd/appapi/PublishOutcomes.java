package io.nexusd.appapi;

import java.util.HashMap;
import java.util.Map;

/**
 * What local subscribers did to publishes whose reply is still owed: how many dropped something for it, how many make it
 * wait. Deliveries note it here before the router's reply arrives, and whoever gets the reply takes it out again. Not
 * thread-safe.
 */
final class PublishOutcomes {
    private final Map<String, Outcome> byMessageId = new HashMap<>();

    /** What happened to one publish. */
    static final class Outcome {
        private int dropped;
        private int blocked;
        private int stillBlocked;
        private Runnable whenReleased = () -> {};

        int dropped() {
            return dropped;
        }

        int blocked() {
            return blocked;
        }

        /** Notes that a subscriber dropped something for this publish. */
        void noteDropped() {
            dropped++;
        }

        /** Notes that a subscriber makes this publish wait; {@link #release} follows exactly once. */
        void noteBlocked() {
            blocked++;
            stillBlocked++;
        }

        /** Notes that this publish waits for a subscriber that is behind; {@link #release} follows exactly once. */
        void noteHeld() {
            stillBlocked++;
        }

        /** A subscriber that made this publish wait does so no longer; forced when that cost it an older message. */
        void release(boolean forced) {
            if (forced) {
                dropped++;
            }
            stillBlocked--;
            if (stillBlocked == 0) {
                whenReleased.run();
            }
        }

        /** Runs the action once no subscriber makes the publish wait any more; at once when none does. */
        void whenReleased(Runnable action) {
            if (stillBlocked == 0) {
                action.run();
            } else {
                whenReleased = action;
            }
        }
    }

    /** Returns where to note what happens to a publish. */
    Outcome of(String messageId) {
        return byMessageId.computeIfAbsent(messageId, id -> new Outcome());
    }

    /** Takes out what is known of a publish; null when nothing was noted. */
    Outcome take(String messageId) {
        return byMessageId.isEmpty() ? null : byMessageId.remove(messageId);
    }
}
