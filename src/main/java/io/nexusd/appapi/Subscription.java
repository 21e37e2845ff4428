package io.nexusd.appapi;

import io.nexusd.bus.Inspection.Client;
import io.nexusd.bus.Inspection.ClientState;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Routing.Handed;
import io.nexusd.model.Pace;
import io.nexusd.model.Settings;
import io.nexusd.proto.sidecar.BackpressureWarning;
import io.nexusd.proto.sidecar.Heartbeat;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.wire.ConnectTo;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.ServerCall;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One subscription and, while it has one, its stream. Owns what waits between router and stream; writes as many ready messages
 * as the stream takes, several in one write. In: messages, ticks, drain signals of the stream. Out: events on the stream. Without
 * a stream it only notes what it misses. Lives on appapi's event loop.
 */
final class Subscription {
    /** Bytes put into one write at most, unless a single message is larger; also about what the stream buffers. */
    private static final int WRITE_BYTES = 64 * 1024;

    private static final long HEARTBEAT_AFTER_NS = 30_000_000_000L;
    private static final long WARN_EVERY_NS = 1_000_000_000L;

    /**
     * What the application asked for; it stays the same when the stream changes.
     *
     * @param group name of the group that shares the messages, empty for none
     */
    record Wish(String id, List<String> filters, String group, boolean batches, boolean retained) {
        boolean isShared() {
            return !group.isEmpty();
        }
    }

    private final Wish wish;
    private final SubscriberBuffer buffer;
    private final EventWriter writer;
    private final Backlog backlog;
    private final Meters meters;
    private final Pace pace = new Pace();
    private final long createdMs = System.currentTimeMillis();
    private long handle;
    private ServerCall call;
    private boolean started;
    /** Not null while there is no stream, and while a new one is still being prepared. */
    private Away away;
    /** What the subscriber itself set as its limit, if anything. */
    private int ownLimit = Integer.MAX_VALUE;

    /** Id of the last message that was written to a stream, empty before the first. */
    private String lastWrittenId = "";

    private long lastWrittenNs;
    private long lastWarnedNs;
    private long delivered;
    private boolean lostWhileStalled;
    private boolean awaitsFlush;

    Subscription(Wish wish, SubscriberBuffer buffer, EventWriter writer, Meters meters) {
        this.wish = wish;
        this.buffer = buffer;
        this.writer = writer;
        this.meters = meters;
        this.backlog = new Backlog(meters);
        // While the router is asked what was missed, its answer may bring what does not fit here.
        buffer.offerLostTo(message -> {
            if (away != null && message.handed() == null) {
                away.note(message.topic(), message.sequence());
                return true;
            }
            return false;
        });
    }

    /** Takes a stream and a handle; nothing is written before {@link #start}. */
    void attach(ServerCall newCall, long newHandle, long nowNs) {
        call = newCall;
        handle = newHandle;
        started = false;
        lastWrittenNs = nowNs;
        lastWarnedNs = nowNs - WARN_EVERY_NS;
    }

    /** Writes the first event; from now on what waits flows. */
    void start(MessageEvent info, long nowNs) {
        started = true;
        returned();
        call.write(GrpcFrames.frame(info));
        lastWrittenNs = nowNs;
    }

    /** It has a stream, but is not started before the router was asked what it missed. */
    void missFromNow() {
        away = new Away(false, Long.MAX_VALUE);
    }

    /** What it missed is settled. */
    void returned() {
        away = null;
    }

    /**
     * The stream is no more: from now on notes what it misses, beginning with what was waiting.
     *
     * @return what others of its group are to get instead
     */
    List<Handed> leave(Away newAway) {
        call = null;
        started = false;
        away = newAway;
        backlog.missedBy(newAway);
        List<Handed> handedOver = new ArrayList<>();
        for (EncodedMessage message : buffer.drain()) {
            if (message.handed() != null) {
                handedOver.add(message.handed());
            } else {
                newAway.note(message.topic(), message.sequence());
            }
        }
        pace.release();
        return handedOver;
    }

    /** Takes a message for this subscriber; {@link #flush} writes it. */
    SubscriberBuffer.Offered offer(
            EncodedMessage message, Settings.Delivery settings, long expiresNs, Consumer<Boolean> ticket, long nowNs) {
        if (away != null && call == null) {
            away.note(message.topic(), message.sequence());
            return SubscriberBuffer.Offered.QUEUED;
        }
        long droppedBefore = buffer.dropped();
        long blockUntilNs = nowNs + settings.blockTimeoutMs() * 1_000_000L;
        SubscriberBuffer.Offered offered =
                buffer.offer(message, settings.backpressurePolicy(), expiresNs, blockUntilNs, ticket, nowNs);
        countDropped(droppedBefore);
        return offered;
    }

    /** Tells whether whoever sends should wait a moment, because this subscriber is behind but keeps up. */
    boolean wantsRelief(long nowNs) {
        return call != null && pace.wantsRelief(buffer.isHalfFull(), nowNs);
    }

    /** Has the action run when less than half of the queue is full, or the wait has lasted long enough. */
    void whenRelieved(Runnable action) {
        pace.whenRelieved(action);
    }

    /** Runs what waits for relief if that has come or was waited for long enough; tells whether any still waits. */
    boolean relieve(long nowNs) {
        return pace.update(buffer.isHalfFull(), nowNs);
    }

