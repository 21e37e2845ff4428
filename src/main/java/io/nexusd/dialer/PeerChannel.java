package io.nexusd.dialer;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Links;
import io.nexusd.bus.Links.BeatReceived;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Meters.Dropped;
import io.nexusd.model.NodeId;
import io.nexusd.model.Pace;
import io.nexusd.model.Settings;
import io.nexusd.model.Settings.BackpressurePolicy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to one member: what waits for it, and the link it goes over while there is one. In: messages, a link, the word
 * that the member is gone. Out: batches, and every message counted as forwarded or dropped, exactly once.
 */
final class PeerChannel implements Link.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(PeerChannel.class);

    private static final long TELL_HEARD_EVERY_NS = 500_000_000L;
    /** Under overload messages are dropped by the thousand; a line for each ten seconds says it. */
    private static final long TELL_OVERFLOW_EVERY_NS = 10_000_000_000L;

    /** Messages that wait for room at most: the unanswered publishes of callers. */
    private static final int MAX_BLOCKED = 65_536;

    /** What became of an offered message. */
    enum Offered {
        QUEUED,
        /** It or an older one was dropped. */
        DROPPED,
        /** It waits for room. */
        BLOCKED
    }

    private record Blocked(Outbox.Entry entry, long untilNs, Consumer<Boolean> ticket) {}

    private final NodeId id;
    private final Bus bus;
    private final Meters meters;
    private final Outbox outbox;
    private final Consumer<String> onBroken;
    private final Pace pace = new Pace();
    /** Messages that wait for room, under the policy that lets publishers wait; of as many bytes as the queue takes at most. */
    private final Deque<Blocked> blocked = new ArrayDeque<>();

    private long blockedBytes;

    private String name;
    private Link link;
    private long overflowed;
    private long overflowToldNs = System.nanoTime() - TELL_OVERFLOW_EVERY_NS;
    private long heardToldNs = System.nanoTime();

    PeerChannel(NodeId id, String name, Bus bus, Meters meters, Outbox outbox, Consumer<String> onBroken) {
        this.id = id;
        this.name = name;
        this.bus = bus;
        this.meters = meters;
        this.outbox = outbox;
        this.onBroken = onBroken;
    }

    /** Sends over this link from now on, first what the peer has not taken yet. */
    void attach(Link newLink) {
        link = newLink;
        name = newLink.peer().name().isEmpty() ? id.value() : newLink.peer().name();
        meters.forwarded(name, 0);
        settled(outbox.relink(newLink.lastTaken()), 0);
        newLink.listen(this);
        pump();
    }

    /** Changes the limits of what waits. */
    void setLimits(Settings.Mesh mesh) {
        outbox.setLimits(mesh.outboundQueueLimit(), mesh.outboundQueueBytes());
    }

    /**
     * Takes a message for the peer; {@link #pump()} sends it. What does not fit is treated as the policy says.
     *
     * @param ticket runs when a message that is let wait for room waits no longer, with true when that cost a message
     */
    Offered offer(Outbox.Entry entry, BackpressurePolicy policy, long blockUntilNs, Consumer<Boolean> ticket) {
        if (blocked.isEmpty() && outbox.offer(entry)) {
            return Offered.QUEUED;
        }
        if (policy == BackpressurePolicy.BLOCK && mayWait(entry)) {
            blocked.add(new Blocked(entry, blockUntilNs, ticket));
            blockedBytes += entry.encoded.size();
            return Offered.BLOCKED;
        }
        if (policy == BackpressurePolicy.DROP_NEWEST) {
            overflowed(1);
            return Offered.DROPPED;
        }
        // What waits for room came earlier, so it goes in first.
        while (!blocked.isEmpty()) {
            letInByForce();
        }
        int dropped = outbox.offerAtCostOfOldest(entry);
        overflowed(dropped);
        return dropped > 0 ? Offered.DROPPED : Offered.QUEUED;
    }

    /** Tells whether whoever sends should wait a moment, because the link is behind but keeps up. */
    boolean wantsRelief(long nowNs) {
        return link != null && pace.wantsRelief(outbox.isFilling(), nowNs);
    }

    /** Has the action run when the queue is no longer filling up, or the wait has lasted long enough. */
    void whenRelieved(Runnable action) {
        pace.whenRelieved(action);
    }

    /** Looks after time; tells whether anybody waits for this channel. */
    boolean tick(long nowNs) {
        while (!blocked.isEmpty() && blocked.peek().untilNs() - nowNs <= 0) {
            letInByForce();
        }
        return pace.update(outbox.isFilling(), nowNs) | !blocked.isEmpty();
    }

    /** Drops what has expired. */
    void reap(long nowNs) {
        outbox.reap(nowNs);
        countExpired();
        admit();
    }

    /** Sends what waits while the link takes it. */
    void pump() {
        if (link == null) {
            return;
        }
        long nowNs = System.nanoTime();
        // A write may find the link broken; when it returns, there is none.
        while (link != null && link.writable()) {
            Outbox.Batch batch = outbox.nextBatch(nowNs);
            if (batch == null) {
                break;
            }
            link.send(batch);
        }
        if (link != null) {
            link.flush();
        }
        countExpired();
    }

    /** Returns how many messages wait or are not acknowledged. */
    int waiting() {
        return outbox.size() + blocked.size();
    }

    long nextSequence() {
        return outbox.nextSequence();
    }

    /** The member is gone: closes the link and gives out what still waited, in order; the caller accounts for it. */
    List<Outbox.Entry> close() {
        countExpired();
        List<Outbox.Entry> left = new ArrayList<>(outbox.takeAll());
        while (!blocked.isEmpty()) {
            Blocked first = pollBlocked();
            left.add(first.entry());
            first.ticket().accept(false);
        }
        pace.release();
        detach();
        return left;
    }

    /** Closes the link, if any; what waits goes on waiting. */
    void detach() {
        if (link != null) {
            Link old = link;
            link = null;
            old.close();
        }
    }

    String name() {
        return name;
    }

    @Override
    public void onAcknowledged(long throughSequence, int refused) {
        settled(outbox.acknowledge(throughSequence), refused);
        long nowNs = System.nanoTime();
        if (nowNs - heardToldNs >= TELL_HEARD_EVERY_NS) {
            heardToldNs = nowNs;
            bus.publish(Links.PEER_HEARD, new Links.PeerHeard(id, 0));
        }
        admit();
        pump();
        pace.update(outbox.isFilling(), nowNs);
    }

    @Override
    public void onSendAgain() {
        outbox.relink(0);
        pump();
    }

    @Override
    public void onWritable() {
        pump();
    }

    @Override
    public void onBeat(BeatReceived beat) {
        bus.publish(Links.BEAT_RECEIVED, beat);
    }

    @Override
    public void onBroken(String reason) {
        link = null;
        pace.release();
        onBroken.accept(reason);
    }

    private void admit() {
        while (!blocked.isEmpty() && outbox.offer(blocked.peek().entry())) {
            pollBlocked().ticket().accept(false);
        }
    }

    private void letInByForce() {
        Blocked first = pollBlocked();
        int dropped = outbox.offerAtCostOfOldest(first.entry());
        overflowed(dropped);
        first.ticket().accept(dropped > 0);
    }

    private boolean mayWait(Outbox.Entry entry) {
        return blocked.size() < MAX_BLOCKED
                && (blocked.isEmpty() || blockedBytes + entry.encoded.size() <= outbox.limitBytes());
    }

    private Blocked pollBlocked() {
        Blocked first = blocked.poll();
        blockedBytes -= first.entry().encoded.size();
        return first;
    }

    private void overflowed(int messages) {
        if (messages == 0) {
            return;
        }
        meters.dropped(Dropped.LINK_OVERFLOW, messages);
        overflowed += messages;
        long nowNs = System.nanoTime();
        if (nowNs - overflowToldNs >= TELL_OVERFLOW_EVERY_NS) {
            LOG.warn(
                    "outbound queue is full, messages for the peer are dropped peer={} name={} dropped={} waiting={}"
                            + " waiting_bytes={}; see mesh.outbound-queue-limit and mesh.outbound-queue-bytes",
                    id,
                    name,
                    overflowed,
                    outbox.size(),
                    outbox.bytes());
            overflowToldNs = nowNs;
            overflowed = 0;
        }
    }

    private void settled(int messages, int refused) {
        if (messages > refused) {
            meters.forwarded(name, messages - refused);
        }
        if (refused > 0) {
            meters.dropped(Dropped.PEER_DOWN, refused);
            LOG.warn("peer refused messages peer={} name={} messages={}", id, name, refused);
        }
    }

    private void countExpired() {
        meters.dropped(Dropped.EXPIRED, outbox.takeExpired());
    }
}
