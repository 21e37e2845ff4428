package io.nexusd.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.LabDaemon;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** An application beside a pod that publishes numbers on a topic of its own, and tries again while the pod is away. */
final class SteadyPublisher implements AutoCloseable {
    private static final long PAUSE_NS = 5_000_000;

    private final String topic;
    private final Supplier<LabDaemon> daemon;
    private final List<Integer> accepted = new ArrayList<>();
    private final Thread thread;
    private volatile boolean isClosed;

    /**
     * Starts to publish.
     *
     * @param daemon the pod's daemon at the moment; null or an AssertionError while there is none
     */
    SteadyPublisher(String topic, Supplier<LabDaemon> daemon) {
        this.topic = topic;
        this.daemon = daemon;
        thread = new Thread(this::run, "publisher of " + topic);
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        for (int i = 0; !isClosed; i++) {
            try {
                LabDaemon current = daemon.get();
                if (current != null) {
                    current.client().publish(topic, String.valueOf(i));
                    synchronized (accepted) {
                        accepted.add(i);
                    }
                }
            } catch (StatusRuntimeException | AssertionError e) {
                LockSupport.parkNanos(10 * PAUSE_NS);
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    List<Integer> accepted() {
        synchronized (accepted) {
            return List.copyOf(accepted);
        }
    }

    /**
     * What a subscription got of this topic is what was accepted, without a gap or a repetition, from its first message to its
     * last.
     *
     * @return how many there are
     */
    int assertNoGap(ForeignSubscription subscription) {
        List<Integer> got = received(subscription);
        if (got.isEmpty()) {
            return 0;
        }
        List<Integer> all = accepted();
        int from = all.indexOf(got.get(0));
        int to = all.indexOf(got.get(got.size() - 1));
        assertThat(from).as("first of %s", topic).isNotNegative();
        assertThat(to).as("last of %s", topic).isNotNegative();
        assertThat(got).as(topic).isEqualTo(all.subList(from, to + 1));
        return got.size();
    }

    List<Integer> received(ForeignSubscription subscription) {
        return subscription.messages().stream()
                .filter(message -> message.getTopic().equals(topic))
                .map(message -> Integer.valueOf(message.getPayload().toStringUtf8()))
                .toList();
    }

    /** Publishes nothing more. */
    @Override
    public void close() {
        isClosed = true;
        try {
            thread.join(20_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
