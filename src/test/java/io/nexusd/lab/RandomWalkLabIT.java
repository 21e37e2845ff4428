package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.nexusd.client.ForeignClient;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.proto.sidecar.GapRecoveryMode;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.ResumeSubscribeRequest;
import io.nexusd.proto.sidecar.SubscribeRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Random operations on two real daemons against a simple model: publish, subscribe, unsubscribe, pause, break, resume, cut, heal,
 * retain, clear, expire. {@code -Dnexusd.seeds=300} for more walks, {@code -Dnexusd.seed=N} to begin with a certain one.
 */
@ExtendWith(ShowLogs.class)
@LongRun
class RandomWalkLabIT {
    private static final int WALKS = Integer.getInteger("nexusd.seeds", 12);
    private static final int STEPS = 60;
    private static final Duration SOON = Duration.ofSeconds(60);

    /** An application with one subscription, and what the model says it must get. */
    private final class Application {
        final LabDaemon daemon;
        final String filter;
        final List<String> expected = new ArrayList<>();
        /** What its streams before the current one brought. */
        final List<String> received = new ArrayList<>();

        ForeignClient client;
        ForeignSubscription stream;
        String id;
        String firstMessageId;

        Application(LabDaemon daemon, String filter) {
            this.daemon = daemon;
            this.filter = filter;
            client = new ForeignClient(daemon.address(), daemon.appPort());
            subscribe();
        }

        void subscribe() {
            expected.clear();
            received.clear();
            firstMessageId = "";
            stream = client.subscribe(filter);
            id = stream.id();
            for (LabDaemon other : daemons) {
                if (other != daemon) {
                    Mesh.awaitInterest(other, filter, 1, SOON);
                }
            }
        }

        void leave(boolean pause) {
            // Who has got nothing yet cannot say from where to go on, and what was on its way to it is lost with a
            // stream.
            if (stream == null || (!pause && firstOf(stream).isEmpty())) {
                return;
            }
            if (pause) {
                client.pause(id);
            } else {
                client.close();
                client = new ForeignClient(daemon.address(), daemon.appPort());
            }
            stream.awaitEnd();
            received.addAll(got(stream));
            firstMessageId = firstOf(stream);
            stream = null;
        }

        void resume() {
            if (stream != null) {
                return;
            }
            ResumeSubscribeRequest.Builder request = ResumeSubscribeRequest.newBuilder()
                    .setSubscriptionId(id)
                    .addTopics(filter)
                    .setGapRecoveryMode(GapRecoveryMode.GAP_RECOVERY_REPLAY_BUFFER);
            // What was on its way when it left counts as got only if it says so.
            lastNumbers.getOrDefault(this, Map.of()).forEach(request::putLastSequencePerTopic);
            request.setLastMessageId(firstMessageId);
            stream = client.resume(request.build());
            assertThat(stream.info().getMissedMessageCount()).isBetween(0, briefs);
        }

        List<String> got(ForeignSubscription from) {
            List<String> payloads = new ArrayList<>();
            Map<String, Long> numbers = lastNumbers.computeIfAbsent(this, a -> new HashMap<>());
            for (MessageEvent event : from.events()) {
                Message message = event.hasReplayMessage() ? event.getReplayMessage() : event.getMessage();
                if (event.hasReplayMessage() || event.hasMessage()) {
                    payloads.add(message.getPayload().toStringUtf8());
                    numbers.merge(message.getTopic(), message.getSequenceNumber(), Math::max);
                }
            }
            return payloads;
        }

        /**
         * Returns the id of the first message it got that lasts, empty when there is none; on topics it has no number of it
         * needs the rest.
         */
        String firstOf(ForeignSubscription from) {
            if (!firstMessageId.isEmpty()) {
                return firstMessageId;
            }
            return from.events().stream()
                    .filter(MessageEvent::hasMessage)
                    .filter(event ->
                            !event.getMessage().getPayload().toStringUtf8().startsWith("brief"))
                    .map(event -> event.getMessage().getMessageId())
                    .findFirst()
                    .orElse("");
        }

        List<String> all() {
            List<String> all = new ArrayList<>(received);
            all.addAll(got(stream));
            return all;
        }

        void check(long seed) {
            resume();
            await("everything at " + daemon)
                    .atMost(SOON)
                    .pollInterval(Duration.ofMillis(10))
                    .untilAsserted(() -> assertThat(all()).as("seed %d", seed).containsAll(expected));
            List<String> mustCome = all().stream()
                    .filter(payload -> !payload.isEmpty() && !payload.startsWith("brief"))
                    .toList();
            assertThat(mustCome).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(expected);
            // In the order of publishing on each node and topic: payloads are "topic node number".
            Map<String, Integer> last = new HashMap<>();
            for (String payload : mustCome) {
                int cut = payload.lastIndexOf(' ');
                int number = Integer.parseInt(payload.substring(cut + 1));
                Integer before = last.put(payload.substring(0, cut), number);
                assertThat(before == null || before < number)
                        .as("seed %d: %s after %s", seed, payload, before)
                        .isTrue();
            }
        }
    }

