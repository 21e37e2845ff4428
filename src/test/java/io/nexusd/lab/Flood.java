package io.nexusd.lab;

import io.grpc.stub.StreamObserver;
import io.nexusd.client.ForeignClient;
import io.nexusd.proto.sidecar.PublishBatch;
import io.nexusd.proto.sidecar.PublishBatchResponse;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.PublishResponse;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Publishes the numbers from 0 on one topic, a given number in a second, from a thread of its own. */
public final class Flood {
    private static final int BATCH = 100;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicInteger published = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private volatile Throwable failure;

    private Flood() {}

    public static Flood start(ForeignClient client, String topic, int count, int perSecond) {
        Flood flood = new Flood();
        Thread thread = new Thread(() -> flood.run(client, topic, count, perSecond), "flood");
        thread.setDaemon(true);
        thread.start();
        return flood;
    }

    private void run(ForeignClient client, String topic, int count, int perSecond) {
        Semaphore window = new Semaphore(50);
        CountDownLatch over = new CountDownLatch(1);
        StreamObserver<PublishBatch> batches = client.publishBatchStream(new StreamObserver<>() {
            @Override
            public void onNext(PublishBatchResponse response) {
                for (PublishResponse each : response.getResponsesList()) {
                    (each.getSuccess() ? published : refused).incrementAndGet();
                }
                window.release();
            }

            @Override
            public void onError(Throwable e) {
                failure = e;
                window.release(1_000_000);
                over.countDown();
            }

            @Override
            public void onCompleted() {
                over.countDown();
            }
        });
        long startedNs = System.nanoTime();
        for (int from = 0; from < count && failure == null; from += BATCH) {
            PublishBatch.Builder batch = PublishBatch.newBuilder();
            for (int i = from; i < Math.min(count, from + BATCH); i++) {
                batch.addRequests(PublishRequest.newBuilder()
                        .setTopic(topic)
                        .setPayload(com.google.protobuf.ByteString.copyFromUtf8(Integer.toString(i))));
            }
            window.acquireUninterruptibly();
            long dueNs = startedNs + from * 1_000_000_000L / perSecond;
            while (System.nanoTime() < dueNs) {
                LockSupport.parkNanos(dueNs - System.nanoTime());
            }
            batches.onNext(batch.build());
        }
        batches.onCompleted();
        try {
            if (!over.await(60, TimeUnit.SECONDS)) {
                failure = new AssertionError("publishes were not answered");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ended.countDown();
    }

    /** Returns how many publishes were accepted, once all are answered or the stream has broken. */
    public int awaitEnd(Duration limit) {
        try {
            if (!ended.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("the flood did not end within " + limit + "; accepted " + published);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return published.get();
    }

    public Throwable failure() {
        return failure;
    }

    int published() {
        return published.get();
    }
}
