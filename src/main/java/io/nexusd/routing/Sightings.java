package io.nexusd.routing;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Inspection;
import io.nexusd.bus.Inspection.Seen;
import io.nexusd.bus.Inspection.SeenMessage;
import io.nexusd.bus.Inspection.TopicTraffic;
import io.nexusd.bus.Inspection.Traffic;
import io.nexusd.model.Envelope;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What people see of the messages that pass: all of them, as long as anybody watches, and counts for each topic, as long as
 * anybody asks. Otherwise a message costs one comparison. Bounded: what is seen while too many are on their way to the watchers
 * is only counted. Lives on router's event loop.
 */
final class Sightings {
    /** Bursts on their way to the watchers; each has at most as much as a publish call may have unanswered, 4 MiB. */
    private static final int MAX_BURSTS_UNDER_WAY = 4;

    /** Topics whose traffic is told apart. */
    private static final int MAX_TOPICS = 2000;

    /** The counting ends when nobody has asked for this long. */
    private static final long COUNT_FOR_MS = 10_000;

    private final Vertx vertx;
    private final Bus bus;
    private final List<SeenMessage> unsent = new ArrayList<>();
    private Map<String, Counts> byTopic;
    private Counts others;
    private boolean watching;
    private boolean on;
    private int burstsUnderWay;
    private long missed;
    private long countTimer;

    private static final class Counts {
        long published;
        long fromPeers;
        long bytes;

        TopicTraffic of(String topic) {
            return new TopicTraffic(topic, published, fromPeers, bytes);
        }
    }

    Sightings(Vertx vertx, Bus bus) {
        this.vertx = vertx;
        this.bus = bus;
        bus.on(Inspection.WATCHING, wanted -> {
            watching = wanted.anybody();
            missed = 0;
            unsent.clear();
            on = watching || byTopic != null;
        });
    }

    /** Notes a message that is routed now. */
    void saw(Envelope envelope, boolean fromPeer, int subscriptions, int peers) {
        if (!on) {
            return;
        }
        if (watching) {
            unsent.add(new SeenMessage(envelope, fromPeer, subscriptions, peers));
        }
        if (byTopic != null) {
            Counts counts = byTopic.size() < MAX_TOPICS
                    ? byTopic.computeIfAbsent(envelope.topic(), topic -> new Counts())
                    : byTopic.getOrDefault(envelope.topic(), others);
            counts.published += fromPeer ? 0 : 1;
            counts.fromPeers += fromPeer ? 1 : 0;
            counts.bytes += envelope.payload().size();
        }
    }

    /** Shows the burst that was noted. */
    void flush() {
        if (unsent.isEmpty()) {
            return;
        }
        if (burstsUnderWay >= MAX_BURSTS_UNDER_WAY) {
            missed += unsent.size();
        } else {
            burstsUnderWay++;
            Seen seen = new Seen(unsent, missed);
            missed = 0;
            bus.request(Inspection.SEEN, seen).onComplete(taken -> burstsUnderWay--);
        }
        unsent.clear();
    }

    /** Tells what was counted; the first question begins the counting. */
    Traffic traffic() {
        if (byTopic == null) {
            byTopic = new HashMap<>();
            others = new Counts();
            on = true;
        } else {
            vertx.cancelTimer(countTimer);
        }
        countTimer = vertx.setTimer(COUNT_FOR_MS, timer -> {
            byTopic = null;
            on = watching;
        });
        List<TopicTraffic> topics = new ArrayList<>(byTopic.size());
        byTopic.forEach((topic, counts) -> topics.add(counts.of(topic)));
        return new Traffic(topics, others.of(""));
    }
}
