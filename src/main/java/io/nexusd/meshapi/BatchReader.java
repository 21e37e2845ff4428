package io.nexusd.meshapi;

import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.Parser;
import io.nexusd.bus.Routing.Incoming;
import io.nexusd.model.Envelope;
import io.nexusd.model.Share;
import io.nexusd.model.Topic;
import io.nexusd.proto.mesh.EnvelopeBatch;
import io.nexusd.proto.mesh.GroupTarget;
import io.nexusd.proto.mesh.LinkFrame;
import io.nexusd.wire.EnvelopeReader;
import io.nexusd.wire.FieldReader;
import io.nexusd.wire.MessageBytes;
import io.nexusd.wire.TransitTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the batches of one link without the generated classes, in two steps: {@link #read} finds the messages in a frame, {@link
 * #messages} makes them. Holds the batch read last. Not thread-safe.
 */
final class BatchReader {
    private static final Parser<LinkFrame> KNOWN_FIELDS = DiscardUnknownFieldsParser.wrap(LinkFrame.parser());
    private static final int FIRST_CAPACITY = 64;

    private final TransitTime transit;
    private final FieldReader fields = new FieldReader();
    private final FieldReader numbers = new FieldReader();
    private final EnvelopeReader envelopes = new EnvelopeReader();
    private byte[] bytes;
    private long firstSequence;
    private long sentAtMs;
    private long sentMonoUs;
    private int count;
    /** Where the messages begin and end, in turn. */
    private int[] bounds = new int[2 * FIRST_CAPACITY];

    /** The rest of each message's lifetime at the sending, in milliseconds, as far as the batch states it. */
    private long[] remainingMs = new long[FIRST_CAPACITY];

    private int remainingCount;
    private final Map<Integer, GroupTarget> groupTargets = new HashMap<>();
    private long ignored;

    /** Makes it; the transit time is that of the link. */
    BatchReader(TransitTime transit) {
        this.transit = transit;
    }

    /** Reads a frame that holds a batch in its usual form; false where it holds anything else. */
    boolean read(MessageBytes frame) {
        fields.over(frame.array(), frame.from(), frame.to());
        boolean batch = fields.next()
                && fields.is(LinkFrame.BATCH_FIELD_NUMBER, FieldReader.LENGTH_DELIMITED)
                && fields.end() == frame.to();
        return batch && readBatch(frame.array(), fields.start(), fields.end());
    }

    /** Reads a frame of which the generated parser has said that it holds a batch. */
    void readUnusual(MessageBytes frame) {
        if (!read(MessageBytes.of(frame.parsed(KNOWN_FIELDS).toByteArray()))) {
            throw new IllegalStateException("a batch that was written here cannot be read");
        }
    }

    private boolean readBatch(byte[] array, int from, int to) {
        bytes = array;
        firstSequence = 0;
        sentAtMs = 0;
        sentMonoUs = 0;
        count = 0;
        remainingCount = 0;
        groupTargets.clear();
        fields.over(array, from, to);
        while (fields.next()) {
            if (fields.is(EnvelopeBatch.ENVELOPES_FIELD_NUMBER, FieldReader.LENGTH_DELIMITED)) {
                if (2 * count == bounds.length) {
                    bounds = Arrays.copyOf(bounds, 2 * bounds.length);
                }
                bounds[2 * count] = fields.start();
                bounds[2 * count + 1] = fields.end();
                count++;
            } else if (fields.is(EnvelopeBatch.FIRST_SEQUENCE_FIELD_NUMBER, FieldReader.VARINT)) {
                firstSequence = fields.value();
            } else if (fields.is(EnvelopeBatch.SENT_AT_MS_FIELD_NUMBER, FieldReader.VARINT)) {
                sentAtMs = fields.value();
            } else if (fields.is(EnvelopeBatch.SENT_MONO_US_FIELD_NUMBER, FieldReader.VARINT)) {
                sentMonoUs = fields.value();
            } else if (fields.is(EnvelopeBatch.REMAINING_MS_FIELD_NUMBER, FieldReader.LENGTH_DELIMITED)) {
                if (!readRemaining(array, fields.start(), fields.end())) {
                    return false;
                }
            } else if (fields.is(EnvelopeBatch.GROUP_TARGETS_FIELD_NUMBER, FieldReader.LENGTH_DELIMITED)) {
                GroupTarget target = new MessageBytes(array, fields.start(), fields.end()).parsed(GroupTarget.parser());
                groupTargets.put(target.getIndex(), target);
            } else {
                return false;
            }
        }
        return fields.isRegular();
    }

    private boolean readRemaining(byte[] array, int from, int to) {
        numbers.over(array, from, to);
        while (numbers.nextNumber()) {
            if (remainingCount == remainingMs.length) {
                remainingMs = Arrays.copyOf(remainingMs, 2 * remainingMs.length);
            }
            remainingMs[remainingCount++] = numbers.value();
        }
        return numbers.isRegular();
    }

    /** Returns the number of the first message. */
    long firstSequence() {
        return firstSequence;
    }

    /** Returns how many messages there are. */
    int count() {
        return count;
    }

    /**
     * Returns the messages from the one with this index on, without those on topics that no valid node sends, which {@link
     * #ignored} counts; and lets go of the batch.
     */
    List<Incoming> messages(int first, long nowNs) {
        List<Incoming> messages = new ArrayList<>(count - first);
        long sentNs = nowNs - transit.ofFrame(sentOnPeersClockNs(sentMonoUs, sentAtMs), nowNs);
        String valid = "";
        for (int i = first; i < count; i++) {
            envelopes.read(bytes, bounds[2 * i], bounds[2 * i + 1]);
            String topic = envelopes.topic();
            // The reader gives the same instance for the same topic.
            if (topic == valid || Topic.problemWithTopic(topic).isEmpty()) {
                valid = topic;
                messages.add(incoming(envelopes.envelope(publishedNs(i, sentNs)), groupTargets.get(i)));
            } else {
                ignored++;
            }
        }
        // A batch is large, and links are many.
        bytes = null;
        fields.release();
        numbers.release();
        envelopes.release();
        return messages;
    }

    /** Returns how many messages on invalid topics there were since the link came up. */
    long ignored() {
        return ignored;
    }

    /**
     * Returns a time on the sender's clock in nanoseconds: on its monotonic clock where it states that, else on its wall clock.
     *
     * @param monoUs its monotonic clock, 0 where it does not state it
     * @param wallMs its wall clock
     */
    static long sentOnPeersClockNs(long monoUs, long wallMs) {
        return monoUs == 0 ? wallMs * 1_000_000 : monoUs * 1000;
    }

    /**
     * When the message read last was published, on this process's clock. Its age at the sending is what the sender's monotonic
     * clock says; where the batch does not state that, the difference of two readings of the sender's wall clock.
     */
    private long publishedNs(int index, long sentNs) {
        long ttlMs = envelopes.ttlMs();
        if (ttlMs > 0 && remainingCount == count && remainingMs[index] > 0) {
            return Envelope.published(ttlMs - remainingMs[index], sentNs);
        }
        boolean stated = sentAtMs > 0 && envelopes.timestampMs() > 0;
        return Envelope.published(stated ? sentAtMs - envelopes.timestampMs() : 0, sentNs);
    }

    private static Incoming incoming(Envelope envelope, GroupTarget target) {
        if (target == null) {
            return new Incoming(envelope, true, List.of(), 0);
        }
        List<String> shares = target.getSharesList().stream()
                .filter(share -> Share.of(share).isPresent())
                .toList();
        return new Incoming(envelope, !target.getOnly(), shares, target.getHops());
    }
}