    /** Notes whether it is to be flushed at the end of the turn; returns what was noted before. */
    boolean awaitsFlush(boolean now) {
        boolean before = awaitsFlush;
        awaitsFlush = now;
        return before;
    }

    /** Writes what is ready as long as the stream takes it. */
    void flush(long nowNs) {
        // A write may find the stream closed; when it returns, the subscription has left it.
        ServerCall stream = call;
        if (!started || stream.isOver()) {
            return;
        }
        while (!backlog.isEmpty() && stream.writable()) {
            Buffer frames = backlog.next(WRITE_BYTES, nowNs);
            if (frames.length() > 0) {
                stream.write(frames);
                lastWrittenNs = nowNs;
                lastWrittenId = backlog.lastWrittenId().orElse(lastWrittenId);
            }
        }
        long expiredBefore = buffer.expired();
        List<EncodedMessage> ready = new ArrayList<>();
        while (backlog.isEmpty() && stream.writable()) {
            warnIfDue(nowNs);
            takeReady(ready, nowNs);
            if (ready.isEmpty()) {
                break;
            }
            write(stream, ready);
            lastWrittenNs = nowNs;
            countDelivered(ready);
            ready.clear();
        }
        meters.dropped(Meters.Dropped.EXPIRED, buffer.expired() - expiredBefore);
        relieve(nowNs);
    }

    /** Writes the messages; one that is large itself does not make a batch with others larger than clients read. */
    private void write(ServerCall stream, List<EncodedMessage> ready) {
        int last = ready.size() - 1;
        if (wish.batches() && last > 0 && ready.get(last).frameBytes() > WRITE_BYTES) {
            stream.write(writer.write(ready.subList(0, last), true));
            stream.write(writer.write(ready.subList(last, last + 1), true));
        } else {
            stream.write(writer.write(ready, wish.batches()));
        }
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

    /**
     * Gives up for good what waits and what was missed.
     *
     * @return what others of its group are to get instead
     */
    List<Handed> discard() {
        long lost = backlog.clear() + (away == null ? 0 : away.missed());
        List<Handed> handedOver = new ArrayList<>();
        for (EncodedMessage message : buffer.drain()) {
            if (message.handed() != null) {
                handedOver.add(message.handed());
            } else {
                lost++;
            }
        }
        meters.dropped(Meters.Dropped.DISCONNECTED, lost);
        away = null;
        pace.release();
        return handedOver;
    }

    /** Keeps the buffer at the subscriber's own limit where the daemon's is higher; 0 for none. */
    void capAt(int messages) {
        ownLimit = messages == 0 ? Integer.MAX_VALUE : messages;
    }

    /** Changes the limits of the buffer. */
    void setLimits(int messages, long bytes) {
        long droppedBefore = buffer.dropped();
        buffer.setLimits(Math.min(ownLimit, messages), bytes);
        countDropped(droppedBefore);
    }

    Wish wish() {
        return wish;
    }

    String id() {
        return wish.id();
    }

    long handle() {
        return handle;
    }

    /** Returns the stream, null while there is none. */
    ServerCall call() {
        return call;
    }

    /** Returns what it misses, null while it has a stream that flows. */
    Away away() {
        return away;
    }

    /** Returns the id of the last message that was written to one of its streams, empty when there was none. */
    String lastWrittenId() {
        return lastWrittenId;
    }

    SubscriberBuffer buffer() {
        return buffer;
    }

    Backlog backlog() {
        return backlog;
    }

    /** Returns how many messages wait for the stream. */
    int queued() {
        return buffer.size() + backlog.size();
    }

    /** Returns it as people may see it. */
    Client view() {
        return new Client(
                handle,
                wish.id(),
                wish.filters(),
                wish.group(),
                call != null ? ClientState.STREAMING : away.paused() ? ClientState.PAUSED : ClientState.AWAY,
                call == null ? "" : ConnectTo.text(call.connection().remoteAddress()),
                createdMs,
                queued(),
                buffer.limit(),
                delivered,
                buffer.dropped(),
                buffer.expired(),
                away == null ? 0 : away.missed(),
                wish.batches(),
                wish.retained());
    }

    private void takeReady(List<EncodedMessage> ready, long nowNs) {
        int bytes = 0;
        while (bytes < WRITE_BYTES) {
            EncodedMessage message = buffer.poll(nowNs);
            if (message == null) {
                return;
            }
            ready.add(message);
            bytes += message.frameBytes();
        }
    }

    private void countDropped(long before) {
        long count = buffer.dropped() - before;
        if (count > 0) {
            meters.dropped(Meters.Dropped.QUEUE_FULL, count);
            lostWhileStalled |= call == null || !call.writable();
        }
    }

    private void countDelivered(List<EncodedMessage> written) {
        long remote = 0;
        for (EncodedMessage message : written) {
            remote += message.fromPeer() ? 1 : 0;
            if (message.span() != null) {
                message.span().end();
            }
        }
        delivered += written.size();
        lastWrittenId = written.get(written.size() - 1).messageId();
        // The first waited longest. One sample a write keeps the cost off the single message.
        EncodedMessage oldest = written.get(0);
        meters.latency(oldest.fromPeer(), oldest.envelope().ageNs(System.nanoTime()));
        meters.delivered(Meters.Delivered.REMOTE, remote);
        meters.delivered(Meters.Delivered.LOCAL, written.size() - remote);
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
