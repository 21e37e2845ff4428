package io.nexusd.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.Mesh;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.PublishResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Applications beside every pod: one publishes numbers over one stream on a topic of its own, one has one stream of the topics of
 * all. They never connect anew, and every number is accounted for from the first.
 */
final class PodLoad implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long PAUSE_NS = 5_000_000;
    private static final String TOPICS = "load/";

    private final List<Subscriber> subscribers = new ArrayList<>();
    private final List<Publisher> publishers = new ArrayList<>();

    PodLoad(List<LabDaemon> daemons) {
        daemons.forEach(daemon -> subscribers.add(new Subscriber(subscribers.size(), daemon, daemons.size())));
        daemons.forEach(daemon -> Mesh.awaitInterest(daemon, TOPICS + "+", daemons.size() - 1, LIMIT));
        daemons.forEach(daemon -> publishers.add(new Publisher(publishers.size(), daemon)));
    }

    /** Waits until what is published from now on arrives on every pod from every pod. */
    void awaitFlow() {
        List<Integer> targets =
                publishers.stream().map(publisher -> publisher.published + 1).toList();
        await("flow from all pods to all pods, past " + targets)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> {
                    assertAlive();
                    return subscribers.stream().allMatch(subscriber -> subscriber.hasAll(targets));
                });
    }

    void assertAlive() {
        for (Subscriber subscriber : subscribers) {
            assertThat(subscriber.stream.status())
                    .as("end of the stream of " + subscriber)
                    .isNull();
        }
        for (Publisher publisher : publishers) {
            assertThat(publisher.end).as("end of the stream of " + publisher).isNull();
        }
    }

    /** Nothing is missing, came twice or out of order. */
    void assertNothingLost(String when) {
        assertThat(subscribers.stream().flatMap(subscriber -> subscriber.faults().stream()))
                .as(when)
                .isEmpty();
    }

    /** What is missing so far between different pods was to be expected; within a pod nothing ever is. */
    void forgiveLossBetweenPods() {
        subscribers.forEach(Subscriber::forgive);
    }

    int published() {
        return publishers.stream().mapToInt(publisher -> publisher.published).sum();
    }

    /** Ends the publishing; every publish must have been answered well. */
    @Override
    public void close() {
        publishers.forEach(Publisher::close);
        subscribers.forEach(subscriber -> subscriber.stream.close());
    }

    private static final class Subscriber {
        private final int pod;
        private final ForeignSubscription stream;
        private final int[] expected;
        private final List<List<String>> faults;

        Subscriber(int pod, LabDaemon daemon, int pods) {
            this.pod = pod;
            expected = new int[pods];
            faults = IntStream.range(0, pods)
                    .<List<String>>mapToObj(i -> new ArrayList<>())
                    .toList();
            stream = daemon.client().subscribe(TOPICS + "+").toEach(this::take);
        }

        private synchronized void take(Message message) {
            int from = Integer.parseInt(message.getTopic().substring(TOPICS.length()));
            int number = Integer.parseInt(message.getPayload().toStringUtf8());
            if (number != expected[from]) {
                faults.get(from)
                        .add("from pod " + from + " to " + pod + ": " + number + " after " + (expected[from] - 1));
            }
            expected[from] = number + 1;
        }

        synchronized boolean hasAll(List<Integer> targets) {
            return IntStream.range(0, expected.length).allMatch(i -> expected[i] > targets.get(i));
        }

        synchronized List<String> faults() {
            return faults.stream().flatMap(List::stream).toList();
        }

        synchronized void forgive() {
            for (int i = 0; i < faults.size(); i++) {
                if (i != pod) {
                    faults.get(i).clear();
                }
            }
        }

        @Override
        public String toString() {
            return "the subscriber on pod " + pod;
        }
    }

    private static final class Publisher implements StreamObserver<PublishResponse> {
        private final int pod;
        private final StreamObserver<PublishRequest> requests;
        private final Thread thread = new Thread(this::run);
        private volatile boolean isStopped;
        private volatile int published;
        private volatile int accepted;
        private volatile String end;

        Publisher(int pod, LabDaemon daemon) {
            this.pod = pod;
            requests = daemon.client().publishStream(this);
            thread.setDaemon(true);
            thread.start();
        }

        private void run() {
            for (int number = 0; !isStopped && end == null; number++) {
                published = number + 1;
                requests.onNext(PublishRequest.newBuilder()
                        .setTopic(TOPICS + pod)
                        .setPayload(ByteString.copyFromUtf8(String.valueOf(number)))
                        .build());
                LockSupport.parkNanos(PAUSE_NS);
            }
        }

        void close() {
            isStopped = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (end == null) {
                requests.onCompleted();
                await("end of " + this).atMost(LIMIT).until(() -> end != null);
                assertThat(accepted).as("publishes accepted of " + this).isEqualTo(published);
            }
        }

        @Override
        @SuppressWarnings("NonAtomicOperationOnVolatileField") // one stream has one reader
        public void onNext(PublishResponse response) {
            accepted += response.getSuccess() ? 1 : 0;
        }

        @Override
        public void onError(Throwable e) {
            end = e.toString();
        }

        @Override
        public void onCompleted() {
            end = "completed";
        }

        @Override
        public String toString() {
            return "the publisher on pod " + pod;
        }
    }
}
