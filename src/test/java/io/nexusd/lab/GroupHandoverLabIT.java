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
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A topic with subscriptions without a group and members of a group on every node, while members leave with messages unread and
 * others join: the group has each message once, and the others each message once with numbers that have no gap.
 */
@ExtendWith(ShowLogs.class)
class GroupHandoverLabIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String TOPIC = "jobs/mixed";
    private static final int NODES = 3;
    private static final int MESSAGES = 400;
    /** So long that what a slow member does not read waits at its node. */
    private static final byte[] PADDING = new byte[100_000];

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    /** One node with its subscription without a group, over all its streams, and the members that it has and had. */
    private static final class Site {
        final LabDaemon daemon;
        final List<ForeignSubscription> streams = new ArrayList<>();
        final List<ForeignSubscription> slow = new ArrayList<>();
        final List<ForeignSubscription> members = new ArrayList<>();
        final List<ForeignClient> clients = new ArrayList<>();

        Site(LabDaemon daemon) {
            this.daemon = daemon;
            streams.add(daemon.client().subscribe(TOPIC));
            join();
        }

        void join() {
            // With a connection of its own: one that is not read holds up every stream of its connection.
            ForeignClient client = new ForeignClient(daemon.address(), daemon.appPort());
            clients.add(client);
            ForeignSubscription member = client.subscribePaused(SubscribeRequest.newBuilder()
                    .addTopics(TOPIC)
                    .setGroup("workers")
                    .build());
            slow.add(member);
            members.add(member);
        }

        /** A member leaves with what it has not read; what was written to its stream it still reads. */
        void leave(Random random) {
            if (!slow.isEmpty()) {
                ForeignSubscription leaving = slow.remove(random.nextInt(slow.size()));
                daemon.client().unsubscribe(leaving.id());
                leaving.resume();
            }
        }

        /** The subscription without a group pauses and comes back. */
        void comeBack() {
            ForeignSubscription before = streams.get(streams.size() - 1);
            daemon.client().pause(before.id());
            assertThat(before.awaitEnd().isOk()).isTrue();
            ForeignSubscription after = daemon.client()
                    .resume(ResumeSubscribeRequest.newBuilder()
                            .setSubscriptionId(before.id())
                            .setGapRecoveryMode(GapRecoveryMode.GAP_RECOVERY_REPLAY_BUFFER)
                            .build());
            assertThat(after.info().getGapDetected()).isFalse();
            assertThat(after.info().getMissedMessageCount()).isZero();
            streams.add(after);
        }

        List<Message> received() {
            return streams.stream()
                    .flatMap(stream -> stream.events().stream())
                    .flatMap(event -> event.hasReplayMessage()
                            ? Stream.of(event.getReplayMessage())
                            : event.hasMessage() ? Stream.of(event.getMessage()) : Stream.of())
                    .toList();
        }

        Stream<Message> ofMembers() {
            return members.stream().flatMap(member -> member.messages().stream());
        }
    }

    @Test
    void shouldNumberAMessageOnceThoughMembersHandItOver() {
        try (Lab lab = Lab.withHosts(NODES)) {
            Host.Options options = Host.Options.of("--peers", lab.host(0).endpoint());
            List<LabDaemon> daemons =
                    lab.hosts().stream().map(host -> host.start(options)).toList();
            Mesh.awaitFull(SOON, daemons);
            List<Site> sites = daemons.stream().map(Site::new).toList();
            ForeignSubscription steady = daemons.get(2)
                    .client()
                    .subscribe(SubscribeRequest.newBuilder()
                            .addTopics(TOPIC)
                            .setGroup("workers")
                            .build());
            daemons.forEach(daemon -> Mesh.awaitInterest(daemon, TOPIC, NODES - 1, SOON));
            daemons.forEach(daemon -> Mesh.awaitInterest(daemon, "$share/workers/" + TOPIC, NODES - 1, SOON));
            for (int i = 0; i < MESSAGES; i++) {
                publish(daemons.get(random.nextInt(2)), i);
                disturb(sites.get(random.nextInt(NODES)));
            }
            sites.forEach(site -> {
                while (!site.slow.isEmpty()) {
                    site.leave(random);
                }
            });
            sites.get(2).members.add(steady);
            await("the group having everything, seed " + seed)
                    .atMost(SOON)
                    .untilAsserted(() -> assertThat(sites.stream()
                                    .flatMap(Site::ofMembers)
                                    .map(GroupHandoverLabIT::number)
                                    .toList())
                            .containsExactlyInAnyOrderElementsOf(
                                    IntStream.range(0, MESSAGES).boxed().toList()));
            sites.forEach(this::check);
            daemons.forEach(Ledger::awaitBalance);
            sites.forEach(site -> site.clients.forEach(ForeignClient::close));
        }
    }

    private void disturb(Site site) {
        int chance = random.nextInt(100);
        if (chance < 5) {
            site.leave(random);
        } else if (chance < 10) {
            site.join();
        } else if (chance < 12) {
            site.comeBack();
        }
    }

    private void check(Site site) {
        await("every message without a group at " + site.daemon + ", seed " + seed)
                .atMost(SOON)
                .until(() -> site.received().size() >= MESSAGES);
        site.comeBack();
        List<Message> received = site.received();
        assertThat(received)
                .as("numbers at %s, seed %d", site.daemon, seed)
                .extracting(Message::getSequenceNumber)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, MESSAGES).boxed().toList());
        Map<String, Long> numberById = new HashMap<>();
        received.forEach(message -> numberById.put(message.getMessageId(), message.getSequenceNumber()));
        assertThat(numberById).as("seed %d", seed).hasSize(MESSAGES);
        assertThat(site.ofMembers())
                .as("a member sees the number that the others see, or none, seed %d", seed)
                .allMatch(message -> message.getSequenceNumber() == 0
                        || numberById.get(message.getMessageId()).equals(message.getSequenceNumber()));
        assertThat(site.streams.get(site.streams.size() - 1).events())
                .as("nothing is left to replay, seed %d", seed)
                .noneMatch(MessageEvent::hasReplayMessage);
    }

    private static int number(Message message) {
        String text = message.getPayload().toStringUtf8();
        return Integer.parseInt(text.substring(0, text.indexOf(' ')));
    }

    private static void publish(LabDaemon daemon, int number) {
        daemon.client()
                .publish(PublishRequest.newBuilder()
                        .setTopic(TOPIC)
                        .setPayload(ByteString.copyFromUtf8(number + " ").concat(ByteString.copyFrom(PADDING)))
                        .build());
    }
}
