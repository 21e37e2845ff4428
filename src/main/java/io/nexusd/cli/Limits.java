package io.nexusd.cli;

import io.nexusd.wire.CommandFailure;
import picocli.CommandLine.Option;

/** The options that say when a command which shows messages ends, and how many it may still show. */
final class Limits {
    @Option(names = "--count", paramLabel = "N", description = "End after so many messages.")
    private long count;

    @Option(names = "--timeout", paramLabel = "MS", description = "End after so long; with --count, as timed out.")
    private long timeoutMs;

    private long left;

    /** Checks the options and begins to count. */
    void begin() {
        Subcommand.atLeast("--count", count, 0);
        Subcommand.atLeast("--timeout", timeoutMs, 0);
        left = count;
    }

    /** Returns after how long to end, 0 for never. */
    long timeoutMs() {
        return timeoutMs;
    }

    /** A message was shown; tells whether it was the last one wanted. */
    boolean countShown() {
        left--;
        return count > 0 && left == 0;
    }

    /**
     * The command has ended.
     *
     * @param came what messages do, as in "did not arrive"
     * @throws CommandFailure when it was over before so many messages were there
     */
    void ended(EventStream.End end, String came) {
        if (end == EventStream.End.TIME_OVER && count > 0) {
            throw new CommandFailure(
                    CommandFailure.TIMED_OUT, Text.count(left, "more message") + " did not " + came + " in time");
        }
    }
}
