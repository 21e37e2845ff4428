package io.nexusd.client;

import static org.awaitility.Awaitility.await;

import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Everything that a stream brought, and how it ended. */
public final class Collector<T> implements StreamObserver<T> {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final List<T> values = new ArrayList<>();
    private Throwable error;
    private boolean ended;

    @Override
    public synchronized void onNext(T value) {
        values.add(value);
    }

    @Override
    public synchronized void onError(Throwable e) {
        error = e;
        ended = true;
    }

    @Override
    public synchronized void onCompleted() {
        ended = true;
    }

    public synchronized List<T> values() {
        return List.copyOf(values);
    }

    public void awaitValues(int count) {
        await(count + " values").atMost(LIMIT).until(() -> values().size() >= count);
    }

    /** Returns what ended the stream, null when it ended well. */
    public Throwable awaitEnd() {
        await("end of the stream")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(10))
                .until(this::hasEnded);
        synchronized (this) {
            return error;
        }
    }

    public synchronized boolean hasEnded() {
        return ended;
    }
}
