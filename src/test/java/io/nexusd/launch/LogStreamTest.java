package io.nexusd.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LogStreamTest {
    private static final int MAX_BYTES = 4096;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long PATIENCE_MS = PATIENCE.toMillis();

    /** A pipe: takes nothing while its reader does not read, and fails where told. */
    private static final class Pipe extends OutputStream {
        final ByteArrayOutputStream read = new ByteArrayOutputStream();
        final CountDownLatch writing = new CountDownLatch(1);
        volatile CountDownLatch reading;
        volatile boolean full;

        Pipe(int latches) {
            reading = new CountDownLatch(latches);
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            writing.countDown();
            try {
                reading.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            if (full) {
                throw new IOException("No space left on device");
            }
            synchronized (read) {
                read.write(bytes, from, length);
            }
        }

        List<String> lines() {
            synchronized (read) {
                return read.toString(StandardCharsets.UTF_8).lines().toList();
            }
        }
    }

    private final List<Long> reports = new ArrayList<>();

    private LogStream stream(Pipe pipe) {
        LogStream[] stream = {null};
        stream[0] = new LogStream(pipe, MAX_BYTES, (lines, inAll) -> {
            reports.add(lines);
            log(stream[0], "dropped " + lines + " of " + inAll);
        });
        return stream[0];
    }

    private static void log(LogStream stream, String line) {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        stream.write(bytes, 0, bytes.length);
    }

    @Test
    void shouldWriteEveryLineInOrderWhileTheReaderReads() {
        Pipe pipe = new Pipe(0);
        LogStream stream = stream(pipe);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            lines.add("line " + i);
            log(stream, lines.get(i));
            if (i % 10 == 0) {
                assertThat(stream.await(PATIENCE_MS)).isTrue();
            }
        }
        assertThat(stream.await(PATIENCE_MS)).isTrue();
        assertThat(pipe.lines()).isEqualTo(lines);
        assertThat(stream.dropped()).isZero();
    }

    @Test
    void shouldDropCountAndReportWhatNobodyReadsAndWaitForNobody() throws Exception {
        Pipe pipe = new Pipe(1);
        LogStream stream = stream(pipe);
        for (int i = 0; i < 1000; i++) {
            log(stream, "line " + i);
        }
        pipe.writing.await();
        assertThat(stream.await(1)).isFalse();
        long dropped = stream.dropped();
        assertThat(dropped).isPositive();
        pipe.reading.countDown();
        await("the report")
                .atMost(PATIENCE)
                .until(() -> pipe.lines().contains("dropped " + dropped + " of " + dropped));
        log(stream, "after");
        assertThat(stream.await(PATIENCE_MS)).isTrue();
        List<String> lines = pipe.lines();
        assertThat(lines).hasSize((int) (1000 - dropped) + 2).endsWith("after");
        for (int i = 0; i < 1000 - dropped; i++) {
            assertThat(lines.get(i)).isEqualTo("line " + i);
        }
        assertThat(reports).containsExactly(dropped);
    }

    @Test
    void shouldTakeALineThatIsLongerThanTheQueueWhenItIsEmpty() {
        Pipe pipe = new Pipe(0);
        LogStream stream = stream(pipe);
        String stack = "x".repeat(3 * MAX_BYTES);
        log(stream, stack);
        assertThat(stream.await(PATIENCE_MS)).isTrue();
        assertThat(pipe.lines()).containsExactly(stack);
    }

    @Test
    void shouldCountOnlyTheLinesThatWereLoggedWhileTheDeviceIsFull() {
        Pipe pipe = new Pipe(0);
        pipe.full = true;
        LogStream stream = stream(pipe);
        for (int i = 1; i <= 10; i++) {
            log(stream, "lost");
            assertThat(stream.await(PATIENCE_MS)).isTrue();
            assertThat(stream.dropped()).isEqualTo(i);
        }
        pipe.full = false;
        log(stream, "kept");
        await("the report").atMost(PATIENCE).until(() -> pipe.lines().contains("dropped 10 of 10"));
        assertThat(pipe.lines()).containsExactly("kept", "dropped 10 of 10");
        assertThat(reports).containsExactly(10L);
    }

    @Test
    void shouldLogAgainWhenAFullDeviceHasRoom() {
        Pipe pipe = new Pipe(0);
        pipe.full = true;
        LogStream stream = stream(pipe);
        log(stream, "lost");
        await("its count").atMost(PATIENCE).until(() -> stream.dropped() > 0);
        pipe.full = false;
        log(stream, "kept");
        assertThat(stream.await(PATIENCE_MS)).isTrue();
        assertThat(pipe.lines()).contains("kept").doesNotContain("lost");
    }
}
