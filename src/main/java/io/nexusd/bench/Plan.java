package io.nexusd.bench;

import io.nexusd.model.Endpoint;
import java.util.List;

/**
 * What one run does.
 *
 * @param ratePerSecond intended publishes of all publishers together; 0: as fast as the windows allow
 * @param callsInFlight unanswered calls of one publisher in mode unary
 * @param window messages that may be published and not yet answered and received by the slowest subscriber
 * @param batch messages in one PublishBatch at most
 * @param endToEnd the window waits for subscribers too, not for answers alone
 * @param pids processes on this machine whose use of CPU and memory is reported
 */
record Plan(
        Endpoint publishTo,
        Endpoint subscribeAt,
        Mode mode,
        Codec codec,
        String topic,
        int payloadBytes,
        int publishers,
        int subscribers,
        long ratePerSecond,
        int callsInFlight,
        int window,
        int batch,
        boolean endToEnd,
        int warmUpMs,
        int durationMs,
        int timeoutMs,
        List<Long> pids) {

    /** How messages are published, and how subscribers take them. */
    enum Mode {
        /** Publish, a call for each message; Subscribe with an event for each. */
        UNARY,
        /** PublishStream; Subscribe with an event for each message. */
        STREAM,
        /** PublishBatchStream; Subscribe with accept_batches. */
        BATCH
    }

    /** How the client makes and reads messages. */
    enum Codec {
        /** Requests are patched copies of one template; of events and answers only what is counted is looked at. */
        RAW,
        /** The generated classes make and read everything, as an application's do. */
        PROTOBUF
    }

    /** Bytes of messages on their way at most, where no window is given. */
    private static final int WINDOW_BYTES = 16 * 1024 * 1024;

    /** Below the daemon's default limit of a subscriber queue, 10000, so that a run which waits for its subscribers drops none. */
    private static final int WINDOW_MESSAGES = 8192;

    /** Bytes in one write or one batch, unless a single message has more. */
    private static final int WRITE_BYTES = 64 * 1024;

    private static final int WRITE_MESSAGES = 256;

    static int defaultWindow(int payloadBytes) {
        return Math.max(16, Math.min(WINDOW_MESSAGES, WINDOW_BYTES / payloadBytes));
    }

    /** Returns how many messages go into one write at most. */
    int messagesPerWrite() {
        int fitting = Math.max(1, WRITE_BYTES / payloadBytes);
        return switch (mode) {
            case UNARY -> 1;
            case STREAM -> Math.min(WRITE_MESSAGES, fitting);
            case BATCH -> batch == 0 ? Math.min(WRITE_MESSAGES, fitting) : batch;
        };
    }

    boolean isFlatOut() {
        return ratePerSecond == 0;
    }
}
