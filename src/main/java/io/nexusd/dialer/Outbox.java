package io.nexusd.dialer;

import com.google.protobuf.ByteString;
import io.nexusd.model.Envelope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * What waits for one peer: messages not yet sent, and messages sent but not yet acknowledged, which are sent again over the
 * next link. Bounded by number and bytes; what does not fit is refused, so that what was accepted keeps its order and its
 * chance. A message gets its sequence number when it is first sent and keeps it. Not thread-safe.
 */
final class Outbox {
    /** A batch ends when it holds this many messages or bytes. */
    static final int BATCH_MESSAGES = 512;

    static final int BATCH_BYTES = 64 * 1024;

    /** Messages of consecutive sequence numbers, in order. */
    record Batch(long firstSequence, List<Entry> entries, int bytes) {}

    /** One waiting message. */
    static final class Entry {
        final Envelope envelope;
        /** Its MessageEnvelope as it travels, shared with the other peers that get it. */
        final ByteString encoded;

        private long sequence;

        Entry(Envelope envelope, ByteString encoded) {
            this.envelope = envelope;
            this.encoded = encoded;
        }
    }

    private final int limitMessages;
    private final long limitBytes;
    private final Deque<Entry> sent = new ArrayDeque<>();
    private final Deque<Entry> unsent = new ArrayDeque<>();
    private long bytes;
    private long nextSequence;
    private long expired;

    Outbox(int limitMessages, long limitBytes, long nextSequence) {
        this.limitMessages = limitMessages;
        this.limitBytes = limitBytes;
        this.nextSequence = nextSequence;
    }

    /** Takes a message; tells whether there was room. */
    boolean offer(Entry entry) {
        if (size() >= limitMessages || (bytes + entry.encoded.size() > limitBytes && size() > 0)) {
            return false;
        }
        unsent.addLast(entry);
        bytes += entry.encoded.size();
        return true;
    }

    /** Returns the next batch to send, or null when nothing waits. Expired messages are left out and counted. */
    Batch nextBatch(long nowMs) {
        List<Entry> entries = new ArrayList<>();
        int batchBytes = 0;
        long first = 0;
        while (!unsent.isEmpty() && entries.size() < BATCH_MESSAGES) {
            Entry entry = unsent.peekFirst();
            if (entry.envelope.expiredAt(nowMs)) {
                drop(unsent.pollFirst());
                expired++;
                continue;
            }
            boolean full = batchBytes + entry.encoded.size() > BATCH_BYTES && !entries.isEmpty();
            // What is sent again keeps its number, and what expired between leaves a gap, which ends a batch.
            boolean gap = !entries.isEmpty() && entry.sequence != 0 && entry.sequence != first + entries.size();
            if (full || gap) {
                break;
            }
            if (entry.sequence == 0) {
                entry.sequence = nextSequence++;
            }
            if (entries.isEmpty()) {
                first = entry.sequence;
            } else if (entry.sequence != first + entries.size()) {
                break;
            }
            entries.add(unsent.pollFirst());
            batchBytes += entry.encoded.size();
            sent.addLast(entry);
        }
        return entries.isEmpty() ? null : new Batch(first, entries, batchBytes);
    }

    /** Everything up to and including the number has been taken; returns how many messages that newly settles. */
    int acknowledge(long throughSequence) {
        int settled = 0;
        while (!sent.isEmpty() && sent.peekFirst().sequence <= throughSequence) {
            drop(sent.pollFirst());
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
            unsent.addFirst(newestFirst.next());
        }
        sent.clear();
        nextSequence = Math.max(nextSequence, lastTaken + 1);
        return settled;
    }

    /** Returns how many messages were found expired since the last call. */
    long takeExpired() {
        long taken = expired;
        expired = 0;
        return taken;
    }

    boolean hasUnsent() {
        return !unsent.isEmpty();
    }

    /** Returns how many messages wait, sent or not. */
    int size() {
        return sent.size() + unsent.size();
    }

    long bytes() {
        return bytes;
    }

    /** Returns the number that the next message sent for the first time gets. */
    long nextSequence() {
        return nextSequence;
    }

    private void drop(Entry entry) {
        bytes -= entry.encoded.size();
    }
}
