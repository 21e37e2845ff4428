package io.nexusd.bench;

import com.google.protobuf.MessageLite;
import io.nexusd.proto.sidecar.SubscribeRequest;
import io.nexusd.wire.ClientCall;
import io.nexusd.wire.CommandFailure;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.MessageBytes;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.grpc.common.GrpcStatus;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One subscriber on a connection of its own. In: events. Out: its tally, and progress for the publishers that wait. */
final class SubscriberVerticle extends VerticleBase {
    private final Plan plan;
    private final Flow flow;
    private final Tally tally;
    private final Events events;
    private final Consumer<CommandFailure> onBroken;
    private final Promise<Void> subscribed = Promise.promise();
    private Connection connection;
    private ClientCall call;
    private boolean stopping;

    SubscriberVerticle(Plan plan, Flow flow, Tally tally, Consumer<CommandFailure> onBroken) {
        this.plan = plan;
        this.flow = flow;
        this.tally = tally;
        this.onBroken = onBroken;
        events = new Events(plan.codec(), tally);
    }

    @Override
    public Future<?> start() {
        MessageLite request = SubscribeRequest.newBuilder()
                .addTopics(plan.topic())
                .setClientId("nexusd-bench")
                .setAcceptBatches(plan.mode() == Plan.Mode.BATCH)
                .build();
        return Connection.open(vertx, plan.subscribeAt(), plan.timeoutMs())
                .compose(opened -> {
                    connection = opened;
                    return opened.call("Subscribe");
                })
                .compose(opened -> {
                    call = opened;
                    call.onMessages(this::onEvents).onEnd(this::onEnd);
                    call.write(GrpcFrames.frame(request));
                    call.halfClose();
                    return subscribed.future().timeout(plan.timeoutMs(), TimeUnit.MILLISECONDS);
                })
                .recover(e -> Future.failedFuture(
                        CommandFailure.of(e, plan.subscribeAt().toString())));
    }

    @Override
    public Future<?> stop() {
        stopping = true;
        if (call != null) {
            call.cancel();
        }
        return connection == null ? Future.succeededFuture() : connection.close();
    }

    private void onEvents(List<MessageBytes> messages) {
        // The first event is the answer to the request.
        subscribed.tryComplete();
        long nowNs = System.nanoTime();
        for (MessageBytes message : messages) {
            events.take(message, nowNs);
        }
        flow.onProgress();
    }

    private void onEnd(GrpcStatus status, String text) {
        CommandFailure failure =
                CommandFailure.of(status, text, plan.subscribeAt().toString());
        subscribed.tryFail(failure);
        if (!stopping) {
            onBroken.accept(failure);
        }
    }
}
