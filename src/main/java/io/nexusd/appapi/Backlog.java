package io.nexusd.appapi;

import io.nexusd.bus.Meters;
import io.nexusd.bus.Routing.Numbered;
import io.nexusd.bus.Routing.TopicReplay;
import io.nexusd.model.Envelope;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.proto.sidecar.ReplayComplete;
import io.nexusd.wire.GrpcFrames;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * What a stream gets before live messages: retained messages and replays. Holds references to what router holds anyway and
 * encodes only what is written. Counts each message as delivered or expired. Not thread-safe.
 */
final class Backlog {
    /** Says that the replay of a topic is complete; the number of messages is counted as they are written. */
    private static final class Completion {
        final String topic;
        final long latestSequence;
        int replayed;

        Completion(String topic, long latestSequence) {
            this.topic = topic;
            this.latestSequence = latestSequence;
        }
    }

    private record Item(Envelope envelope, long sequence, int field, Completion completion) {
        boolean isCompletion() {
            return envelope == null;
        }
    }

    private final Deque<Item> items = new ArrayDeque<>();
    private final Meters meters;
    private int messages;
    private Optional<String> lastWrittenId = Optional.empty();

    Backlog(Meters meters) {
        this.meters = meters;
    }

    /** Adds retained messages. */
    void addRetained(List<Envelope> retained) {
        for (Envelope envelope : retained) {
            add(envelope, MessageEvent.RETAINED_MESSAGE_FIELD_NUMBER);
        }
    }

    /** Adds a message that is no replay. */
    void add(Envelope envelope, int field) {
        meters.targets(1);
        messages++;
        items.add(new Item(envelope, 0, field, null));
    }

    /** Adds the replay of a topic, whose messages are targets already. */
    void addReplay(TopicReplay replay) {
        Completion completion = new Completion(replay.topic(), replay.lastSequence());
        for (Numbered numbered : replay.messages()) {
            messages++;
            items.add(new Item(
                    numbered.envelope(), numbered.sequence(), MessageEvent.REPLAY_MESSAGE_FIELD_NUMBER, completion));
        }
        items.add(new Item(null, 0, 0, completion));
    }

    boolean isEmpty() {
        return items.isEmpty();
    }

    /** Returns how many messages wait. */
    int size() {
        return messages;
    }

    /** Takes out frames of about as many bytes; an empty buffer when nothing is left. */
    Buffer next(int maxBytes, long nowNs) {
        Buffer frames = Buffer.buffer();
        int replayed = 0;
        int others = 0;
        int expired = 0;
        while (!items.isEmpty() && frames.length() < maxBytes) {
            Item item = items.poll();
            if (item.isCompletion()) {
                frames.appendBuffer(GrpcFrames.frame(complete(item.completion())));
                continue;
            }
            messages--;
            if (item.envelope().expiredAt(nowNs)) {
                expired++;
                continue;
            }
            lastWrittenId = Optional.of(item.envelope().messageId());
            frames.appendBuffer(EncodedMessage.frame(item.envelope(), item.sequence(), item.field()));
            if (item.completion() != null) {
                item.completion().replayed++;
                replayed++;
            } else {
                others++;
            }
        }
        meters.delivered(Meters.Delivered.REPLAY, replayed);
        meters.delivered(Meters.Delivered.RETAINED, others);
        meters.dropped(Meters.Dropped.EXPIRED, expired);
        return frames;
    }

    /** Returns the id of the last message that was taken out to be written. */
    Optional<String> lastWrittenId() {
        return lastWrittenId;
    }

    /** Empties it: what was to be replayed is missed again, the rest is dropped. */
    void missedBy(Away away) {
        int dropped = 0;
        for (Item item : items) {
            if (item.isCompletion()) {
                continue;
            }
            if (item.completion() != null) {
                away.note(item.envelope().topic(), item.sequence());
            } else {
                dropped++;
            }
        }
        meters.dropped(Meters.Dropped.DISCONNECTED, dropped);
        items.clear();
        messages = 0;
    }

    /** Empties it for good; returns how many messages were there. */
    int clear() {
        int count = messages;
        items.clear();
        messages = 0;
        return count;
    }

    private static MessageEvent complete(Completion completion) {
        return MessageEvent.newBuilder()
                .setReplayComplete(ReplayComplete.newBuilder()
                        .setTopic(completion.topic)
                        .setReplayedCount(completion.replayed)
                        .setLatestSequence(completion.latestSequence))
                .build();
    }
}
