package io.nexusd.routing;

import java.util.HashSet;
import java.util.Set;
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

/** How long it takes to find who wants a topic, and to add and remove a filter, while the trie grows. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgs = "-Xmx2g")
public class TopicTrieBenchmark {
    /** Topics asked for in turn; a power of two. */
    private static final int ASKED = 1024;

    @Param({"10", "1000", "100000", "1000000"})
    public int filters;

    private TopicTrie<Integer> trie;
    private String[] topics;
    private int next;

    /** Sites with sensors: nine filters of ten name one sensor, every tenth has a wildcard. */
    @Setup
    public void fill() {
        trie = new TopicTrie<>();
        for (int i = 0; i < filters; i++) {
            trie.add(filter(i), i);
        }
        topics = new String[ASKED];
        for (int i = 0; i < ASKED; i++) {
            topics[i] = sensor((int) ((long) i * filters / ASKED));
        }
    }

    /** Looks one topic up. */
    @Benchmark
    public Set<Integer> match() {
        Set<Integer> matched = new HashSet<>();
        trie.match(topics[next++ & ASKED - 1], matched);
        return matched;
    }

    /** Adds a filter and removes it again. */
    @Benchmark
    public boolean addAndRemove() {
        String filter = topics[next++ & ASKED - 1] + "/extra";
        trie.add(filter, -1);
        return trie.remove(filter, -1);
    }

    private static String filter(int i) {
        if (i % 10 != 9) {
            return sensor(i);
        }
        return i % 20 == 9
                ? "site" + i / 1000 + "/line" + i / 10 % 100 + "/#"
                : "site" + i / 1000 + "/+/sensor" + i % 10;
    }

    private static String sensor(int i) {
        return "site" + i / 1000 + "/line" + i / 10 % 100 + "/sensor" + i % 10;
    }
}