    private final Map<Application, Map<String, Long>> lastNumbers = new HashMap<>();
    private List<LabDaemon> daemons;
    private int briefs;

    @Test
    void shouldDoWhatTheModelSays() {
        long first = Long.getLong("nexusd.seed", System.nanoTime() / 1_000_000);
        try (Lab lab = Lab.withHosts(2)) {
            Host.Options options = Host.Options.of("--peers", lab.host(0).endpoint());
            daemons = lab.hosts().stream().map(host -> host.start(options)).toList();
            Mesh.awaitFull(SOON, daemons);
            for (int walk = 0; walk < WALKS; walk++) {
                lastNumbers.clear();
                walk(lab, first + walk);
            }
            daemons.forEach(Ledger::awaitBalance);
        }
    }

    private void walk(Lab lab, long seed) {
        Random random = new Random(seed);
        String root = "w" + seed;
        List<Application> applications = new ArrayList<>();
        for (LabDaemon daemon : daemons) {
            applications.add(new Application(daemon, root + "/#"));
        }
        Map<String, String> retained = new HashMap<>();
        boolean cut = false;
        briefs = 0;
        for (int step = 0; step < STEPS; step++) {
            Application application = applications.get(random.nextInt(applications.size()));
            int node = random.nextInt(daemons.size());
            String topic = root + "/" + random.nextInt(3);
            switch (random.nextInt(12)) {
                case 0 -> application.leave(true);
                case 1 -> application.leave(false);
                case 2, 3 -> application.resume();
                case 4 -> {
                    if (!cut) {
                        application.resume();
                        assertThat(application
                                        .client
                                        .unsubscribe(application.id)
                                        .getSuccess())
                                .isTrue();
                        // Interest that is still on its way from before must not be taken for the new one.
                        awaitNoInterest(application);
                        lastNumbers.remove(application);
                        application.subscribe();
                    }
                }
                case 5 -> {
                    cut = true;
                    lab.cut(lab.host(1));
                }
                case 6, 7 -> {
                    cut = false;
                    lab.heal(lab.host(1));
                }
                case 8 -> {
                    // Two nodes may have the same millisecond, and then neither is the newer.
                    LockSupport.parkNanos(3_000_000);
                    String payload = random.nextInt(3) == 0 ? "" : topic + " " + node + " " + step;
                    publish(node, topic, payload, true, 0);
                    if (payload.isEmpty()) {
                        retained.remove(topic);
                    } else {
                        retained.put(topic, payload);
                        applications.forEach(each -> each.expected.add(payload));
                    }
                }
                case 9 -> {
                    briefs++;
                    publish(node, topic, "brief " + step, false, 1 + random.nextInt(50));
                }
                default -> {
                    String payload = topic + " " + node + " " + step;
                    publish(node, topic, payload, false, 0);
                    applications.forEach(each -> each.expected.add(payload));
                }
            }
        }
        lab.heal(lab.host(1));
        applications.forEach(application -> application.check(seed));
        for (LabDaemon daemon : daemons) {
            await("retained messages, seed " + seed).atMost(SOON).untilAsserted(() -> {
                try (ForeignSubscription fresh = daemon.client()
                        .subscribe(SubscribeRequest.newBuilder()
                                .addTopics(root + "/+")
                                .setReceiveRetained(true)
                                .build())) {
                    fresh.awaitEvents(events -> events.size() > retained.size());
                    assertThat(fresh.retained())
                            .as("seed %d", seed)
                            .containsExactlyInAnyOrderElementsOf(retained.values());
                }
            });
        }
        for (Application application : applications) {
            application.client.unsubscribe(application.id);
            application.client.close();
        }
    }

    private void awaitNoInterest(Application application) {
        for (LabDaemon other : daemons) {
            if (other != application.daemon) {
                Mesh.awaitInterest(other, application.filter, 0, SOON);
            }
        }
    }

    private void publish(int node, String topic, String payload, boolean retain, long ttlMs) {
        daemons.get(node)
                .client()
                .publish(PublishRequest.newBuilder()
                        .setTopic(topic)
                        .setPayload(ByteString.copyFromUtf8(payload))
                        .setRetain(retain)
                        .setTtlMs(ttlMs)
                        .build());
    }
}
