package io.nexusd.scale;

import io.nexusd.proto.sidecar.PublishBatch;
import io.nexusd.proto.sidecar.PublishBatchResponse;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.PublishResponse;
import io.nexusd.wire.ClientCall;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.MessageBytes;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.grpc.common.GrpcStatus;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;

/**
 * One publisher: so many messages over a PublishBatchStream, as fast as they are answered and received, but never so far ahead
 * that a queue could fill. Lives on the applications' event loop.
 */
final class Feed {
    private static final int BATCH = 100;

    /** Messages that are on their way at most; far below the queue limits of daemon and links, so that nothing is dropped. */
    private static final int MOST_UNDER_WAY = 2_000;

    /** The same, counted for each of its receivers. */
    private static final int MOST_DELIVERIES_UNDER_WAY = 400_000;

    private final ClientCall call;
    private final int total;
    private final int window;
    private final IntFunction<PublishRequest> requests;
    private final LongSupplier received;
    private final Promise<Void> answered = Promise.promise();
    private int sent;
    private int answers;

    private Feed(
            ClientCall call, int total, int receivers, IntFunction<PublishRequest> requests, LongSupplier received) {
        this.call = call;
        this.total = total;
        this.window = Math.min(MOST_UNDER_WAY, MOST_DELIVERIES_UNDER_WAY / receivers);
        this.requests = requests;
        this.received = received;
    }

    /**
     * Publishes.
     *
     * @param receivers to how many subscribers each message goes
     * @param received how many of the messages every subscriber has
     * @return seconds until all were answered and received
     */
    static double run(
            Applications applications,
            Applications.Connection connection,
            int total,
            int receivers,
            IntFunction<PublishRequest> requests,
            LongSupplier received) {
        long startedNs = System.nanoTime();
        Applications.await(
                "publishing " + total + " messages",
                applications
                        .call(connection, "PublishBatchStream")
                        .compose(call -> new Feed(call, total, receivers, requests, received).start(applications)));
        return (System.nanoTime() - startedNs) / 1e9;
    }

    private Future<Void> start(Applications applications) {
        call.onMessages(this::onAnswers);
        call.onEnd((status, text) -> {
            if (status != GrpcStatus.OK) {
                answered.tryFail("the publishing call ended: " + status + " " + text);
            }
        });
        // Looked at again and again, because what is received does not come this way.
        return applications
                .until(() -> {
                    pump();
                    return answered.future().failed() || (answers == total && received.getAsLong() >= total);
                })
                .compose(v -> answered.future().failed() ? answered.future() : Future.succeededFuture())
                .onComplete(v -> call.halfClose());
    }

    private void pump() {
        long settled = Math.min(answers, received.getAsLong());
        while (sent < total && sent - settled < window && call.writable()) {
            PublishBatch.Builder batch = PublishBatch.newBuilder();
            int end = Math.min(total, sent + BATCH);
            while (sent < end) {
                batch.addRequests(requests.apply(sent));
                sent++;
            }
            call.write(GrpcFrames.frame(batch.build()));
        }
    }

    private void onAnswers(List<MessageBytes> messages) {
        for (MessageBytes message : messages) {
            for (PublishResponse response :
                    message.parsed(PublishBatchResponse.parser()).getResponsesList()) {
                answers++;
                if (!response.getSuccess() || response.getSubscribersDropped() > 0) {
                    answered.tryFail("a message was refused or dropped: " + response);
                }
            }
        }
        pump();
    }
}
