package io.nexusd.launch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The stream that log lines go to: a queue, bounded in bytes, and one thread that writes it to the real stream in order. Whoever logs
 * never waits; a line that finds the queue full, or that cannot be written, is dropped and counted. Thread-safe.
 */
final class LogStream extends OutputStream {
    /** The backlog of a reader that is slow for a moment: some ten thousand lines. */
    static final int MAX_QUEUED_BYTES = 2 * 1024 * 1024;
    /** Memory that a line takes beside its bytes. */
    private static final int LINE_OVERHEAD_BYTES = 64;

    private static final int BATCH_BYTES = 64 * 1024;
    private static final long REPORT_INTERVAL_NS = 1_000_000_000L;

    /** Reports lines that were dropped. */
    interface DropReport {
        /**
         * Logs the number of lines dropped since the last report, on the writing thread, whose own lines are always taken.
         *
         * @param inAll since the start
         */
        void dropped(long lines, long inAll);
    }

    /** A line, or a mark in the queue that is reached when everything before it was written. */
    private record Entry(byte[] line, CountDownLatch reached) {
        int bytes() {
            return line.length + LINE_OVERHEAD_BYTES;
        }
    }

    private final OutputStream out;
    private final int maxBytes;
    private final DropReport report;
    private final BlockingQueue<Entry> queue = new LinkedBlockingQueue<>();
    private final AtomicLong queuedBytes = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final Thread writer;
    /** Of the writing thread, as are the following. */
    private long reported;

    /** The last write succeeded; a report of dropped lines that fails would be one more line to report. */
    private boolean writable = true;

    private long reportedNs = System.nanoTime() - REPORT_INTERVAL_NS;

    /** Starts the writing thread, which does not keep the process from ending. */
    LogStream(OutputStream out, int maxBytes, DropReport report) {
        this.out = out;
        this.maxBytes = maxBytes;
        this.report = report;
        writer = new Thread(this::writeAll, "log-writer");
        writer.setDaemon(true);
        writer.start();
    }

    /** Returns how many lines were dropped since the start. */
    long dropped() {
        return dropped.get();
    }

    @Override
    public void write(int one) {
        write(new byte[] {(byte) one}, 0, 1);
    }

    /** Takes one line, or what was printed in one call, as a whole or not at all. */
    @Override
    public void write(byte[] bytes, int from, int length) {
        byte[] line = new byte[length];
        System.arraycopy(bytes, from, line, 0, length);
        Entry entry = new Entry(line, null);
        long before = queuedBytes.getAndAdd(entry.bytes());
        // A line longer than the queue is taken by an empty one.
        boolean fits = before == 0 || before + entry.bytes() <= maxBytes;
        if (fits || Thread.currentThread() == writer) {
            queue.add(entry);
        } else {
            queuedBytes.addAndGet(-entry.bytes());
            dropped.incrementAndGet();
        }
    }

    /** Waits until what was taken before has been written, but not longer; tells whether it has. */
    boolean await(long withinMs) {
        CountDownLatch reached = new CountDownLatch(1);
        queue.add(new Entry(new byte[0], reached));
        try {
            return reached.await(withinMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void writeAll() {
        ByteArrayOutputStream batch = new ByteArrayOutputStream(BATCH_BYTES);
        Entry left = null;
        while (true) {
            try {
                Entry next = left != null ? left : queue.poll(REPORT_INTERVAL_NS, TimeUnit.NANOSECONDS);
                left = null;
                if (next != null) {
                    left = writeBatch(batch, next);
                }
                reportDropped(left == null && queue.isEmpty());
            } catch (InterruptedException e) {
                // Nobody ends this thread but the process.
                continue;
            }
        }
    }

    /** Writes this entry and those that follow and fit; returns the one that was reached and not written, or null. */
    private Entry writeBatch(ByteArrayOutputStream batch, Entry first) {
        batch.reset();
        long lines = 0;
        long bytes = 0;
        Entry next = first;
        while (next != null && next.reached == null && (lines == 0 || batch.size() + next.line.length <= BATCH_BYTES)) {
            batch.write(next.line, 0, next.line.length);
            lines++;
            bytes += next.bytes();
            next = queue.poll();
        }
        if (lines > 0) {
            try {
                batch.writeTo(out);
                out.flush();
                writable = true;
            } catch (IOException e) {
                // Such as a full device, which may have room again later.
                writable = false;
                dropped.addAndGet(lines);
            }
            queuedBytes.addAndGet(-bytes);
        }
        if (next != null && next.reached != null) {
            next.reached.countDown();
            return null;
        }
        return next;
    }

    /** Reports at most once a second where lines are dropped all the time, and not before something could be written again. */
    private void reportDropped(boolean idle) {
        long inAll = dropped.get();
        long nowNs = System.nanoTime();
        if (writable && inAll > reported && (idle || nowNs - reportedNs >= REPORT_INTERVAL_NS)) {
            report.dropped(inAll - reported, inAll);
            reported = inAll;
            reportedNs = nowNs;
        }
    }
}
