package io.nexusd.model;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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

/** What a change of interest costs: the hash over all filters of a node. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class Crc64Benchmark {
    @Param({"10", "1000", "100000"})
    public int filters;

    private List<String> lines;

    /** Filters of about 30 bytes. */
    @Setup
    public void fill() {
        lines = IntStream.range(0, filters)
                .mapToObj(i -> String.format("plant/site%06d/sensor%06d", i / 10, i))
                .toList();
    }

    /** Hashes all filters. */
    @Benchmark
    public long ofLines() {
        return Crc64.ofLines(lines);
    }
}
