package io.nexusd.wire;

import com.google.protobuf.ByteString;
import io.nexusd.proto.sidecar.PublishRequest;
import io.vertx.core.buffer.Buffer;
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

/** Framing a message, and cutting a stream of frames into messages; both for one message. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class GrpcFramesBenchmark {
    private static final int MESSAGES = 64;
    /** What HTTP/2 puts into one DATA frame unless told otherwise. */
    private static final int CHUNK_BYTES = 16 * 1024;

    @Param({"16", "256", "4096"})
    public int payloadBytes;

    private PublishRequest message;
    private byte[][] chunks;

    /** Puts frames one after the other and cuts them where a frame of HTTP/2 ends. */
    @Setup
    public void fill() {
        message = PublishRequest.newBuilder()
                .setTopic("plant/site/sensor")
                .setPayload(ByteString.copyFrom(new byte[payloadBytes]))
                .build();
        Buffer all = Buffer.buffer();
        for (int i = 0; i < MESSAGES; i++) {
            all.appendBuffer(GrpcFrames.frame(message));
        }
        int count = (all.length() + CHUNK_BYTES - 1) / CHUNK_BYTES;
        chunks = new byte[count][];
        for (int i = 0; i < count; i++) {
            chunks[i] = all.getBytes(i * CHUNK_BYTES, Math.min(all.length(), (i + 1) * CHUNK_BYTES));
        }
    }

    /** Encodes and frames one message. */
    @Benchmark
    public Buffer frame() {
        return GrpcFrames.frame(message);
    }

    /** Finds the messages in a stream of frames. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public int read() {
        GrpcFrameReader reader = new GrpcFrameReader(1 << 20);
        int found = 0;
        for (byte[] chunk : chunks) {
            found += reader.read(chunk, 0, chunk.length).size();
        }
        if (found != MESSAGES) {
            throw new IllegalStateException("read " + found + " messages of " + MESSAGES);
        }
        return found;
    }
}
