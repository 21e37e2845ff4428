package io.nexusd.dialer;

import com.google.protobuf.ByteString;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Links;
import io.nexusd.bus.Links.BeatReceived;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Meters.Dropped;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
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

    private final NodeId id;
    private final Bus bus;
    private final Meters meters;
    private final Outbox outbox;
    private final Consumer<String> onBroken;
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
        settled(outbox.relink(newLink.lastTaken()), 0);
        newLink.listen(this);
        pump();
    }

    Link link() {
        return link;
    }

    /** Takes a message for the peer; {@link #pump()} sends it. */
    void offer(Envelope envelope, ByteString encoded) {
        if (outbox.offer(new Outbox.Entry(envelope, encoded))) {
            return;
        }
        meters.dropped(Dropped.LINK_OVERFLOW, 1);
        overflowed++;
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

    /** Sends what waits while the link takes it. */
    void pump() {
        if (link == null) {
            return;
        }
        long nowMs = System.currentTimeMillis();
        while (link.writable()) {
            Outbox.Batch batch = outbox.nextBatch(nowMs);
            if (batch == null) {
                break;
            }
            link.send(batch);
        }
        link.flush();
        countExpired();
    }

    /** Returns how many messages wait or are not acknowledged. */
    int waiting() {
        return outbox.size();
    }

    long nextSequence() {
        return outbox.nextSequence();
    }

    /** The member is gone: closes the link and counts what still waited as dropped. */
    void close() {
        countExpired();
        if (outbox.size() > 0) {
            meters.dropped(Dropped.PEER_DOWN, outbox.size());
            LOG.warn(
                    "messages for a peer that is gone are dropped peer={} name={} messages={}",
                    id,
                    name,
                    outbox.size());
        }
        detach();
    }

    /** Closes the link, if any; what waits goes on waiting. */
    void detach() {
        if (link != null) {
            Link old = link;
            link = null;
            old.close();
        }
    }

    @Override
    public void onAcknowledged(long throughSequence, int refused) {
        settled(outbox.acknowledge(throughSequence), refused);
        long nowNs = System.nanoTime();
        if (nowNs - heardToldNs >= TELL_HEARD_EVERY_NS) {
            heardToldNs = nowNs;
            bus.publish(Links.PEER_HEARD, new Links.PeerHeard(id));
        }
        pump();
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
        onBroken.accept(reason);
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
        long expired = outbox.takeExpired();
        if (expired > 0) {
            meters.dropped(Dropped.EXPIRED, expired);
        }
    }
}
