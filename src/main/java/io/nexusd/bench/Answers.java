package io.nexusd.bench;

import io.nexusd.proto.sidecar.PublishBatchResponse;
import io.nexusd.proto.sidecar.PublishResponse;
import io.nexusd.wire.FieldReader;
import io.nexusd.wire.MessageBytes;

/** Reads the answers of one publisher. */
final class Answers {
    private final Plan plan;
    private final FieldReader batch = new FieldReader();
    private final FieldReader response = new FieldReader();
    private long accepted;
    private long rejected;
    private String firstRejection = "";

    Answers(Plan plan) {
        this.plan = plan;
    }

    /** Takes one PublishResponse, or in mode batch one PublishBatchResponse; returns how many messages it answers. */
    int take(MessageBytes bytes) {
        if (plan.codec() == Plan.Codec.PROTOBUF) {
            return takeGenerated(bytes);
        }
        if (plan.mode() != Plan.Mode.BATCH) {
            takeOne(bytes.array(), bytes.from(), bytes.to());
            return 1;
        }
        int count = 0;
        batch.over(bytes.array(), bytes.from(), bytes.to());
        while (batch.next()) {
            if (batch.number() == PublishBatchResponse.RESPONSES_FIELD_NUMBER) {
                takeOne(bytes.array(), batch.start(), batch.end());
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

    private void takeOne(byte[] bytes, int start, int end) {
        response.over(bytes, start, end);
        while (response.next()) {
            if (response.number() == PublishResponse.SUCCESS_FIELD_NUMBER && response.value() == 1) {
                accepted++;
                return;
            }
        }
        takeGenerated(new MessageBytes(bytes, start, end).parsed(PublishResponse.parser()));
    }

    private int takeGenerated(MessageBytes bytes) {
        if (plan.mode() != Plan.Mode.BATCH) {
            takeGenerated(bytes.parsed(PublishResponse.parser()));
            return 1;
        }
        PublishBatchResponse parsed = bytes.parsed(PublishBatchResponse.parser());
        parsed.getResponsesList().forEach(this::takeGenerated);
        return parsed.getResponsesCount();
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
}
