package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.proto.sidecar.GapRecoveryMode;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.ResumeSubscribeRequest;
import io.nexusd.proto.sidecar.SubscribeRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Everything at once for as long as you like: {@code -Dnexusd.soak-minutes=1440}. Publishers of all kinds on three nodes,
 * subscribers that read, stall, pause, come back and share, while cables are pulled and nodes halted, killed and restarted. In
 * the end the books of every node balance and the memory of the one that lived through all of it has not grown.
 */
@Tag("load")
@ExtendWith(ShowLogs.class)
@LongRun
class SoakLabIT {
    private static final double MINUTES = Double.parseDouble(System.getProperty("nexusd.soak-minutes", "0.25"));
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int PER_SECOND = 500;

    private final long seed = Long.getLong("nexusd.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final AtomicLong accepted = new AtomicLong();
    private volatile boolean over;

    @Test
    void shouldBalanceItsBooksAndKeepItsMemoryWhateverHappens() throws InterruptedException {
        try (Lab lab = Lab.withHosts(3)) {
            Host.Options options = Host.Options.of("--peers", lab.host(0).endpoint())
                    .with("NEXUSD_PEERS_RETRY_INTERVAL_MS", "300")
                    .with("NEXUSD_HISTORY_MAX_BYTES", "8000000")
                    .with("NEXUSD_DELIVERY_SUBSCRIBER_QUEUE_BYTES", "8000000")
                    .with("NEXUSD_MESH_OUTBOUND_QUEUE_BYTES", "8000000");
            LabDaemon[] daemons = new LabDaemon[3];
            for (int i = 0; i < 3; i++) {
                daemons[i] = lab.host(i).start(options);
            }
            Mesh.awaitFull(SOON, List.of(daemons));
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int node = i;
                long threadSeed = random.nextLong();
                threads.add(thread("publisher " + i, () -> publish(node, daemons, new Random(threadSeed))));
                threads.add(thread("subscriber " + i, () -> subscribe(node, daemons, new Random(threadSeed + 1))));
            }
            ForeignSubscription stalled =
                    daemons[0].client().subscribe("soak/#").counting();
            stalled.pause();
            long endNs = System.nanoTime() + (long) (MINUTES * 60e9);
            long settledHeap = 0;
            int round = 0;
            while (System.nanoTime() < endNs) {
                disturb(lab, daemons, options);
                Mesh.awaitFull(SOON, List.of(daemons));
                round++;
                if (round == 2) {
                    settledHeap = daemons[0].heapAfterCollection();
                }
                if (round % 5 == 0) {
                    report(round, daemons[0]);
                }
            }
            over = true;
            for (Thread thread : threads) {
                thread.join(30_000);
            }
            for (LabDaemon daemon : daemons) {
                Ledger.awaitBalance(daemon);
            }
            report(round, daemons[0]);
            assertThat(accepted.get()).as("seed %d", seed).isPositive();
            if (settledHeap > 0) {
                // Queues and history have filled up meanwhile, within their limits.
                assertThat(daemons[0].heapAfterCollection()).as("seed %d", seed).isLessThan(settledHeap + 30_000_000);
            }
        }
    }

    private void disturb(Lab lab, LabDaemon[] daemons, Host.Options options) {
        int victim = 1 + random.nextInt(2);
        switch (random.nextInt(5)) {
            case 0 -> {
                lab.cut(lab.host(victim));
                pause(500 + random.nextInt(8_000));
                lab.heal(lab.host(victim));
            }
            case 1 -> {
                daemons[victim].freeze();
                pause(500 + random.nextInt(7_000));
                daemons[victim].thaw();
            }
            case 2 -> {
                daemons[victim].kill();
                daemons[victim] = lab.host(victim).start(options).awaitReady();
            }
            case 3 -> {
                daemons[victim].terminate();
                assertThat(daemons[victim].exitCode(SOON)).isZero();
                daemons[victim] = lab.host(victim).start(options).awaitReady();
            }
            default -> pause(2_000);
        }
        pause(500);
    }

    private void publish(int node, LabDaemon[] daemons, Random own) {
        while (!over) {
            PublishRequest request = PublishRequest.newBuilder()
                    .setTopic("soak/" + node + "/" + own.nextInt(100))
                    .setPayload(ByteString.copyFrom(new byte[1 + own.nextInt(own.nextInt(20) == 0 ? 50_000 : 1_000)]))
                    .setRetain(own.nextInt(20) == 0)
                    .setTtlMs(own.nextInt(10) == 0 ? 1 + own.nextInt(2_000) : 0)
                    .putHeaders("k", "v")
                    .build();
            attempt(() -> {
                daemons[node].client().publish(request);
                accepted.incrementAndGet();
            });
            LockSupport.parkNanos(1_000_000_000L / PER_SECOND);
        }
    }

    private void subscribe(int node, LabDaemon[] daemons, Random own) {
        String id = "";
        while (!over) {
            String[] known = {id};
            attempt(() -> known[0] = once(daemons[node], known[0], own));
            id = known[0];
            pause(50);
        }
    }

    /** Subscribes or resumes, reads for a while and leaves in one of the possible ways; returns the id to come back to. */
    private String once(LabDaemon daemon, String id, Random own) {
        if (own.nextInt(4) == 0) {
            ForeignSubscription member = daemon.client()
                    .subscribe(SubscribeRequest.newBuilder()
                            .addTopics("soak/+/+")
                            .setGroup("workers")
                            .build())
                    .counting();
            pause(own.nextInt(1_000));
            member.cancel();
            return id;
        }
        ForeignSubscription subscription = id.isEmpty()
                ? daemon.client()
                        .subscribe(SubscribeRequest.newBuilder()
                                .addTopics("soak/#")
                                .setReceiveRetained(own.nextBoolean())
                                .setAcceptBatches(own.nextBoolean())
                                .build())
                : daemon.client()
                        .resume(ResumeSubscribeRequest.newBuilder()
                                .setSubscriptionId(id)
                                .addTopics("soak/#")
                                .setGapRecoveryMode(GapRecoveryMode.forNumber(own.nextInt(3)))
                                .build());
        String current = subscription.id();
        subscription.counting();
        pause(own.nextInt(2_000));
        switch (own.nextInt(3)) {
            case 0 -> {
                subscription.cancel();
                return own.nextBoolean() ? current : "";
            }
            case 1 -> {
                daemon.client().pause(current);
                pause(own.nextInt(1_000));
                return current;
            }
            default -> {
                daemon.client().unsubscribe(current);
                return "";
            }
        }
    }

    private void report(int round, LabDaemon daemon) {
        System.out.printf(
                Locale.ROOT,
                "soak seed=%d round=%d accepted=%d %s heap=%d%n",
                seed,
                round,
                accepted.get(),
                Ledger.of(daemon),
                (long) daemon.metric("jvm_memory_used_bytes", "area=\"heap\""));
    }

    /** Nodes are away now and then; everything but that is an error that ends the thread. */
    private static void attempt(Runnable action) {
        try {
            action.run();
        } catch (StatusRuntimeException | AssertionError | org.awaitility.core.ConditionTimeoutException e) {
            pause(100);
        }
    }

    private static Thread thread(String name, Runnable action) {
        Thread thread = new Thread(action, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void pause(long ms) {
        LockSupport.parkNanos(ms * 1_000_000);
    }
}
