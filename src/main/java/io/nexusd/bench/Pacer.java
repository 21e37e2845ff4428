package io.nexusd.bench;

import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * Calls publishers when their next message is due. The schedule is fixed when it starts: message k of all is due at start + k
 * intervals and belongs to publisher k mod P, whatever has become of those before it; so a stall shows in the latency of
 * everything that was due meanwhile.
 */
final class Pacer {
    /** A park oversleeps by about as much (the kernel's timer slack); the rest of the wait yields the core instead. */
    private static final long SLACK_NS = 60_000;

    private final Schedule schedule;
    private final IntConsumer onDue;
    private volatile boolean stopped;

    /** When which message is due. */
    record Schedule(long startNs, long ratePerSecond, int publishers, long durationMs) {
        /** Returns how many messages there are in all. */
        long total() {
            return ratePerSecond * durationMs / 1000;
        }

        /** Returns when the n-th message (from 0) of all publishers together is due. */
        long dueNs(long n) {
            return startNs + Math.round(n * (1e9 / ratePerSecond));
        }

        /** Returns when the n-th message of one publisher is due. */
        long dueNs(int publisher, long n) {
            return dueNs(n * publishers + publisher);
        }

        /** Returns how many messages one publisher has. */
        long totalOf(int publisher) {
            long total = total();
            return total / publishers + (publisher < total % publishers ? 1 : 0);
        }

        /** Returns how many messages of one publisher are due now or were before. */
        long dueOf(int publisher, long nowNs) {
            double passed = (nowNs - startNs) * (ratePerSecond / 1e9);
            if (passed < publisher) {
                return 0;
            }
            return Math.min(totalOf(publisher), (long) ((passed - publisher) / publishers) + 1);
        }
    }

    Pacer(Schedule schedule, IntConsumer onDue) {
        this.schedule = schedule;
        this.onDue = onDue;
    }

    /** Runs to the end of the schedule in a thread of its own. */
    Thread start() {
        Thread thread = new Thread(this::run, "bench-pacer");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    void stop() {
        stopped = true;
    }

    private void run() {
        long total = schedule.total();
        for (long k = 0; k < total && !stopped; k++) {
            waitUntil(schedule.dueNs(k));
            onDue.accept((int) (k % schedule.publishers()));
        }
    }

    private static void waitUntil(long dueNs) {
        long leftNs = dueNs - System.nanoTime();
        while (leftNs > 0) {
            if (leftNs > SLACK_NS) {
                LockSupport.parkNanos(leftNs - SLACK_NS);
            } else {
                Thread.yield();
            }
            leftNs = dueNs - System.nanoTime();
        }
    }
}
