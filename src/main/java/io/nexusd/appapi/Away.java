package io.nexusd.appapi;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * What a subscription without a stream misses: for each topic the last number it got, and how many messages came since. The
 * messages themselves are in the router's history. Time is handed in, in nanoseconds of a monotonic clock. Not thread-safe.
 */
final class Away {
    /** Topics told apart at most; what comes on further ones is counted and cannot be replayed. */
    static final int MAX_TOPICS = 10_000;

    private final Map<String, Missed> byTopic = new HashMap<>();
    /** What is missed on one topic. */
    private static final class Missed {
        final long last;
        long messages;

        Missed(long last) {
            this.last = last;
        }
    }

    private boolean paused;
    private long untilNs;
    private BooleanSupplier lastsLonger = () -> false;
    private long longerUntilNs;
    private long missed;
    private long beyondTopics;

    /** Begins; what was on its way when it began is noted first. */
    Away(boolean paused, long untilNs) {
        this.paused = paused;
        this.untilNs = untilNs;
    }

    /** Lasts until then, because the application asked for it or because a stream broke once more. */
    void extend(boolean nowPaused, long newUntilNs) {
        paused = nowPaused;
        untilNs = newUntilNs;
        lastsLonger = () -> false;
    }

    /** Lasts until a later time from the moment that this holds. */
    void extendOnce(BooleanSupplier condition, long newUntilNs) {
        lastsLonger = condition;
        longerUntilNs = newUntilNs;
    }

    /** Notes a message that came, or was waiting, for the subscription; those of a topic in the order of their numbers. */
    void note(String topic, long sequence) {
        missed++;
        Missed onTopic = byTopic.get(topic);
        if (onTopic == null) {
            if (byTopic.size() >= MAX_TOPICS) {
                beyondTopics++;
                return;
            }
            onTopic = new Missed(sequence - 1);
            byTopic.put(topic, onTopic);
        }
        onTopic.messages++;
    }

    /** Returns topic to the last number the subscription got, for topics on which it missed something. */
    Map<String, Long> lastByTopic() {
        Map<String, Long> last = new HashMap<>();
        byTopic.forEach((topic, onTopic) -> last.put(topic, onTopic.last));
        return last;
    }

    /** Returns how many messages were noted on a topic. */
    long missed(String topic) {
        Missed onTopic = byTopic.get(topic);
        return onTopic == null ? 0 : onTopic.messages;
    }

    /** Returns how many messages were noted. */
    long missed() {
        return missed;
    }

    /** Returns how many messages were noted on other topics than these, those of topics not told apart included. */
    long missedExceptOn(Set<String> topics) {
        long others = beyondTopics;
        for (Map.Entry<String, Missed> onTopic : byTopic.entrySet()) {
            others += topics.contains(onTopic.getKey()) ? 0 : onTopic.getValue().messages;
        }
        return others;
    }

    /** Tells whether the application asked for it, as opposed to a stream that broke. */
    boolean paused() {
        return paused;
    }

    boolean isOver(long nowNs) {
        if (lastsLonger.getAsBoolean()) {
            extend(paused, longerUntilNs);
        }
        return untilNs - nowNs <= 0;
    }
}
