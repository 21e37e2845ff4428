package io.nexusd.dialer;

import io.nexusd.bus.Spans;
import io.nexusd.model.Envelope;
import io.nexusd.wire.EncodedEnvelope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * What waits for one peer: messages sent but not yet acknowledged, those of them that are to be sent again over the next link,
 * and messages never sent. Bounded by number and bytes. A message gets its sequence number when it is first sent and keeps it.
 * Not thread-safe.
 */
final class Outbox {
    /** A batch ends when it holds this many messages or bytes. */
    static final int BATCH_MESSAGES = 1024;

    static final int BATCH_BYTES = 256 * 1024;

    /** Messages of consecutive sequence numbers, in order. */
    record Batch(long firstSequence, List<Entry> entries, int bytes) {}

    /** One waiting message. */
    static final class Entry {
        final Envelope envelope;
        /** It as it travels, shared with the other peers that get it. */
        final EncodedEnvelope encoded;
        /** It is for the peer's subscriptions without a group. */
        final boolean plain;
        /** It is for one member of each of these shares. */
        final List<String> shares;

        final int hops;
        /** Ends when the peer has taken the message; null unless it is traced. */
        private Spans.Span span;

        private long sequence;

        Entry(Envelope envelope, EncodedEnvelope encoded, boolean plain, List<String> shares, int hops) {
            this.envelope = envelope;
            this.encoded = encoded;
            this.plain = plain;
            this.shares = shares;
            this.hops = hops;
        }

        /** Has the span end when the peer has taken the message. */
        void tracedBy(Spans.Span newSpan) {
            span = newSpan;
        }
    }

    private final Deque<Entry> sent = new ArrayDeque<>();
    private final Deque<Entry> again = new ArrayDeque<>();
    private final Deque<Entry> fresh = new ArrayDeque<>();
    private int limitMessages;
    private long limitBytes;
    private long bytes;
    private long nextSequence;
    private long expired;

    Outbox(int limitMessages, long limitBytes, long nextSequence) {
        this.limitMessages = limitMessages;
        this.limitBytes = limitBytes;
        this.nextSequence = nextSequence;
    }

    /** Changes the limits; what is too much now may still leave. */
    void setLimits(int messages, long byteCount) {
        limitMessages = messages;
        limitBytes = byteCount;
    }

    /** Takes a message; tells whether there was room. */
    boolean offer(Entry entry) {
        if (!hasRoomFor(entry)) {
            return false;
        }
        fresh.addLast(entry);
        bytes += entry.encoded.size();
        return true;
    }

    /**
     * Takes a message at the cost of the oldest ones that were never sent; what was sent may have been taken, so it cannot be
     * counted as lost. Where there is nothing but that, the new message itself is refused.
     *
     * @return how many messages were dropped, the new one included
     */
    int offerAtCostOfOldest(Entry entry) {
        int dropped = 0;
        while (!hasRoomFor(entry) && !fresh.isEmpty()) {
            drop(fresh.pollFirst());
            dropped++;
        }
        return offer(entry) ? dropped : dropped + 1;
    }

    /** Returns the next batch to send, or null when nothing waits. Expired messages are left out and counted. */
    Batch nextBatch(long nowNs) {
        List<Entry> entries = new ArrayList<>();
        int batchBytes = 0;
        long first = 0;
        while (entries.size() < BATCH_MESSAGES) {
            Deque<Entry> from = again.isEmpty() ? fresh : again;
            Entry entry = from.peekFirst();
            if (entry == null) {
                break;
            }
            if (entry.envelope.expiredAt(nowNs)) {
                drop(from.pollFirst());
                expired++;
                continue;
            }
            long sequence = entry.sequence == 0 ? nextSequence : entry.sequence;
            // What expired in between leaves a gap in the numbers, which ends a batch.
            boolean gap = !entries.isEmpty() && sequence != first + entries.size();
            boolean full = !entries.isEmpty() && batchBytes + entry.encoded.size() > BATCH_BYTES;
            if (gap || full) {
                break;
            }
            if (entries.isEmpty()) {
                first = sequence;
            }
            entry.sequence = sequence;
            nextSequence = Math.max(nextSequence, sequence + 1);
            entries.add(from.pollFirst());
            batchBytes += entry.encoded.size();
            sent.addLast(entry);
        }
        return entries.isEmpty() ? null : new Batch(first, entries, batchBytes);
    }

    /** Everything up to and including the number has been taken; returns how many messages that newly settles. */
    int acknowledge(long throughSequence) {
        int settled = 0;
        while (!sent.isEmpty() && sent.peekFirst().sequence <= throughSequence) {
            taken(sent.pollFirst());
            settled++;
        }
        return settled;
    }

    /**
     * A new link is up: what the peer has taken is settled, the rest of what was sent is to be sent again.
     *
     * @param lastTaken the last sequence number the peer has taken
     * @return how many messages were settled
     */
    int relink(long lastTaken) {
        int settled = acknowledge(lastTaken);
        for (Iterator<Entry> newestFirst = sent.descendingIterator(); newestFirst.hasNext(); ) {
            again.addFirst(newestFirst.next());
        }
        sent.clear();
        while (!again.isEmpty() && again.peekFirst().sequence <= lastTaken) {
            taken(again.pollFirst());
            settled++;
        }
        nextSequence = Math.max(nextSequence, lastTaken + 1);
        return settled;
    }

    /** Takes out everything that is not acknowledged, in order. */
    List<Entry> takeAll() {
        List<Entry> all = new ArrayList<>(size());
        all.addAll(sent);
        all.addAll(again);
        all.addAll(fresh);
        sent.clear();
        again.clear();
        fresh.clear();
        bytes = 0;
        return all;
    }

    /** Returns how many messages were found expired since the last call. */
    long takeExpired() {
        long taken = expired;
        expired = 0;
        return taken;
    }

    /** Drops what has expired before it was ever sent. */
    void reap(long nowNs) {
        fresh.removeIf(entry -> {
            boolean over = entry.envelope.expiredAt(nowNs);
            if (over) {
                drop(entry);
                expired++;
            }
            return over;
        });
    }

    /**
     * Tells whether so much waits, or is not acknowledged, that publishers had better be slower: two fifths of what is allowed,
     * since what a publisher and the bus have on their way by then still has to fit.
     */
    boolean isFilling() {
        return size() > Math.max(1, limitMessages * 2L / 5) || bytes > limitBytes / 5 * 2;
    }

    /** Returns how many messages wait, sent or not. */
    int size() {
        return sent.size() + again.size() + fresh.size();
    }

    long limitBytes() {
        return limitBytes;
    }

    long bytes() {
        return bytes;
    }

    /** Returns the number that the next message sent for the first time gets. */
    long nextSequence() {
        return nextSequence;
    }

    private boolean hasRoomFor(Entry entry) {
        return size() < limitMessages && (bytes + entry.encoded.size() <= limitBytes || size() == 0);
    }

    private void taken(Entry entry) {
        drop(entry);
        if (entry.span != null) {
            entry.span.end();
        }
    }

    private void drop(Entry entry) {
        bytes -= entry.encoded.size();
    }
}
