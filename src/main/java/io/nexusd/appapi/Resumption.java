package io.nexusd.appapi;

import io.nexusd.bus.Meters;
import io.nexusd.bus.Routing.Replayed;
import io.nexusd.bus.Routing.TopicReplay;
import io.nexusd.model.Envelope;
import io.nexusd.model.Topic;
import io.nexusd.proto.sidecar.GapRecoveryMode;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.proto.sidecar.SubscriptionInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One return of a subscription: puts what the router found before the live messages, so that each message comes once, and
 * says what is missing. Live messages have come to the buffer since the router was asked; those that its answer covers are taken
 * out again.
 */
final class Resumption {
    /** Stands for a number of missed messages that cannot be known. */
    static final long UNKNOWN = -1;

    private final Subscription subscription;
    private final GapRecoveryMode mode;
    private final Replayed replayed;
    private final Meters meters;

    Resumption(Subscription subscription, GapRecoveryMode mode, Replayed replayed, Meters meters) {
        this.subscription = subscription;
        this.mode = mode;
        this.replayed = replayed;
        this.meters = meters;
    }

    /** Fills the backlog and returns how many messages the subscription has missed and will not get. */
    long takeUp() {
        Map<String, TopicReplay> byTopic = new HashMap<>();
        replayed.topics().forEach(replay -> byTopic.put(replay.topic(), replay));
        List<EncodedMessage> covered = subscription.buffer().removeIf(message -> {
            TopicReplay replay = byTopic.get(message.topic());
            return replay != null && message.sequence() > replay.after() && message.sequence() <= replay.lastSequence();
        });
        account(covered);
        Set<String> ids = new HashSet<>();
        for (TopicReplay replay : replayed.topics()) {
            replay.messages().forEach(numbered -> ids.add(numbered.envelope().messageId()));
        }
        // A retained message that is replayed anyway is not told twice.
        List<Envelope> retained = replayed.retained().stream()
                .filter(envelope -> !ids.contains(envelope.messageId()))
                .toList();
        subscription.backlog().addRetained(retained);
        if (mode == GapRecoveryMode.GAP_RECOVERY_REPLAY_BUFFER) {
            replayed.topics().forEach(subscription.backlog()::addReplay);
            completeEmptyFilters();
        }
        long unanswered = subscription.away().missedExceptOn(byTopic.keySet());
        return unanswered
                + replayed.topics().stream().mapToLong(TopicReplay::missing).sum();
    }

    /** Returns the first event of the stream. */
    MessageEvent info(long missed) {
        return MessageEvent.newBuilder()
                .setSubscriptionInfo(SubscriptionInfo.newBuilder()
                        .setSubscriptionId(subscription.id())
                        .addAllTopics(subscription.wish().filters())
                        .setTimestampMs(System.currentTimeMillis())
                        .setGapDetected(missed != 0)
                        .setMissedMessageCount((int) Math.min(Integer.MAX_VALUE, missed))
                        .setReplayStarted(replays()))
                .build();
    }

    private boolean replays() {
        return mode == GapRecoveryMode.GAP_RECOVERY_REPLAY_BUFFER
                && replayed.topics().stream()
                        .anyMatch(topic -> !topic.messages().isEmpty());
    }

    /** Whoever waits for the end of the replay of a filter with wildcards hears of it although no topic matched. */
    private void completeEmptyFilters() {
        if (replayed.topics().isEmpty()) {
            for (String filter : subscription.wish().filters()) {
                if (Topic.hasWildcard(filter)) {
                    subscription.backlog().addReplay(new TopicReplay(filter, 0, List.of(), 0));
                }
            }
        }
    }

    /**
     * What was missed and comes now was a target before; what comes although it was written or told as dropped before is a new
     * one. Of the messages that are not there any more, those that were missed count first.
     */
    private void account(List<EncodedMessage> covered) {
        Map<String, Long> pendingByTopic = new HashMap<>();
        covered.forEach(message -> pendingByTopic.merge(message.topic(), 1L, Long::sum));
        long pending = covered.size() + subscription.away().missed();
        long again = 0;
        long found = 0;
        for (TopicReplay replay : replayed.topics()) {
            long onTopic = subscription.away().missed(replay.topic()) + pendingByTopic.getOrDefault(replay.topic(), 0L);
            long foundMissed = Math.min(replay.messages().size(), Math.max(0, onTopic - replay.missing()));
            found += foundMissed;
            again += replay.messages().size() - foundMissed;
        }
        meters.targets(again);
        boolean wanted = mode == GapRecoveryMode.GAP_RECOVERY_REPLAY_BUFFER;
        meters.dropped(wanted ? Meters.Dropped.QUEUE_FULL : Meters.Dropped.DISCONNECTED, pending - found);
    }
}
