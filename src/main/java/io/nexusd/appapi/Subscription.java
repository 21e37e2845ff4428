package io.nexusd.appapi;

import io.nexusd.bus.Meters;
import io.nexusd.model.Settings;
import io.nexusd.proto.sidecar.BackpressureWarning;
import io.nexusd.proto.sidecar.Heartbeat;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.ServerCall;
import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One subscription and its stream. Owns the buffer between router and stream; writes as many ready messages as the stream
 * takes, several in one write. In: messages, ticks, drain signals of the stream. Out: events on the stream. Lives on appapi's
 * event loop.
 */
final class Subscription {
    /** Bytes put into one write at most, unless a single message is larger; also about what the stream buffers. */
    private static final int WRITE_BYTES = 64 * 1024;

    private static final long HEARTBEAT_AFTER_NS = 30_000_000_000L;
    private static final long WARN_EVERY_NS = 1_000_000_000L;

    private final long handle;
    private final String id;
    private final List<String> filters;
    private final boolean batches;
    private final ServerCall call;
    private final SubscriberBuffer buffer;
    private final Meters meters;
    private long lastWrittenNs;
    private long lastWarnedNs;
    private boolean lostWhileStalled;
    private boolean started;

    Subscription(
            long handle,
            String id,
            List<String> filters,
            boolean batches,
            ServerCall call,
            SubscriberBuffer buffer,
            Meters meters,
            long nowNs) {
        this.handle = handle;
        this.id = id;
        this.filters = filters;
        this.batches = batches;
        this.call = call;
        this.buffer = buffer;
        this.meters = meters;
        lastWrittenNs = nowNs;
        lastWarnedNs = nowNs - WARN_EVERY_NS;
    }

    long handle() {
        return handle;
    }

    String id() {
        return id;
    }

    List<String> filters() {
        return filters;
    }

    /** Writes the first event; from now on messages flow. */
    void start(MessageEvent info, long nowNs) {
        started = true;
        call.write(GrpcFrames.frame(info));
        lastWrittenNs = nowNs;
    }

    /** Takes a message for this subscriber; {@link #flush} writes it. */
    SubscriberBuffer.Offered offer(
            EncodedMessage message, Settings.Delivery settings, long expiresNs, Consumer<Boolean> ticket, long nowNs) {
        long droppedBefore = buffer.dropped();
        long blockUntilNs = nowNs + settings.blockTimeoutMs() * 1_000_000L;
        SubscriberBuffer.Offered offered =
                buffer.offer(message, settings.backpressurePolicy(), expiresNs, blockUntilNs, ticket, nowNs);
        countDropped(droppedBefore);
        return offered;
    }

    /** Writes what is ready as long as the stream takes it. */
    void flush(long nowNs) {
        if (!started || call.isOver()) {
            return;
        }
        long expiredBefore = buffer.expired();
        List<EncodedMessage> ready = new ArrayList<>();
        while (call.writable()) {
            warnIfDue(nowNs);
            takeReady(ready, nowNs);
            if (ready.isEmpty()) {
                break;
            }
            call.write(batches ? EventWriter.batch(ready) : EventWriter.frames(ready));
            lastWrittenNs = nowNs;
            countDelivered(ready);
            ready.clear();
        }
        meters.dropped(Meters.Dropped.EXPIRED, buffer.expired() - expiredBefore);
    }

    /** Looks after time: expiry, publishes that have waited long enough, warnings and heartbeats. */
    void tick(long nowNs) {
        long droppedBefore = buffer.dropped();
        long expiredBefore = buffer.expired();
        buffer.tick(nowNs);
        countDropped(droppedBefore);
        meters.dropped(Meters.Dropped.EXPIRED, buffer.expired() - expiredBefore);
        flush(nowNs);
        if (started && call.writable()) {
            warnIfDue(nowNs);
            if (nowNs - lastWrittenNs >= HEARTBEAT_AFTER_NS) {
                Heartbeat heartbeat = Heartbeat.newBuilder()
                        .setTimestampMs(System.currentTimeMillis())
                        .build();
                call.write(GrpcFrames.frame(
                        MessageEvent.newBuilder().setHeartbeat(heartbeat).build()));
                lastWrittenNs = nowNs;
            }
        }
    }

    /** Ends the stream. */
    void end(GrpcStatus status, String text) {
        call.end(status, text);
    }

    /** Gives up what waits; called once the stream is over. */
    void discard() {
        meters.dropped(Meters.Dropped.DISCONNECTED, buffer.clear());
    }

    /** Changes the limits of the buffer. */
    void setLimits(int messages, long bytes) {
        long droppedBefore = buffer.dropped();
        buffer.setLimits(messages, bytes);
        countDropped(droppedBefore);
    }

    int queued() {
        return buffer.size();
    }

    private void takeReady(List<EncodedMessage> ready, long nowNs) {
        int bytes = 0;
        while (bytes < WRITE_BYTES) {
            EncodedMessage message = buffer.poll(nowNs);
            if (message == null) {
                return;
            }
            ready.add(message);
            bytes += message.frame().length;
        }
    }

    private void countDropped(long before) {
        long count = buffer.dropped() - before;
        if (count > 0) {
            meters.dropped(Meters.Dropped.QUEUE_FULL, count);
            lostWhileStalled |= !call.writable();
        }
    }

    private void countDelivered(List<EncodedMessage> written) {
        long remote = 0;
        for (EncodedMessage message : written) {
            remote += message.fromPeer() ? 1 : 0;
        }
        // The first waited longest. One sample a write keeps the cost off the single message.
        EncodedMessage oldest = written.get(0);
        meters.latency(oldest.fromPeer(), System.currentTimeMillis() - oldest.publishedMs());
        if (remote > 0) {
            meters.delivered(true, remote);
        }
        if (remote < written.size()) {
            meters.delivered(false, written.size() - remote);
        }
    }

    /** Tells the subscriber what it lost since it was last told, at most once a second. */
    private void warnIfDue(long nowNs) {
        if (!buffer.hasLosses() || nowNs - lastWarnedNs < WARN_EVERY_NS) {
            return;
        }
        SubscriberBuffer.Losses losses = buffer.takeLosses();
        String reason = losses.dropped() == 0 ? "ttl_expired" : lostWhileStalled ? "slow_consumer" : "burst";
        BackpressureWarning warning = BackpressureWarning.newBuilder()
                .setMessagesDropped(losses.dropped())
                .setMessagesExpired(losses.expired())
                .setQueueDepth(buffer.size())
                .setQueueLimit(buffer.limit())
                .setReason(reason)
                .setOldestMessageAgeMs(buffer.oldestAgeNs(nowNs) / 1_000_000)
                .build();
        call.write(GrpcFrames.frame(
                MessageEvent.newBuilder().setBackpressureWarning(warning).build()));
        lastWarnedNs = nowNs;
        lastWrittenNs = nowNs;
        lostWhileStalled = false;
    }
}
