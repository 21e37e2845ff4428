package io.nexusd.bench;

import io.nexusd.wire.ClientCall;
import io.nexusd.wire.CommandFailure;
import io.nexusd.wire.MessageBytes;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;

/**
 * One publisher on a connection of its own. In: phases, the pacer's and the subscribers' calls, answers. Out: messages, as many
 * as are due and the windows allow.
 */
final class PublisherVerticle extends VerticleBase {
    /** After so many writes the loop reads what has come meanwhile. */
    private static final int WRITES_PER_TURN = 16;

    private static final int NOT_PUBLISHING = -1;

    private final Plan plan;
    private final int index;
    private final Flow flow;
    private final Consumer<CommandFailure> onBroken;
    private final Requests requests;
    private final Answers answers;
    private final Sent sent = new Sent();
    /** Messages of one write, and when the first of them was due; in the order of their answers. */
    private final ArrayDeque<long[]> unanswered = new ArrayDeque<>();

    private Context loop;
    private Connection connection;
    private ClientCall stream;
    private int phase = NOT_PUBLISHING;
    private Pacer.Schedule schedule;
    private long inFlight;
    private boolean stopping;
    private boolean pumpQueued;
    /** Completed by the answer to the probe on its way; null while there is none. */
    private Promise<Void> probing;

    PublisherVerticle(Plan plan, int index, Flow flow, Consumer<CommandFailure> onBroken) {
        this.plan = plan;
        this.index = index;
        this.flow = flow;
        this.onBroken = onBroken;
        requests = new Requests(plan);
        answers = new Answers(plan);
    }

    Sent sent() {
        return sent;
    }

    @Override
    public Future<?> start() {
        loop = vertx.getOrCreateContext();
        return Connection.open(vertx, plan.publishTo(), plan.timeoutMs())
                .compose(opened -> {
                    connection = opened;
                    return switch (plan.mode()) {
                        case UNARY -> Future.succeededFuture();
                        case STREAM -> openStream("PublishStream");
                        case BATCH -> openStream("PublishBatchStream");
                    };
                })
                .recover(e -> Future.failedFuture(
                        CommandFailure.of(e, plan.publishTo().toString())));
    }

    @Override
    public Future<?> stop() {
        stopping = true;
        if (stream != null) {
            stream.cancel();
        }
        return connection == null ? Future.succeededFuture() : connection.close();
    }

    /** Begins a phase; from any thread, and only when nothing is unanswered. */
    Future<Void> begin(int newPhase, Pacer.Schedule newSchedule) {
        return on(() -> {
            sent.published = 0;
            sent.answered = 0;
            sent.accepted = 0;
            sent.rejected = 0;
            sent.answerNs.reset();
            answers.reset();
            unanswered.clear();
            inFlight = 0;
            schedule = newSchedule;
            phase = newPhase;
            pump();
        });
    }

    /** Ends a phase that has no schedule; what is unanswered is still waited for. */
    Future<Void> endPhase() {
        return on(() -> phase = NOT_PUBLISHING);
    }

    /** Publishes one message that only shows whether subscribers are reached; completes with its answer. */
    Future<Void> probe() {
        Promise<Void> answered = Promise.promise();
        loop.runOnContext(v -> {
            probing = answered;
            write(1, (target, offset, i) -> Stamp.write(target, offset, 0, Stamp.PROBE, index, 0));
        });
        return answered.future();
    }

    /** Looks whether something can be published; from any thread. */
    void wake() {
        loop.runOnContext(v -> pump());
    }

    private Future<Void> on(Runnable action) {
        Promise<Void> done = Promise.promise();
        loop.runOnContext(v -> {
            action.run();
            done.complete();
        });
        return done.future();
    }

    private Future<Void> openStream(String method) {
        return connection
                .call(method)
                .onSuccess(opened -> {
                    stream = opened;
                    stream.onMessages(this::onAnswers).onEnd(this::onEnd);
                    stream.onWritable(this::pump);
                })
                .mapEmpty();
    }

