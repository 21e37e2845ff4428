package io.nexusd.dialer;

import com.google.protobuf.ByteString;
import io.nexusd.model.Envelope;
import io.nexusd.wire.EncodedEnvelope;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a message costs on its way through the queue of a peer: taken, put into a batch, acknowledged. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class OutboxBenchmark {
    private static final int BURST = 128;
    private static final int LIMIT_MESSAGES = 20_000;
    private static final long LIMIT_BYTES = 64L << 20;

    /** Messages that wait for an acknowledgement all the time. */
    @Param({"0", "8192"})
    public int unacknowledged;

    private Outbox outbox;
    private Envelope envelope;
    private EncodedEnvelope encoded;
    private long sent;

    /** Brings the queue to its level. */
    @Setup
    public void fill() {
        outbox = new Outbox(LIMIT_MESSAGES, LIMIT_BYTES, 1);
        long nowNs = System.nanoTime();
        envelope = new Envelope(
                "id", "a/b", ByteString.EMPTY, "", 1, "node", false, "", 0, Map.of(), Envelope.expiry(0, nowNs));
        encoded = new EncodedEnvelope(ByteString.copyFrom(new byte[300]), new byte[0]);
        for (int i = 0; i < unacknowledged; i++) {
            outbox.offer(entry());
        }
        send(nowNs);
    }

    /** Takes a burst, sends it and gets the acknowledgement of what was sent so long ago. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public int offerSendAcknowledge() {
        for (int i = 0; i < BURST; i++) {
            if (!outbox.offer(entry())) {
                throw new IllegalStateException("the queue is full");
            }
        }
        send(System.nanoTime());
        return outbox.acknowledge(sent - unacknowledged);
    }

    private Outbox.Entry entry() {
        return new Outbox.Entry(envelope, encoded, true, List.of(), 0);
    }

    private void send(long nowNs) {
        for (Outbox.Batch batch = outbox.nextBatch(nowNs); batch != null; batch = outbox.nextBatch(nowNs)) {
            sent += batch.entries().size();
        }
    }
}
