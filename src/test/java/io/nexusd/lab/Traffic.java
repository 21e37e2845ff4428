package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.nexusd.client.Collector;
import io.nexusd.client.ForeignClient;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.PublishResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A publisher that publishes numbers over one stream without a pause, and a subscriber to them over another. */
public final class Traffic implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long PAUSE_MS = 5;

    private final Collector<PublishResponse> responses = new Collector<>();
    private final StreamObserver<PublishRequest> requests;
    private final ForeignSubscription subscription;
    private final Thread thread;
    private volatile boolean stopped;
    private volatile int published;

    public Traffic(ForeignClient publisher, ForeignClient subscriber, String topic) {
        subscription = subscriber.subscribe(topic);
        requests = publisher.publishStream(responses);
        thread = new Thread(
                () -> {
                    while (!stopped) {
                        requests.onNext(PublishRequest.newBuilder()
                                .setTopic(topic)
                                .setPayload(ByteString.copyFromUtf8(String.valueOf(published)))
                                .build());
                        published++;
                        try {
                            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
                        } catch (InterruptedException e) {
                            return;
                        }
                    }
                },
                "traffic " + topic);
        thread.setDaemon(true);
        thread.start();
    }

    public int published() {
        return published;
    }

    /** Waits until what is published from now on arrives. */
    public Traffic awaitFlow() {
        int from = published + 5;
        org.awaitility.Awaitility.await("messages from number " + from)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> {
                    assertAlive();
                    Message newest = subscription.newest();
                    return newest != null
                            && Integer.parseInt(newest.getPayload().toStringUtf8()) >= from;
                });
        return this;
    }

    public void assertAlive() {
        assertThat(subscription.status()).as("end of the subscriber's stream").isNull();
        assertThat(responses.hasEnded()).as("end of the publisher's stream").isFalse();
    }

    /** The numbers that did not arrive, up to the last one that did. */
    public List<Integer> missing() {
        List<Integer> missing = new ArrayList<>();
        int expected = -1;
        for (String payload : subscription.payloads()) {
            int number = Integer.parseInt(payload);
            if (expected >= 0) {
                assertThat(number).as("order of the messages").isGreaterThanOrEqualTo(expected);
                for (; expected < number; expected++) {
                    missing.add(expected);
                }
            }
            expected = number + 1;
        }
        return missing;
    }

    /** Ends the publishing, waits for the rest and closes both streams. */
    @Override
    public void close() {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!responses.hasEnded()) {
            requests.onCompleted();
        }
        subscription.close();
    }
}
