package io.nexusd.fakenet;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One direction of a connection: what is on its way, and how much of that and of what the receiver has not read yet there may be,
 * as with the buffers of sockets. Each method is for the event loop of one side.
 */
final class Pipe {
    /** What the sender sends last. */
    static final ByteBuf END = Unpooled.unreleasableBuffer(Unpooled.buffer(0, 0));

    /** About as much as the buffers of a pair of sockets hold. */
    static final int CAPACITY_BYTES = 256 * 1024;

    private final FakeChannel sender;
    private final FakeChannel receiver;
    private final Queue<ByteBuf> onTheWay = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unreadBytes = new AtomicInteger();
    private final AtomicBoolean senderWaits = new AtomicBoolean();

    Pipe(FakeChannel sender, FakeChannel receiver) {
        this.sender = sender;
        this.receiver = receiver;
    }

    /** Returns how much the sender may send now. If that is nothing, it is told when there is room again. */
    int room() {
        if (CAPACITY_BYTES - unreadBytes.get() <= 0) {
            senderWaits.set(true);
        }
        return Math.max(0, CAPACITY_BYTES - unreadBytes.get());
    }

    /** Sends some bytes, or the end. */
    void send(ByteBuf chunk) {
        unreadBytes.addAndGet(chunk.readableBytes());
        onTheWay.add(chunk);
        // Whichever arrival this is, it is that of the first thing on the way.
        sender.network()
                .carry(sender.host(), receiver.host(), receiver.eventLoop(), () -> receiver.arrive(onTheWay.poll()));
    }

    /** The receiver has read so much. */
    void read(int bytes) {
        if (unreadBytes.addAndGet(-bytes) <= CAPACITY_BYTES / 2 && senderWaits.compareAndSet(true, false)) {
            toSender(sender::onRoom);
        }
    }

    /** The receiver is gone and has not read everything. */
    void reset() {
        toSender(sender::onReset);
    }

    private void toSender(Runnable action) {
        sender.network().carry(receiver.host(), sender.host(), sender.eventLoop(), action);
    }
}
