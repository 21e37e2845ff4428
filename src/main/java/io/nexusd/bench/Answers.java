package io.nexusd.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.nexusd.proto.sidecar.PublishBatchResponse;
import io.nexusd.proto.sidecar.PublishResponse;

/** Reads the answers of one publisher. */
final class Answers {
    private final Plan plan;
    private final Fields batch = new Fields();
    private final Fields response = new Fields();
    private long accepted;
    private long rejected;
    private String firstRejection = "";

    Answers(Plan plan) {
        this.plan = plan;
    }

    /** Takes one PublishResponse, or in mode batch one PublishBatchResponse; returns how many messages it answers. */
    int take(ByteString bytes) {
        if (plan.codec() == Plan.Codec.PROTOBUF) {
            return takeGenerated(bytes);
        }
        if (plan.mode() != Plan.Mode.BATCH) {
            takeOne(bytes, 0, bytes.size());
            return 1;
        }
        int count = 0;
        batch.over(bytes, 0, bytes.size());
        while (batch.next()) {
            if (batch.number() == PublishBatchResponse.RESPONSES_FIELD_NUMBER) {
                takeOne(bytes, batch.start(), batch.end());
                count++;
            }
        }
        return count;
    }

    long accepted() {
        return accepted;
    }

    long rejected() {
        return rejected;
    }

    /** Returns what the daemon said of the first message it did not take; empty when it took all. */
    String firstRejection() {
        return firstRejection;
    }

    void reset() {
        accepted = 0;
        rejected = 0;
    }

    private void takeOne(ByteString bytes, int start, int end) {
        response.over(bytes, start, end);
        while (response.next()) {
            if (response.number() == PublishResponse.SUCCESS_FIELD_NUMBER && response.value() == 1) {
                accepted++;
                return;
            }
        }
        takeGenerated(parsed(bytes.substring(start, end)));
    }

    private int takeGenerated(ByteString bytes) {
        if (plan.mode() != Plan.Mode.BATCH) {
            takeGenerated(parsed(bytes));
            return 1;
        }
        try {
            PublishBatchResponse parsed = PublishBatchResponse.parseFrom(bytes);
            parsed.getResponsesList().forEach(this::takeGenerated);
            return parsed.getResponsesCount();
        } catch (InvalidProtocolBufferException e) {
            throw unreadable(e);
        }
    }

    private void takeGenerated(PublishResponse parsed) {
        if (parsed.getSuccess()) {
            accepted++;
            return;
        }
        rejected++;
        if (firstRejection.isEmpty()) {
            firstRejection = parsed.getErrorMessage();
        }
    }

    private static PublishResponse parsed(ByteString bytes) {
        try {
            return PublishResponse.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw unreadable(e);
        }
    }

    private static IllegalArgumentException unreadable(InvalidProtocolBufferException e) {
        return new IllegalArgumentException("the daemon sent an answer that cannot be read: " + e.getMessage(), e);
    }
}