    private void pump() {
        for (int writes = 0; phase != NOT_PUBLISHING && writes < WRITES_PER_TURN; writes++) {
            if (stream != null && !stream.writable()) {
                return;
            }
            long nowNs = System.nanoTime();
            long first = sent.published;
            long due = schedule == null ? Long.MAX_VALUE : schedule.dueOf(index, nowNs) - first;
            long count = Math.min(Math.min(due, plan.messagesPerWrite()), ownRoom());
            if (count <= 0) {
                // The pacer, or an answer, comes here again.
                return;
            }
            count = Math.min(count, plan.endToEnd() ? flow.room() : count);
            if (count <= 0) {
                if (flow.park(index)) {
                    return;
                }
                continue;
            }
            publish((int) count, first, nowNs);
        }
        if (phase != NOT_PUBLISHING && !pumpQueued) {
            pumpQueued = true;
            loop.runOnContext(v -> {
                pumpQueued = false;
                pump();
            });
        }
    }

    private long ownRoom() {
        return (plan.mode() == Plan.Mode.UNARY ? plan.callsInFlight() : plan.window()) - inFlight;
    }

    private void publish(int count, long first, long nowNs) {
        sent.published = first + count;
        flow.published(index, first + count);
        long firstDueNs = schedule == null ? nowNs : schedule.dueNs(index, first);
        inFlight += count;
        if (plan.mode() != Plan.Mode.UNARY) {
            unanswered.add(new long[] {count, firstDueNs});
        }
        write(
                count,
                (target, offset, i) -> Stamp.write(
                        target,
                        offset,
                        schedule == null ? nowNs : schedule.dueNs(index, first + i),
                        phase,
                        index,
                        first + i));
    }

    private void write(int count, Requests.Stamps stamps) {
        if (plan.mode() == Plan.Mode.UNARY) {
            call(
                    requests.frames(1, stamps),
                    schedule == null ? System.nanoTime() : schedule.dueNs(index, sent.published - 1));
        } else {
            stream.write(requests.frames(count, stamps));
        }
    }

    private void call(Buffer frame, long dueNs) {
        connection
                .call("Publish")
                .onSuccess(call -> {
                    call.onMessages(messages -> onAnswer(messages.get(0), dueNs));
                    call.onEnd((status, text) -> {
                        if (status != GrpcStatus.OK) {
                            broken(status, text);
                        }
                    });
                    call.write(frame);
                    call.halfClose();
                })
                .onFailure(e -> broken(GrpcStatus.UNAVAILABLE, String.valueOf(e.getMessage())));
    }

    private void onAnswer(MessageBytes message, long dueNs) {
        answers.take(message);
        if (!probeAnswered()) {
            answered(1, dueNs);
            pump();
        }
    }

    private void onAnswers(List<MessageBytes> messages) {
        int count = 0;
        for (MessageBytes message : messages) {
            count += answers.take(message);
        }
        if (probeAnswered()) {
            return;
        }
        while (count > 0 && !unanswered.isEmpty()) {
            long[] oldest = unanswered.peek();
            int taken = (int) Math.min(count, oldest[0]);
            answered(taken, oldest[1]);
            count -= taken;
            oldest[0] -= taken;
            if (oldest[0] == 0) {
                unanswered.poll();
            }
        }
        pump();
    }

    private void answered(int count, long dueNs) {
        inFlight -= count;
        sent.answerNs.recordValueWithCount(Math.max(0, System.nanoTime() - dueNs), count);
        sent.accepted = answers.accepted();
        sent.rejected = answers.rejected();
        sent.firstRejection = answers.firstRejection();
        sent.answered = sent.answered + count;
    }

    /** Nothing else is on its way while a probe is. */
    private boolean probeAnswered() {
        if (probing == null) {
            return false;
        }
        Promise<Void> answered = probing;
        probing = null;
        if (answers.rejected() > 0) {
            answered.fail(new CommandFailure(
                    CommandFailure.REJECTED, "rejected by " + plan.publishTo() + ": " + answers.firstRejection()));
        } else {
            answered.complete();
        }
        return true;
    }

    private void onEnd(GrpcStatus status, String text) {
        broken(status, text);
    }

    private void broken(GrpcStatus status, String text) {
        if (!stopping) {
            onBroken.accept(CommandFailure.of(status, text, plan.publishTo().toString()));
        }
    }
}
