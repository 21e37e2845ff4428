package io.nexusd.cli;

import com.google.protobuf.MessageLite;
import io.nexusd.wire.ClientCall;
import io.nexusd.wire.CommandFailure;
import io.nexusd.wire.MessageBytes;
import io.vertx.grpc.common.GrpcStatus;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * A stream of events, each shown on the thread of the command, until there are enough, the time is over, Ctrl-C, or the daemon
 * ends it. Reads on only when what was read is shown, so that a slow terminal slows the daemon's stream and nothing piles up.
 */
final class EventStream {
    /** How it came to an end. */
    enum End {
        ENOUGH,
        TIME_OVER,
        INTERRUPTED,
        /** The daemon said that it is over. */
        OVER
    }

    private static final int PAUSE_ABOVE_EVENTS = 512;
    private static final long PAUSE_ABOVE_BYTES = 4 * 1024 * 1024;

    private final Session session;
    private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();
    /** Bytes of the events that wait; counted up on the event loop and down where they are shown. */
    private final AtomicLong waitingBytes = new AtomicLong();

    private boolean paused;

    /** What happened: an event, the end of the call, or Ctrl-C. */
    private record Step(MessageBytes event, GrpcStatus status, String text) {}

    EventStream(Session session) {
        this.session = session;
    }

    /**
     * Shows events.
     *
     * @param show tells whether it was the last one wanted
     * @param limitMs 0 for no limit
     */
    End run(DaemonClient.Stream stream, MessageLite request, Predicate<MessageBytes> show, long limitMs) {
        DaemonClient daemon = session.daemon();
        session.onInterrupt(() -> steps.add(new Step(null, null, "")));
        ClientCall[] opened = {null};
        try {
            ClientCall call = daemon.open(
                    stream,
                    request,
                    one -> one.onMessages(events -> {
                                events.forEach(this::add);
                                if (!paused
                                        && (steps.size() > PAUSE_ABOVE_EVENTS
                                                || waitingBytes.get() > PAUSE_ABOVE_BYTES)) {
                                    paused = true;
                                    one.pause();
                                }
                            })
                            .onEnd((status, text) -> steps.add(new Step(null, status, text))));
            opened[0] = call;
            return show(call, show, limitMs);
        } finally {
            session.onInterrupt(null);
            if (opened[0] != null) {
                daemon.onEventLoop(opened[0]::cancel);
            }
        }
    }

    private void add(MessageBytes event) {
        waitingBytes.addAndGet(event.size());
        steps.add(new Step(event, null, ""));
    }

    private End show(ClientCall call, Predicate<MessageBytes> show, long limitMs) {
        long deadlineNs = System.nanoTime() + limitMs * 1_000_000;
        while (true) {
            Step step = steps.poll();
            if (step == null) {
                session.output().flush();
                session.daemon().onEventLoop(() -> {
                    paused = false;
                    call.resume();
                });
                step = next(limitMs == 0 ? Long.MAX_VALUE : deadlineNs - System.nanoTime());
            }
            if (step == null) {
                return End.TIME_OVER;
            }
            if (step.event != null) {
                waitingBytes.addAndGet(-step.event.size());
                if (show.test(step.event)) {
                    return End.ENOUGH;
                }
            } else if (step.status == null) {
                return End.INTERRUPTED;
            } else if (step.status == GrpcStatus.OK) {
                return End.OVER;
            } else {
                throw CommandFailure.of(
                        step.status, step.text, session.daemon().daemon().toString());
            }
        }
    }

    private Step next(long withinNs) {
        try {
            return steps.poll(Math.max(0, withinNs), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            return new Step(null, null, "");
        }
    }
}
