package io.nexusd.model;

import java.util.random.RandomGenerator;

/**
 * The attempts to fetch one thing from one peer: when the next one may begin, and which outcomes are news for an operator. The
 * first retry is not delayed; the waits of later ones grow, with jitter so that many nodes do not ask one peer in step. An episode
 * lasts from the first failure to the next success. Times are monotonic milliseconds. Not thread-safe.
 */
public final class Attempts {
    private static final long FIRST_WAIT_MS = 1_000;
    private static final long MAX_WAIT_MS = 30_000;
    /** One failure is an ordinary thing: a link broke. */
    private static final int NEWS_FROM = 2;

    private final RandomGenerator random;
    /** Failures of the episode. */
    private int failures;
    /** Failures in a row that brought nothing. */
    private int fruitless;

    private long notBeforeMono = Long.MIN_VALUE;
    private boolean reported;

    public Attempts(RandomGenerator random) {
        this.random = random;
    }

    /** Tells whether another attempt may begin. */
    public boolean mayBegin(long nowMono) {
        return nowMono >= notBeforeMono;
    }

    /** Returns how many attempts of the episode have failed. */
    public int failures() {
        return failures;
    }

    /**
     * Notes that an attempt has failed.
     *
     * @param progress it brought something that is kept
     * @return how long to wait before the next one, milliseconds
     */
    public long failed(boolean progress, long nowMono) {
        failures++;
        fruitless = progress ? 1 : fruitless + 1;
        long waitMs = 0;
        if (fruitless > 1) {
            long ceilingMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS << Math.min(fruitless - 1, 16));
            waitMs = ceilingMs / 2 + random.nextLong(ceilingMs / 2 + 1);
        }
        notBeforeMono = nowMono + waitMs;
        return waitMs;
    }

    /** Tells, once in an episode, that its failures are news. */
    public boolean isNews() {
        boolean news = failures >= NEWS_FROM && !reported;
        reported |= news;
        return news;
    }

    /** Notes that an attempt has succeeded; tells whether that is news because its failures were. */
    public boolean succeeded() {
        boolean news = reported;
        failures = 0;
        fruitless = 0;
        reported = false;
        notBeforeMono = Long.MIN_VALUE;
        return news;
    }
}
