package io.nexusd.appapi;

import io.nexusd.model.Settings.BackpressurePolicy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What waits for one subscriber: a queue bounded by messages and bytes, and, under the policy {@code block}, the publishes
 * that wait for room in it. A single message larger than the byte limit is taken when nothing else waits. Time is handed in,
 * in nanoseconds of a monotonic clock. Not thread-safe.
 */
final class SubscriberBuffer {
    /**
     * Publishes that wait for room at most; they are the unanswered ones of their callers, so their number has nothing to do
     * with how many messages the subscriber wants to have waiting.
     */
    static final int MAX_BLOCKED = 65_536;

    /** The deadline of what does not expire. */
    static final long NEVER = Long.MAX_VALUE;

    /** What became of an offered message. */
    enum Offered {
        /** It waits in the queue. */
        QUEUED,
        /** It or an older one was dropped to keep the limits. */
        DROPPED,
        /** It waits for room; its ticket runs when it has left the wait, one way or the other. */
        BLOCKED
    }

    /** What was lost since the last report. */
    record Losses(long dropped, long expired) {}

    private record Entry(EncodedMessage message, long expiresNs, long offeredNs) {
        int bytes() {
            return message.frameBytes();
        }
    }

    private record Blocked(Entry entry, long untilNs, Consumer<Boolean> ticket) {}

    private final ArrayDeque<Entry> queue = new ArrayDeque<>();
    private final ArrayDeque<Blocked> blocked = new ArrayDeque<>();
    private Predicate<EncodedMessage> lostTaker = message -> false;
    private int limit;
    private long byteLimit;
    private long bytes;
    private long blockedBytes;
    private long dropped;
    private long expired;
    private long reportedDropped;
    private long reportedExpired;

    SubscriberBuffer(int limit, long byteLimit) {
        this.limit = limit;
        this.byteLimit = byteLimit;
    }

    /** Sets who is offered each message that would be lost; one that it takes does not count as such. */
    void offerLostTo(Predicate<EncodedMessage> taker) {
        lostTaker = taker;
    }

    /**
     * Takes a message under a policy.
     *
     * @param expiresNs when it expires, or {@link #NEVER}
     * @param blockUntilNs how long it may wait for room under {@code block}
     * @param ticket runs when a blocked message waits no longer, with true when it was let in by force, which dropped older
     *     ones; null when nobody can be made to wait, as with messages of peers: then {@code block} drops the oldest
     */
    Offered offer(
            EncodedMessage message,
            BackpressurePolicy policy,
            long expiresNs,
            long blockUntilNs,
            Consumer<Boolean> ticket,
            long nowNs) {
        Entry entry = new Entry(message, expiresNs, nowNs);
        if (blocked.isEmpty() && fits(entry)) {
            push(entry);
            return Offered.QUEUED;
        }
        if (policy == BackpressurePolicy.DROP_NEWEST) {
            dropped(entry);
            return Offered.DROPPED;
        }
        if (policy == BackpressurePolicy.BLOCK && ticket != null && mayWait(entry)) {
            blocked.add(new Blocked(entry, blockUntilNs, ticket));
            blockedBytes += entry.bytes();
            return Offered.BLOCKED;
        }
        // What waits for room came earlier, so it goes in first.
        while (!blocked.isEmpty()) {
            letInByForce();
        }
        makeRoomFor(entry);
        push(entry);
        return Offered.DROPPED;
    }

    /** Takes out the next message that has not expired; null when there is none. */
    EncodedMessage poll(long nowNs) {
        while (true) {
            Entry entry = queue.poll();
            if (entry == null) {
                return null;
            }
            bytes -= entry.bytes();
            admit(nowNs);
            if (!isExpired(entry, nowNs)) {
                return entry.message();
            }
            expired(entry);
        }
    }

    /** Drops what has expired and lets in what has waited for room too long, at the cost of the oldest. */
    void tick(long nowNs) {
        var iterator = queue.iterator();
        while (iterator.hasNext()) {
            Entry entry = iterator.next();
            if (isExpired(entry, nowNs)) {
                iterator.remove();
                bytes -= entry.bytes();
                expired(entry);
            }
        }
        admit(nowNs);
        while (!blocked.isEmpty() && blocked.peek().untilNs() - nowNs <= 0) {
            letInByForce();
        }
    }

    /** Changes the limits; what is too much now is dropped, oldest first. */
    void setLimits(int messages, long byteCount) {
        limit = messages;
        byteLimit = byteCount;
        while (queue.size() > limit || (bytes > byteLimit && queue.size() > 1)) {
            dropOldest();
        }
    }

