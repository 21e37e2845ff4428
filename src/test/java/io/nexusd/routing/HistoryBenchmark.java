package io.nexusd.routing;

import com.google.protobuf.ByteString;
import io.nexusd.model.Envelope;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to number and keep a message of 256 bytes in the ring of its topic, when every ring is full. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HistoryBenchmark {
    private static final int MESSAGES_PER_TOPIC = 100;
    private static final long MAX_BYTES = 1L << 30;

    /** Used in turn. */
    @Param({"1", "1000"})
    public int topics;

    private History history;
    private Envelope[] messages;
    private int next;

    /** Fills the rings. */
    @Setup
    public void fill() {
        history = new History(MESSAGES_PER_TOPIC, MAX_BYTES);
        messages = new Envelope[topics];
        for (int i = 0; i < topics; i++) {
            messages[i] = new Envelope(
                    "id",
                    "sensors/" + i + "/state",
                    ByteString.copyFrom(new byte[256]),
                    "",
                    1,
                    "node",
                    false,
                    "",
                    0,
                    Map.of(),
                    Envelope.NEVER);
        }
        for (int i = 0; i < topics * MESSAGES_PER_TOPIC; i++) {
            record();
        }
    }

    /** Keeps one more, which lets the oldest of its topic go. */
    @Benchmark
    public long record() {
        next = next + 1 == topics ? 0 : next + 1;
        return history.record(messages[next]);
    }
}
