package io.nexusd.bench;

import org.HdrHistogram.Histogram;

/** What one publisher has done in the present phase; written on its event loop, read by the run. */
final class Sent {
    volatile long published;
    volatile long answered;
    volatile long accepted;
    volatile long rejected;
    volatile String firstRejection = "";
    /** From when a message was meant to leave to its answer. Read only when nothing is unanswered. */
    final Histogram answerNs = Tally.newHistogram();
}