    /** Empties everything, releasing who waits, and returns the messages that were there, in order. */
    List<EncodedMessage> drain() {
        List<EncodedMessage> messages = new ArrayList<>(size());
        queue.forEach(entry -> messages.add(entry.message()));
        blocked.forEach(waiting -> messages.add(waiting.entry().message()));
        queue.clear();
        bytes = 0;
        while (!blocked.isEmpty()) {
            pollBlocked().ticket().accept(false);
        }
        return messages;
    }

    /** Takes out the messages for which this holds, and returns them in order. */
    List<EncodedMessage> removeIf(Predicate<EncodedMessage> condition) {
        List<EncodedMessage> removed = new ArrayList<>();
        queue.removeIf(entry -> {
            boolean out = condition.test(entry.message());
            if (out) {
                removed.add(entry.message());
                bytes -= entry.bytes();
            }
            return out;
        });
        Iterator<Blocked> waiting = blocked.iterator();
        while (waiting.hasNext()) {
            Blocked next = waiting.next();
            if (condition.test(next.entry().message())) {
                removed.add(next.entry().message());
                waiting.remove();
                blockedBytes -= next.entry().bytes();
                next.ticket().accept(false);
            }
        }
        return removed;
    }

    /** Tells whether more waits than half of what is allowed. */
    boolean isHalfFull() {
        return queue.size() > limit / 2 || bytes > byteLimit / 2;
    }

    /** Returns what was lost since the last call of this method. */
    Losses takeLosses() {
        Losses losses = new Losses(dropped - reportedDropped, expired - reportedExpired);
        reportedDropped = dropped;
        reportedExpired = expired;
        return losses;
    }

    /** Tells whether something was lost that {@link #takeLosses} has not returned yet. */
    boolean hasLosses() {
        return dropped != reportedDropped || expired != reportedExpired;
    }

    /** Returns how many messages have been dropped since the start, not counting expired ones. */
    long dropped() {
        return dropped;
    }

    /** Returns how many messages have expired here since the start. */
    long expired() {
        return expired;
    }

    /** Returns how long the oldest message has waited, in nanoseconds; 0 when none waits. */
    long oldestAgeNs(long nowNs) {
        return queue.isEmpty() ? 0 : nowNs - queue.peek().offeredNs();
    }

    /** Returns how many messages wait, blocked ones included. */
    int size() {
        return queue.size() + blocked.size();
    }

    int limit() {
        return limit;
    }

    /** Returns the bytes of all that waits, blocked messages included. */
    long waitingBytes() {
        return bytes + blockedBytes;
    }

    private boolean fits(Entry entry) {
        return queue.size() < limit && (queue.isEmpty() || bytes + entry.bytes() <= byteLimit);
    }

    /** What waits for room is bounded by the same bytes as the queue itself. */
    private boolean mayWait(Entry entry) {
        return blocked.size() < MAX_BLOCKED && (blocked.isEmpty() || blockedBytes + entry.bytes() <= byteLimit);
    }

    private Blocked pollBlocked() {
        Blocked first = blocked.poll();
        blockedBytes -= first.entry().bytes();
        return first;
    }

    private void push(Entry entry) {
        queue.add(entry);
        bytes += entry.bytes();
    }

    private void dropOldest() {
        Entry oldest = queue.poll();
        bytes -= oldest.bytes();
        dropped(oldest);
    }

    private void makeRoomFor(Entry entry) {
        while (!fits(entry)) {
            dropOldest();
        }
    }

    private void admit(long nowNs) {
        while (!blocked.isEmpty()) {
            Blocked first = blocked.peek();
            boolean late = isExpired(first.entry(), nowNs);
            if (!late && !fits(first.entry())) {
                return;
            }
            pollBlocked();
            if (late) {
                expired(first.entry());
            } else {
                push(first.entry());
            }
            first.ticket().accept(false);
        }
    }

    private void letInByForce() {
        Blocked first = pollBlocked();
        makeRoomFor(first.entry());
        push(first.entry());
        first.ticket().accept(true);
    }

    private void dropped(Entry entry) {
        dropped += lostTaker.test(entry.message()) ? 0 : 1;
    }

    private void expired(Entry entry) {
        expired += lostTaker.test(entry.message()) ? 0 : 1;
    }

    private static boolean isExpired(Entry entry, long nowNs) {
        return entry.expiresNs() != NEVER && entry.expiresNs() - nowNs <= 0;
    }
}
